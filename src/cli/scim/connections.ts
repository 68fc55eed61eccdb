import type { Authority } from '../../directory/roles/authority.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { createScimConnectionCommands, type IssuedToken } from '../../provisioning/commands.ts';
import {
  createScimConnectionQueries,
  type ScimConnection,
  type ScimToken,
} from '../../provisioning/queries.ts';
import { type AdministratorSession, administratorOptions, withAdministrator } from '../administrator.ts';
import { CommandError, UsageError } from '../command.ts';

/** The commands and queries about SCIM connections, the same as REST's. */
export type ScimAdministration = ReturnType<typeof createScimConnectionCommands> &
  ReturnType<typeof createScimConnectionQueries>;

/** Opens the database for a command about SCIM connections. */
export function withScimAdministration<Result>(
  given: { readonly org?: string | undefined; readonly as?: string | undefined },
  work: (scim: ScimAdministration, session: AdministratorSession) => Promise<Result>,
): Promise<Result> {
  return withAdministrator(given, 'scim:manage', (session) => {
    const scim = { ...createScimConnectionCommands(session), ...createScimConnectionQueries(session) };
    return work(scim, session);
  });
}

export const connectionOption = { connection: { type: 'string' }, ...administratorOptions } as const;

/**
 * The connection that a command is about.
 * @param wanted its id or name; needed if there are several
 * @throws UsageError, which lists them; CommandError if it does not exist
 */
export async function chooseConnection(
  scim: ScimAdministration,
  by: Authority,
  wanted: string | undefined,
): Promise<ScimConnection> {
  const all = await scim.list(by);
  const listed = all.map(({ id, name }) => `\n  ${name} (${id})`).join('');
  const [only] = all;
  if (only === undefined) {
    throw new CommandError('There is no SCIM connection yet: rollcall connection create makes one.');
  }
  if (wanted === undefined) {
    if (all.length === 1) return only;
    throw new UsageError(`There are several SCIM connections: name one with --connection.${listed}`);
  }
  const found = all.filter(
    ({ id, name }) => id === wanted.toLowerCase() || caseKey(name) === caseKey(wanted.trim()),
  );
  const [match] = found;
  if (match !== undefined && found.length === 1) return match;
  throw new UsageError(
    found.length > 1
      ? `Several SCIM connections are called "${wanted}": give the id.${listed}`
      : `SCIM connection not found: ${wanted}.${listed}`,
  );
}

export const presentConnection = (row: ScimConnection) => ({
  id: row.id,
  name: row.name,
  strict: row.strict,
  signsOn: row.signsOn,
  tokens: row.tokens,
  lastUsedAt: row.lastUsedAt,
  createdAt: row.createdAt,
});

export const presentToken = (row: ScimToken) => ({
  id: row.id,
  last4: row.last4,
  issuedBy: row.issuedBy,
  createdAt: row.createdAt,
  lastUsedAt: row.lastUsedAt,
  expiresAt: row.expiresAt,
  revokedAt: row.revokedAt,
});

export const presentIssued = ({ token, kept }: IssuedToken) => ({ ...presentToken(kept), token });
