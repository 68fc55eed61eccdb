import type { Authority } from '../directory/roles/authority.ts';
import type { ScimConnection, ScimToken } from '../provisioning/queries.ts';
import { ADMINISTRATOR_OPTIONS_HELP, DATABASE_HELP } from './administrator.ts';
import {
  type Command,
  CommandError,
  parseOptions,
  parseSubject,
  parseWholeNumber,
  UsageError,
} from './command.ts';
import { EXPIRES_HELP, parseExpiry } from './expiry.ts';
import { createOutput } from './output.ts';
import {
  chooseConnection,
  connectionOption,
  presentConnection,
  presentIssued,
  presentToken,
  type ScimAdministration,
  withScimAdministration,
} from './scim/connections.ts';
import { describeAccess, describeSetup, parseProvider, providerOf } from './scim/setup.ts';
import { formatTable, formatTime, printable } from './text-table.ts';

const help = `Usage: rollcall token create [--connection <id or name>] [--expires <when>] [--for okta|entra] [options]
       rollcall token list [--connection <id or name>] [options]
       rollcall token rotate <id> [--overlap-hours <number>] [--expires <when>] [options]
       rollcall token revoke <id> [options]

create  issues another token of a SCIM connection, prints it once, and says what to paste where
list    lists the tokens of a connection, the newest first
rotate  issues a token in place of another, which keeps working for some hours
revoke  ends a token within a second

${DATABASE_HELP}

Options:
  --connection <id or name>  the SCIM connection; needed if there are several
  --expires <when>           ${EXPIRES_HELP}
  --overlap-hours <number>   how long the replaced token keeps working, 0 to 720 (default: 24)
  --for okta|entra           say what to paste for this provider only (default: the one in the connection's name)
${ADMINISTRATOR_OPTIONS_HELP}
`;

const PAGE = 200;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const tokenCommand: Command = {
  help,
  example: 'rollcall token create --connection "Acme Okta" --for okta',
  failure: 'the token was not found or no longer works, or the connection has too many.',
  run: async ([action, ...args]) => {
    if (action === 'create') return createToken(args);
    if (action === 'list') return listTokens(args);
    if (action === 'rotate') return rotateToken(args);
    if (action === 'revoke') return revokeToken(args);
    throw new UsageError('Choose a command: rollcall token create, list, rotate or revoke.');
  },
};

const issueOptions = { expires: { type: 'string' }, for: { type: 'string' }, ...connectionOption } as const;

function createToken(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, issueOptions);
  const expiresAt = parseExpiry(given.expires, new Date());
  const provider = parseProvider(given.for);
  return withScimAdministration(given, async (scim, { by, organization, publicUrl }) => {
    const baseUrl = `${publicUrl}/scim/v2`;
    const { id } = await chooseConnection(scim, by, given.connection);
    const token = presentIssued(await scim.issue(by, id, expiresAt));
    const connection = presentConnection(await scim.get(by, id));
    createOutput(given.json).finish({ organization, connection, baseUrl, token }, () =>
      [
        `Token of SCIM connection "${printable(connection.name)}" (${organization.name})`,
        '',
        ...describeAccess(baseUrl, token.token, formatTime(token.expiresAt)),
        ...describeSetup(baseUrl, providerOf(provider, connection.name)),
      ]
        .join('\n')
        .trimEnd(),
    );
    return 0;
  });
}

function listTokens(args: readonly string[]): Promise<number> {
  const given = parseOptions(args, connectionOption);
  return withScimAdministration(given, async (scim, { by, now }) => {
    const tokens = await tokensOf(scim, by, await chooseConnection(scim, by, given.connection));
    createOutput(given.json).finish(tokens.map(presentToken), () =>
      tokens.length === 0
        ? 'No SCIM tokens found.'
        : formatTable(
            HEADER,
            tokens.map((token) => describeToken(token, now())),
          ),
    );
    return 0;
  });
}

async function tokensOf(
  scim: ScimAdministration,
  by: Authority,
  { id }: ScimConnection,
): Promise<ScimToken[]> {
  const tokens: ScimToken[] = [];
  for (let after: string | undefined; ; after = tokens.at(-1)?.id) {
    const page = await scim.tokens(by, id, { after, limit: PAGE });
    tokens.push(...page);
    if (page.length < PAGE) return tokens;
  }
}

const HEADER = ['id', 'ends with', 'state', 'created', 'last used', 'expires'];

const describeToken = (token: ScimToken, now: Date): string[] => [
  token.id,
  token.last4 ?? '-',
  stateOf(token, now),
  formatTime(token.createdAt),
  formatTime(token.lastUsedAt),
  formatTime(token.expiresAt),
];

function stateOf({ revokedAt, expiresAt }: ScimToken, now: Date): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && new Date(expiresAt) <= now ? 'expired' : 'active';
}

const rotateOptions = {
  'overlap-hours': { type: 'string', default: '24' },
  ...issueOptions,
} as const;

function rotateToken(args: readonly string[]): Promise<number> {
  const { subject, given } = parseSubject(args, rotateOptions, 'Name the token: rollcall token rotate <id>.');
  const id = parseId(subject);
  const overlapHours = parseWholeNumber(given['overlap-hours'], '--overlap-hours', 0, 720);
  const expiresAt = parseExpiry(given.expires, new Date());
  const provider = parseProvider(given.for);
  return withScimAdministration(given, async (scim, { by, organization, publicUrl }) => {
    const baseUrl = `${publicUrl}/scim/v2`;
    const owner = await findConnectionOf(scim, by, id, given.connection);
    const rotated = await scim.rotate(by, owner.id, id, { overlapHours, expiresAt });
    const { previousUntil } = rotated;
    const token = presentIssued(rotated);
    const connection = presentConnection(await scim.get(by, owner.id));
    createOutput(given.json).finish({ organization, connection, baseUrl, token, previousUntil }, () =>
      [
        `New token of SCIM connection "${printable(connection.name)}" (${organization.name})`,
        '',
        ...describeAccess(baseUrl, token.token, formatTime(token.expiresAt)),
        `The replaced token works until ${formatTime(previousUntil)}.`,
        '',
        ...describeSetup(baseUrl, providerOf(provider, connection.name)),
      ]
        .join('\n')
        .trimEnd(),
    );
    return 0;
  });
}

function revokeToken(args: readonly string[]): Promise<number> {
  const missing = 'Name the token: rollcall token revoke <id>.';
  const { subject, given } = parseSubject(args, connectionOption, missing);
  const id = parseId(subject);
  return withScimAdministration(given, async (scim, { by }) => {
    const connection = await findConnectionOf(scim, by, id, given.connection);
    await scim.revoke(by, connection.id, id);
    createOutput(given.json).finish(
      { revoked: id },
      () => `The token of "${printable(connection.name)}" is revoked.`,
    );
    return 0;
  });
}

/** The connection that a token belongs to, so that its id is enough. @throws CommandError */
async function findConnectionOf(
  scim: ScimAdministration,
  by: Authority,
  id: string,
  wanted: string | undefined,
): Promise<ScimConnection> {
  if (wanted !== undefined) return chooseConnection(scim, by, wanted);
  for (const connection of await scim.list(by)) {
    if ((await tokensOf(scim, by, connection)).some((token) => token.id === id)) return connection;
  }
  throw new CommandError(`SCIM token not found: ${id}.`, 'not_found');
}

function parseId(text: string): string {
  if (!ID.test(text)) throw new UsageError('A token is named by its id: see rollcall token list.');
  return text.toLowerCase();
}
