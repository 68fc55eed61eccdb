import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { RejectedToken } from '../log/entry.ts';
import type { ProvisioningSettings } from '../settings.ts';

/** Without an organization, since this is where one begins: the hash tells it. */
const verify: Statement = {
  name: 'scim-token-verify',
  text: `select t.org_id as org, t.id, t.connection_id as connection, t.hash, c.strict, c.unique_emails as "uniqueEmails",
      c.role_source as "roleSource", c.role_aliases as "roleAliases", c.role_source_set_by as "roleSourceSetBy",
      c.hold_mass_changes and (c.mass_changes_until is null or c.mass_changes_until <= $2) as "holdsMassChanges",
      c.dry_run_since is not null as "isDryRun",
      t.last_used_at is null or t.last_used_at < $2::timestamptz - interval '1 minute' as unnoted
    from scim_tokens t join connections c on c.org_id = t.org_id and c.id = t.connection_id
    where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)`,
};

/** A token that is valid, and how its connection is set up. */
export interface LiveToken extends Omit<ProvisioningSettings, 'roleSourceSetBy'> {
  readonly org: OrgId;
  readonly id: string;
  readonly connection: ConnectionId;
  readonly hash: Buffer;
  readonly strict: boolean;
  readonly roleSourceSetBy: UserId | null;
  /** Whether no use was noted in the last minute. */
  readonly unnoted: boolean;
}

/** The valid tokens with this hash: one or none. */
export function findToken(db: Executor, hash: Buffer, now: Date): Promise<LiveToken[]> {
  return db.query<LiveToken>(verify, [hash, now.toISOString()]);
}

const ended: Statement = {
  name: 'scim-token-ended',
  text: `select org_id as org, connection_id as connection,
      case when revoked_at is null then 'token_expired' else 'token_revoked' end as code
    from scim_tokens where hash = $1 and (revoked_at is not null or expires_at <= $2::timestamptz)`,
};

/** The token with this hash, if it is revoked or expired. */
export async function findEndedToken(
  db: Executor,
  hash: Buffer,
  now: Date,
): Promise<RejectedToken | undefined> {
  return (await db.query<RejectedToken>(ended, [hash, now.toISOString()]))[0];
}

const recordUse: Statement = {
  name: 'scim-token-note-use',
  text: `update scim_tokens set last_used_at = $3
    where org_id = $1 and id = $2
      and (last_used_at is null or last_used_at < $3::timestamptz - interval '1 minute')`,
};

/** Notes that a token was used, apart from the request: a read must not depend on a write. */
export function recordTokenUse(db: Database, org: OrgId, id: string, now: Date): void {
  db.queryInBackground(recordUse, [org, id, now.toISOString()]);
}

const insert: Statement = {
  name: 'scim-token-insert',
  text: `insert into scim_tokens (org_id, id, connection_id, hash, last4, issued_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

/** A token that is to be kept: as its hash, and the characters by which users tell it apart. */
export interface NewScimToken {
  readonly id: string;
  readonly connection: ConnectionId;
  readonly hash: Buffer;
  readonly last4: string;
  /** Undefined if no user of the directory issued it. */
  readonly issuedBy?: UserId;
  /** ISO 8601; undefined if it does not end by itself. */
  readonly expiresAt?: string | undefined;
}

export async function insertScimToken(
  db: Executor,
  org: OrgId,
  { id, connection, hash, last4, issuedBy, expiresAt }: NewScimToken,
  at: string,
): Promise<void> {
  await db.query(insert, [org, id, connection, hash, last4, issuedBy ?? null, at, expiresAt ?? null]);
}

/** A token as its administrators see it. Times are ISO 8601. */
export interface ScimToken {
  readonly id: string;
  readonly last4: string | null;
  readonly issuedBy: UserId | null;
  /** Null if no user of the directory issued it. */
  readonly issuer: Reference | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

const columns = `id, last4, issued_by as "issuedBy", ${referenceTo('scim_tokens.org_id', 'scim_tokens.issued_by')} as issuer,
  created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`;

const list: Statement = {
  name: 'scim-token-list',
  text: `select ${columns} from scim_tokens
    where org_id = $1 and connection_id = $2 and ($3::uuid is null or id < $3) order by id desc limit $4`,
};

/** The tokens of a connection, the newest first. */
export function listScimTokens(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<ScimToken[]> {
  return db.query<ScimToken>(list, [org, connection, page.after ?? null, page.limit]);
}

const byId: Statement = {
  name: 'scim-token-by-id',
  text: `select ${columns} from scim_tokens where org_id = $1 and connection_id = $2 and id = $3`,
};

export async function findScimToken(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: string,
): Promise<ScimToken | undefined> {
  return (await db.query<ScimToken>(byId, [org, connection, id]))[0];
}

const expire: Statement = {
  name: 'scim-token-expire',
  text: `update scim_tokens set expires_at = least(expires_at, $3::timestamptz)
    where org_id = $1 and id = $2 returning expires_at as "expiresAt"`,
};

/**
 * Lets a token end at a time, or before it if it would end earlier by itself.
 * @param at ISO 8601
 * @returns when it ends; undefined if there is no such token
 */
export async function expireScimToken(
  tx: Executor,
  org: OrgId,
  id: string,
  at: string,
): Promise<string | undefined> {
  return (await tx.query<{ expiresAt: string }>(expire, [org, id, at]))[0]?.expiresAt;
}

const revoke: Statement = {
  name: 'scim-token-revoke',
  text: `update scim_tokens set revoked_at = $4
    where org_id = $1 and connection_id = $2 and id = $3 and revoked_at is null returning id`,
};

/** @returns false if there is no such token, or it was revoked before */
export async function revokeScimToken(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(revoke, [org, connection, id, at])).length > 0;
}
