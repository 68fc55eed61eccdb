import { type CommandRunner, createCommandRunner } from '../directory/command-runner.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { listOwners } from '../directory/organizations/store/organizations.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { findAuthority } from '../directory/roles/find-authority.ts';
import type { Permission } from '../directory/roles/rules/permissions.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { findHolders } from '../imports/store/imports.ts';
import { linksOf } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { createSecretBox, type SecretKeys } from '../platform/secret-box.ts';
import { requireKnownKeys } from '../secrets/startup-check.ts';
import { CommandError, UsageError } from './command.ts';
import { type OpenDatabase, withOpenDatabase } from './database.ts';
import { chooseOrganization } from './organization.ts';
import { jsonOption } from './output.ts';
import { loadServerKeys } from './server-keys.ts';

/** The options of every command that an administrator carries out. */
export const administratorOptions = {
  org: { type: 'string' },
  as: { type: 'string' },
  ...jsonOption,
} as const;

/** Their part of `--help`. */
export const ADMINISTRATOR_OPTIONS_HELP = `  --org <id or name>  the organization; needed if there are several
  --as <e-mail>       the administrator to act as (default: the organization's only owner)
  --json              print the result as one JSON value
  -h, --help          print this help`;

/** The database's part of `--help`. */
export const DATABASE_HELP = `Run it with the server's settings. The database is the one of DATABASE_URL, else the embedded one in DATA_DIR, whether
the server is running or not.`;

/** An open database with an organization in it, and an administrator of it to act as. */
export interface AdministratorSession extends OpenDatabase {
  readonly by: Authority;
  readonly organization: { readonly id: OrgId; readonly name: string };
  /** The administrator's address. */
  readonly email: string;
  readonly runner: CommandRunner;
}

/**
 * Opens the database and acts as an administrator, with their rights and no more.
 * @param given the command's `--org` and `--as`
 * @param needs a permission for the whole organization
 * @throws UsageError if a choice is needed, CommandError, and what `withOpenDatabase` throws
 */
export function withAdministrator<Result>(
  given: { readonly org?: string | undefined; readonly as?: string | undefined },
  needs: Permission,
  context: (session: AdministratorSession) => Promise<Result>,
): Promise<Result> {
  return withOpenDatabase(async (open) => {
    const { db, now } = open;
    const organization = await chooseOrganization(db, given.org);
    const user = await chooseAdministrator(db, organization, given.as);
    const actor = { type: 'user', id: user.id, via: 'cli' } as const;
    const principal = { user: user.id, origin: { actor, requestId: uuidv7() }, scopes: null };
    const by = await findAuthority(db, organization.id, principal, needs, now().toISOString());
    if (by === undefined) {
      throw new CommandError(
        `${user.email} is not an active administrator of ${organization.name}.`,
        'forbidden',
      );
    }
    return context({
      ...open,
      // An administrator at the server's own command line needs no further proof.
      by: { ...by, provedAt: now().toISOString() },
      organization,
      email: user.email,
      runner: createCommandRunner({ db, now }),
    });
  });
}

async function chooseAdministrator(
  db: Database,
  { id: org, name }: AdministratorSession['organization'],
  email: string | undefined,
): Promise<{ readonly id: UserId; readonly email: string }> {
  if (email !== undefined) return { id: await findUserByEmail(db, org, email), email };
  const owners = await listOwners(db, org);
  const [only] = owners;
  if (only !== undefined && owners.length === 1) return only;
  const listed = owners.map((owner) => `\n  ${owner.email}`).join('');
  throw new UsageError(
    owners.length === 0
      ? `${name} has no active owner: name an administrator to act as with --as.`
      : `${name} has several owners: name the administrator to act as with --as.${listed}`,
  );
}

/** The user with an address. @throws CommandError */
export async function findUserByEmail(db: Database, org: OrgId, email: string): Promise<UserId> {
  const key = caseKey(email.trim());
  const id = (await findHolders(db, org, [key])).get(key);
  if (id === undefined) throw new CommandError(`User not found: ${email}.`, 'not_found');
  return id;
}

/**
 * The server's keys, after a check that they are those of this database.
 * @throws CommandError if there are none here, ConfigError if they are different ones
 */
async function loadKnownKeys({ config, db }: OpenDatabase): Promise<SecretKeys> {
  const keys = await loadServerKeys(config);
  await requireKnownKeys(db, keys);
  return keys;
}

/** What the directory's commands about users need; the server's keys encrypt the mails that wait. */
export async function loadUserDependencies(session: AdministratorSession): Promise<UserDependencies> {
  const { db, now, runner, publicUrl } = session;
  const seal = createSecretBox(await loadKnownKeys(session));
  return { db, now, runner, seal, links: linksOf(publicUrl) };
}
