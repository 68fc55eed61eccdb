import { createApiKeyCommands, type ListedApiKey } from '../access/api-keys/commands.ts';
import { reach } from '../directory/roles/authority.ts';
import { PERMISSION_NAMES, type Permission, parsePermission } from '../directory/roles/rules/permissions.ts';
import { countOf } from '../platform/counts.ts';
import {
  ADMINISTRATOR_OPTIONS_HELP,
  administratorOptions,
  DATABASE_HELP,
  findUserByEmail,
  withAdministrator,
} from './administrator.ts';
import { type Command, parseOptions, parsePositionals, parseSubject, UsageError } from './command.ts';
import { EXPIRES_HELP, parseExpiry } from './expiry.ts';
import { createOutput } from './output.ts';
import { alignRows, formatTable, formatTime } from './text-table.ts';

const help = `Usage: rollcall key create <name> --scope <permission>... [--expires <when>] [options]
       rollcall key list [--user <e-mail>] [options]
       rollcall key revoke <id> | --all-of <e-mail> [options]

create  creates an API key of the administrator that you act as, and prints it once
list    lists the API keys of all users, or of one
revoke  revokes a key of the administrator that you act as, or every key of another user, for good

A key can do what its scopes allow and its owner may do at that moment. See docs/api.md for its use.

${DATABASE_HELP}

Options:
  --scope <permission>  such as users:read; may be repeated, or several separated by commas
  --all-scopes          every permission that the administrator has
  --expires <when>      ${EXPIRES_HELP}
  --user <e-mail>       only the keys of this user
  --all-of <e-mail>     every key of this user
${ADMINISTRATOR_OPTIONS_HELP}
`;

const PAGE = 200;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const keyCommand: Command = {
  help,
  example: 'rollcall key create "Nightly sync" --scope users:read,users:manage --expires 90d',
  failure: 'the key or user was not found, or the administrator may not do it.',
  run: async ([action, ...args]) => {
    if (action === 'create') return createKey(args);
    if (action === 'list') return listKeys(args);
    if (action === 'revoke') return revokeKeys(args);
    throw new UsageError('Choose a command: rollcall key create, list or revoke.');
  },
};

const createOptions = {
  scope: { type: 'string', multiple: true },
  'all-scopes': { type: 'boolean', default: false },
  expires: { type: 'string' },
  ...administratorOptions,
} as const;

function createKey(args: readonly string[]): Promise<number> {
  const missing = 'Name the key: rollcall key create "Nightly sync" --scope users:read.';
  const { subject, given } = parseSubject(args, createOptions, missing);
  const name = subject.trim();
  if (name.length > 200) throw new UsageError('The name must have 200 characters or fewer.');
  const expiresAt = parseExpiry(given.expires, new Date());
  const chosen = parseScopes(given.scope ?? []);
  if (given['all-scopes'] === chosen.length > 0) {
    throw new UsageError('Set what the key may do with --scope <permission> or --all-scopes.');
  }
  return withAdministrator(given, 'api_keys:manage', async (session) => {
    const { by, organization, email, publicUrl } = session;
    const scopes = given['all-scopes']
      ? PERMISSION_NAMES.filter((each) => reach(by.rights, each) !== 'none')
      : chosen;
    const made = await createApiKeyCommands(session).create(by, { name, scopes, expiresAt });
    const { id, token, createdAt } = made;
    const result = {
      organization,
      user: { id: by.rights.id, email },
      key: { id, name, token, scopes: made.scopes, createdAt, expiresAt: expiresAt ?? null },
    };
    createOutput(given.json).finish(result, () =>
      [
        `API key "${name}" of ${email} (${organization.name})`,
        '',
        ...alignRows([
          ['  Key', token],
          ['  Scopes', given['all-scopes'] ? `all ${made.scopes.length}` : made.scopes.join(', ')],
          ['  Expires', formatTime(expiresAt)],
        ]),
        '',
        'The key is shown once and stored only as a hash: copy it now. Try it:',
        `  curl -H "Authorization: Bearer ${token}" ${publicUrl}/api/v1/users`,
      ].join('\n'),
    );
    return 0;
  });
}

function parseScopes(texts: readonly string[]): Permission[] {
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim());
  return names.map((name) => {
    const permission = parsePermission(name);
    if (permission === undefined) {
      throw new UsageError(
        `Unknown permission "${name}". The permissions are:\n  ${PERMISSION_NAMES.join('\n  ')}`,
      );
    }
    return permission;
  });
}

function listKeys(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, { user: { type: 'string' }, ...administratorOptions } as const);
  return withAdministrator(given, 'api_keys:manage', async (session) => {
    const { by, db, organization } = session;
    const user =
      given.user === undefined ? undefined : await findUserByEmail(db, organization.id, given.user);
    const commands = createApiKeyCommands(session);
    const keys: ListedApiKey[] = [];
    for (let after: string | undefined; ; after = keys.at(-1)?.id) {
      const page = await commands.list(by, { user }, { after, limit: PAGE });
      keys.push(...page);
      if (page.length < PAGE) break;
    }
    createOutput(given.json).finish(keys.map(presentKey), () =>
      keys.length === 0 ? 'No API keys found.' : formatTable(HEADER, keys.map(describeKey)),
    );
    return 0;
  });
}

const HEADER = ['id', 'name', 'user', 'state', 'created', 'last used', 'expires', 'scopes'];

const describeKey = (key: ListedApiKey): string[] => [
  key.id,
  key.name,
  key.email ?? key.serviceAccountName ?? '',
  key.state,
  formatTime(key.createdAt),
  formatTime(key.lastUsedAt),
  formatTime(key.expiresAt),
  key.scopes.length > 3 ? `${key.scopes.length} permissions` : key.scopes.join(', '),
];

const presentKey = (key: ListedApiKey) => ({
  id: key.id,
  name: key.name,
  user: key.user === null ? null : { id: key.user, email: key.email },
  serviceAccount:
    key.serviceAccount === null ? null : { id: key.serviceAccount, name: key.serviceAccountName },
  scopes: key.scopes,
  state: key.state,
  createdAt: key.createdAt,
  expiresAt: key.expiresAt,
  lastUsedAt: key.lastUsedAt,
  revokedAt: key.revokedAt,
});

function revokeKeys(args: readonly string[]): Promise<number> {
  const options = { 'all-of': { type: 'string' }, ...administratorOptions } as const;
  const { words, given } = parsePositionals(args, options);
  const [id, another] = words;
  const allOf = given['all-of'];
  if (another !== undefined) throw new UsageError(`Unexpected argument "${another}": name only one key.`);
  if ((id === undefined) === (allOf === undefined)) {
    throw new UsageError('Choose what to revoke: rollcall key revoke <id>, or --all-of <e-mail>.');
  }
  if (id !== undefined && !ID.test(id)) {
    throw new UsageError('A key is named by its id: see rollcall key list.');
  }
  return withAdministrator(given, 'api_keys:manage', async (session) => {
    const { by, db, organization } = session;
    const commands = createApiKeyCommands(session);
    let revoked = 1;
    if (allOf === undefined) await commands.revokeOwn(by, (id as string).toLowerCase());
    else revoked = await commands.revokeAll(by, await findUserByEmail(db, organization.id, allOf));
    createOutput(given.json).finish({ revoked }, () => `Revoked: ${countOf(revoked, 'API key')}.`);
    return 0;
  });
}
