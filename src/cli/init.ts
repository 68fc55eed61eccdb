import { z } from 'zod';
import {
  createFirstOrganization,
  createOrganization,
  FIRST_OWNER_NAME,
  type NewOrganization,
  type OrganizationIntent,
} from '../directory/organizations/create.ts';
import { ensurePartitions } from '../maintenance/partitions.ts';
import { openDatabase } from '../platform/db/database.ts';
import { migrate } from '../platform/db/migrate.ts';
import { uuidv7 } from '../platform/ids.ts';
import { checkPassword } from '../sign-in/passwords.ts';
import { type Command, CommandError, parseOptions, readConfig, serverUrl, UsageError } from './command.ts';
import { withDatabase } from './database.ts';
import { createOutput, jsonOption } from './output.ts';
import { readSecretLines } from './secret-lines.ts';
import { alignRows } from './text-table.ts';

const help = `Usage: rollcall init --org <name> --owner-email <address> [options]

Creates an organization with its owner and its first SCIM connection. Secrets that you do not give are generated and
printed once. An empty database gets its schema first.

The database is the one of DATABASE_URL, else the embedded one in DATA_DIR, whether the server is running or not.

Options:
  --org <name>             the organization's name
  --owner-email <address>  the address that the owner signs in with
  --owner-name <name>      the owner's name (default: ${FIRST_OWNER_NAME})
  --owner-password-stdin   read the owner's password from standard input (one line)
  --scim-token-stdin       read the connection's token from standard input (one line, at least 32 characters);
                           with both, the password comes first
  --another                create it even if the database has an organization already
  --json                   print the result as one JSON value
  -h, --help               print this help
`;

const options = {
  org: { type: 'string' },
  'owner-email': { type: 'string' },
  'owner-name': { type: 'string', default: FIRST_OWNER_NAME },
  'owner-password-stdin': { type: 'boolean', default: false },
  'scim-token-stdin': { type: 'boolean', default: false },
  another: { type: 'boolean', default: false },
  ...jsonOption,
} as const;

const intentShape = z.object({
  name: z
    .string({ error: 'Name the organization with --org.' })
    .trim()
    .min(1, '--org must not be empty.')
    .max(200, '--org must have 200 characters or fewer.'),
  ownerEmail: z.email({
    error: ({ input }) =>
      input === undefined
        ? "Give the owner's address with --owner-email."
        : '--owner-email must be an e-mail address.',
  }),
  ownerName: z
    .string()
    .trim()
    .min(1, '--owner-name must not be empty.')
    .max(200, '--owner-name must have 200 characters or fewer.'),
  ownerPassword: z.string().optional(),
  scimToken: z
    .string()
    .min(32, 'The token on standard input must have at least 32 characters.')
    .regex(/^[\x21-\x7e]*$/, 'The token on standard input must have no blanks and only ASCII characters.')
    .optional(),
});

export const initCommand: Command = {
  help,
  example: 'rollcall init --org "Acme" --owner-email owner@acme.example',
  failure: 'the database has an organization already, or the password is too weak.',
  run: async (args) => {
    const given = parseOptions(args, options);
    const secrets = await readSecretLines(
      Number(given['owner-password-stdin']) + Number(given['scim-token-stdin']),
    );
    const parsed = intentShape.safeParse({
      name: given.org,
      ownerEmail: given['owner-email'],
      ownerName: given['owner-name'],
      ownerPassword: given['owner-password-stdin'] ? secrets.shift() : undefined,
      scimToken: given['scim-token-stdin'] ? secrets.shift() : undefined,
    });
    if (!parsed.success) throw new UsageError(parsed.error.issues.map(({ message }) => message).join('\n'));
    const { name, ownerEmail, ownerName, ownerPassword, scimToken } = parsed.data;
    if (ownerPassword !== undefined) checkPassword(ownerPassword, ownerEmail);
    const config = readConfig();
    const made = await withDatabase(config, (url) =>
      make(url, given.another, {
        name,
        ownerEmail,
        ownerName,
        ownerPassword,
        scimToken,
        connectionName: 'First SCIM connection',
        strict: false,
      }),
    );
    const url = serverUrl(config);
    createOutput(given.json).finish(present(made, url), () => describe(made, url));
    return 0;
  },
};

async function make(url: string, another: boolean, intent: OrganizationIntent): Promise<NewOrganization> {
  await migrate(url);
  const db = openDatabase({ url, connections: 8 });
  try {
    await ensurePartitions(db, new Date());
    const create = another ? createOrganization : createFirstOrganization;
    const made = await create(
      { db, now: () => new Date() },
      { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: uuidv7() },
      intent,
    );
    if (made !== undefined) return made;
    throw new CommandError(
      'This database has an organization already; nothing was created. Add --another to create one more.',
    );
  } finally {
    await db.close();
  }
}

/** Secrets that were given are null: the operator has them. */
const present = (
  { org, name, ownerEmail, ownerName, madeUpPassword, connection, madeUpToken }: NewOrganization,
  url: string,
) => ({
  organization: { id: org, name },
  owner: { email: ownerEmail, name: ownerName ?? null, password: madeUpPassword ?? null },
  connection: { id: connection, baseUrl: `${url}/scim/v2`, token: madeUpToken ?? null },
});

function describe(
  { name, ownerEmail, ownerName, madeUpPassword, madeUpToken }: NewOrganization,
  url: string,
): string {
  const rows = alignRows([
    ['Organization', name],
    ['Owner', ownerName === undefined ? ownerEmail : `${ownerName} <${ownerEmail}>`],
    ['Owner password', madeUpPassword ?? 'as given'],
    ['SCIM base URL', `${url}/scim/v2`],
    ['SCIM token', madeUpToken ?? 'as given'],
  ]);
  const madeUp = madeUpPassword !== undefined || madeUpToken !== undefined;
  return [
    '',
    '  The organization has been created.',
    '',
    ...rows.map((row) => `  ${row}`),
    ...(madeUp ? ['', '  Secrets are shown once and stored only as hashes: copy them now.'] : []),
    '',
  ].join('\n');
}
