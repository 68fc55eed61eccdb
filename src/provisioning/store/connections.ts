import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { RoleAliases, RoleSource } from '../settings.ts';

/** A connection as its administrators see it. Times are ISO 8601. */
export interface ScimConnection {
  readonly id: ConnectionId;
  readonly name: string;
  readonly strict: boolean;
  readonly uniqueEmails: boolean;
  readonly roleSource: RoleSource;
  readonly roleAliases: RoleAliases;
  readonly roleSourceSetBy: UserId | null;
  readonly roleSourceSetter: Reference | null;
  readonly holdMassChanges: boolean;
  /** Until when an administrator allows one. */
  readonly massChangesUntil: string | null;
  /** Since when it writes nothing; null for one that provisions. ISO 8601 */
  readonly dryRunSince: string | null;
  readonly createdAt: string;
  /** Whether it signs users in as well. */
  readonly signsOn: boolean;
  /** Tokens that are neither revoked nor expired. */
  readonly tokens: number;
  readonly lastUsedAt: string | null;
}

/** `$2` is the time. */
const columns = `c.id, c.name, c.strict, c.unique_emails as "uniqueEmails", c.role_source as "roleSource",
  c.role_aliases as "roleAliases", c.role_source_set_by as "roleSourceSetBy",
  ${referenceTo('c.org_id', 'c.role_source_set_by')} as "roleSourceSetter",
  c.created_at as "createdAt", c.dry_run_since as "dryRunSince", c.hold_mass_changes as "holdMassChanges",
  case when c.mass_changes_until > $2::timestamptz then c.mass_changes_until end as "massChangesUntil",
  exists (select from sso_connections s where s.org_id = c.org_id and s.connection_id = c.id) as "signsOn",
  (select count(*) from scim_tokens t where t.org_id = c.org_id and t.connection_id = c.id
    and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2::timestamptz)) as tokens,
  (select max(t.last_used_at) from scim_tokens t where t.org_id = c.org_id and t.connection_id = c.id) as "lastUsedAt"`;

const list: Statement = {
  name: 'connection-list',
  text: `select ${columns} from connections c where c.org_id = $1 and c.scim_removed_at is null order by c.id`,
};

/** All connections of an organization, the oldest first; commands see to it that they are few. @param now ISO 8601 */
export function listConnections(db: Executor, org: OrgId, now: string): Promise<ScimConnection[]> {
  return db.query<ScimConnection>(list, [org, now]);
}

const byId: Statement = {
  name: 'connection-by-id',
  text: `select ${columns} from connections c where c.org_id = $1 and c.id = $3 and c.scim_removed_at is null`,
};

/** @param now ISO 8601 */
export async function findConnection(
  db: Executor,
  org: OrgId,
  id: ConnectionId,
  now: string,
): Promise<ScimConnection | undefined> {
  return (await db.query<ScimConnection>(byId, [org, now, id]))[0];
}

/** The fields of a connection that an administrator sets. */
export interface ConnectionInput {
  readonly name: string;
  readonly strict: boolean;
  readonly uniqueEmails: boolean;
  readonly roleSource: RoleSource;
  readonly roleAliases: RoleAliases;
  readonly holdMassChanges: boolean;
  readonly dryRun: boolean;
}

const rewrite: Statement = {
  name: 'connection-rewrite',
  text: `update connections set name = $3, strict = $4, unique_emails = $5, role_source = $6, role_aliases = $7::jsonb,
    role_source_set_by = $8, hold_mass_changes = $9,
    dry_run_since = case when $10::boolean then coalesce(dry_run_since, $11::timestamptz) end where org_id = $1 and id = $2`,
};

/** @param at ISO 8601: when a dry run begins */
export async function rewriteConnection(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  { name, strict, uniqueEmails, roleSource, roleAliases, holdMassChanges, dryRun }: ConnectionInput,
  roleSourceSetBy: UserId | undefined,
  at: string,
): Promise<void> {
  await tx.query(rewrite, [
    org,
    id,
    name,
    strict,
    uniqueEmails,
    roleSource,
    JSON.stringify(roleAliases),
    roleSourceSetBy ?? null,
    holdMassChanges,
    dryRun,
    at,
  ]);
}

const allow: Statement = {
  name: 'connection-allow-mass-change',
  text: 'update connections set mass_changes_until = $3 where org_id = $1 and id = $2',
};

/** Lets a connection that holds mass changes make one. @param until ISO 8601 */
export async function writeMassChangesAllowed(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  until: string,
): Promise<void> {
  await tx.query(allow, [org, id, until]);
}

/** A user of a connection, with what the directory sent as `roles`. */
export interface LinkedRole {
  readonly id: UserId;
  readonly role: Role;
  readonly owner: boolean;
  /** JSON of the SCIM attribute; null if the directory sent none. */
  readonly roles: string | null;
}

const linkedRoles: Statement = {
  name: 'connection-linked-roles',
  text: `select u.id, u.role, u.owner, (u.profile -> 'roles')::text as roles
    from user_links k join users u on u.org_id = k.org_id and u.id = k.user_id
    where k.org_id = $1 and k.connection_id = $2 and u.deleted_at is null and u.status <> 'inactive' limit $3`,
  long: true,
};

/** Users whom a connection provisions, in no order. Deactivated ones are left out. */
export function findLinkedRoles(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  limit: number,
): Promise<LinkedRole[]> {
  return db.query<LinkedRole>(linkedRoles, [org, connection, limit]);
}
