import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Rights } from '../../directory/roles/authority.ts';
import { displayNameOf, lockHolds } from '../../directory/store/fragments.ts';
import { type RightsRow, rightsOfUser } from '../../directory/users/store/rows.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, parameters, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { ServiceAccount } from '../service-accounts/service-account.ts';
import {
  joinOwner,
  type ServiceAccountRow,
  serviceAccountColumns,
  toServiceAccount,
} from '../service-accounts/store.ts';

/** When a user's key is valid, all of it derived. `$2` is the time. */
const live = `k.revoked_at is null and (k.expires_at is null or k.expires_at > $2::timestamptz)
    and u.status = 'active' and u.deleted_at is null and not ${lockHolds('$2')}
    and (u.keys_from is null or k.enabled_at > u.keys_from)`;

/** Without an organization, since this is where one begins: the hash tells it. */
const verify: Statement = {
  name: 'api-key-verify',
  text: `select k.org_id as org, k.id as "keyId", k.hash, k.scopes,
      k.last_used_at is null or k.last_used_at < $2::timestamptz - interval '1 minute' as unnoted,
      ${rightsOfUser.columns('$2')}
    from api_keys k join users u on u.org_id = k.org_id and u.id = k.user_id
    where k.hash = $1 and ${live}`,
};

/** What is found of a key by its hash. */
export interface FoundKey {
  readonly org: OrgId;
  readonly keyId: string;
  readonly hash: Buffer;
  readonly scopes: string[];
  /** Whether no use was noted in the last minute. */
  readonly unnoted: boolean;
}

/** The live keys of users with this hash, and their rights: one or none. @param now ISO 8601 */
export async function findApiKey(
  db: Executor,
  hash: Buffer,
  now: string,
): Promise<(FoundKey & { readonly rights: Rights })[]> {
  const rows = await db.query<FoundKey & RightsRow>(verify, [hash, now]);
  return rows.map((row) => ({ ...row, rights: rightsOfUser.toUser(row) }));
}

/** Without an organization as well. Whether the account and its owner are active is a rule, asked with their rights. */
const verifyServiceAccount: Statement = {
  name: 'service-account-key-verify',
  text: `select k.org_id as org, k.id as "keyId", k.hash, k.scopes,
      k.last_used_at is null or k.last_used_at < $2::timestamptz - interval '1 minute' as unnoted,
      ${serviceAccountColumns('$2')}
    from api_keys k join service_accounts a on a.org_id = k.org_id and a.id = k.service_account_id ${joinOwner}
    where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2::timestamptz)
      and a.deleted_at is null`,
};

/** The same of keys of service accounts. @param now ISO 8601 */
export async function findServiceAccountKey(
  db: Executor,
  hash: Buffer,
  now: string,
): Promise<(FoundKey & { readonly account: ServiceAccount })[]> {
  const rows = await db.query<FoundKey & ServiceAccountRow>(verifyServiceAccount, [hash, now]);
  return rows.map((row) => ({ ...row, account: toServiceAccount(row) }));
}

const recordUse: Statement = {
  name: 'api-key-note-use',
  text: `update api_keys set last_used_at = $3
    where org_id = $1 and id = $2
      and (last_used_at is null or last_used_at < $3::timestamptz - interval '1 minute')`,
};

/** Notes that a key was used, apart from the request: a read must not depend on a write. @param now ISO 8601 */
export function recordApiKeyUse(db: Database, org: OrgId, key: string, now: string): void {
  db.queryInBackground(recordUse, [org, key, now]);
}

const insert: Statement = {
  name: 'api-key-insert',
  text: `insert into api_keys (org_id, id, user_id, name, hash, scopes, created_at, enabled_at, expires_at,
      service_account_id)
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)`,
};

/** The holder of a key. */
export type KeyHolder = { readonly user: UserId } | { readonly serviceAccount: string };

export interface NewApiKey {
  readonly id: string;
  readonly holder: KeyHolder;
  readonly name: string;
  readonly hash: Buffer;
  readonly scopes: readonly string[];
  readonly expiresAt: string | undefined;
}

export async function insertApiKey(tx: Executor, org: OrgId, key: NewApiKey, at: string): Promise<void> {
  const { id, holder, name, hash, scopes, expiresAt } = key;
  const user = 'user' in holder ? holder.user : null;
  const account = 'user' in holder ? null : holder.serviceAccount;
  await tx.query(insert, [org, id, user, name, hash, scopes, at, expiresAt ?? null, account]);
}

/** Keys `k` with the user `u` or the service account `a` that has them. */
export const KEYS = `api_keys k left join users u on u.org_id = k.org_id and u.id = k.user_id
      left join service_accounts a on a.org_id = k.org_id and a.id = k.service_account_id`;

/** When a key was used last, or made. */
export const KEY_USED = 'coalesce(k.last_used_at, k.created_at)';

/** The state of a key of `KEYS`; `$2` is the time. */
export const KEY_STATE = `case when k.revoked_at is not null then 'revoked'
    when k.expires_at <= $2::timestamptz then 'expired'
    when a.id is not null then case when a.status = 'active' and exists (
      select from users o where o.org_id = a.org_id and o.id = a.owner_id and o.status = 'active'
        and o.deleted_at is null) then 'active' else 'disabled' end
    when ${live} then 'active' else 'disabled' end`;

const columns = `k.id, k.user_id as "user", coalesce(u.email, u.user_name) as email, ${displayNameOf('u')} as "userName",
  k.service_account_id as "serviceAccount", a.name as "serviceAccountName", k.name, k.scopes,
  k.created_at as "createdAt", k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt",
  ${KEY_STATE} as state`;

/** A key without its hash. Times are ISO 8601. */
export interface ListedApiKey {
  readonly id: string;
  /** Null for a key of a service account, as are the two that follow. */
  readonly user: UserId | null;
  readonly email: string | null;
  readonly userName: string | null;
  readonly serviceAccount: string | null;
  readonly serviceAccountName: string | null;
  readonly name: string;
  readonly scopes: string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly state: KeyState;
}

export const KEY_STATES = ['active', 'disabled', 'expired', 'revoked'] as const;
type KeyState = (typeof KEY_STATES)[number];

/** Filters of keys, all of which must hold. Times are ISO 8601. */
export interface ApiKeyFilter {
  readonly user?: UserId | undefined;
  readonly serviceAccount?: string | undefined;
  /** Any of them. */
  readonly state?: readonly KeyState[] | undefined;
  /** Neither used nor made since. */
  readonly unusedSince?: string | undefined;
  /** Whether they end at some time. */
  readonly expires?: boolean | undefined;
}

/** Keys of a user, of a service account, or all of them, the newest first. @param now ISO 8601 */
export function listApiKeys(
  db: Database,
  org: OrgId,
  { user, serviceAccount, state, unusedSince, expires, ...page }: IdPage & ApiKeyFilter,
  now: string,
): Promise<ListedApiKey[]> {
  const { values, bind } = parameters(org, now);
  const query = builder
    .select(builder.raw(columns))
    .fromRaw(KEYS)
    .whereRaw('k.org_id = $1 and (k.service_account_id is not null or u.deleted_at is null)');
  if (user !== undefined) query.where('k.user_id', user);
  if (serviceAccount !== undefined) query.where('k.service_account_id', serviceAccount);
  if (state !== undefined) query.whereRaw(`${KEY_STATE} = any(${bind(state)}::text[])`);
  if (unusedSince !== undefined) query.whereRaw(`${KEY_USED} < ?`, [unusedSince]);
  if (expires !== undefined) query.whereRaw(`k.expires_at is ${expires ? 'not ' : ''}null`);
  return runQuery<ListedApiKey>(db, values, pageById(query, 'k.id', 'desc', page));
}

const revoke: Statement = {
  name: 'api-key-revoke',
  text: `update api_keys set revoked_at = $4 where org_id = $1 and user_id = $2 and ($3::uuid is null or id = $3)
    and revoked_at is null returning id`,
};

/** Revokes one key of a user, or all, for good. @returns the ids of those that it ended */
export async function revokeApiKeys(
  tx: Executor,
  org: OrgId,
  user: UserId,
  only: string | undefined,
  at: string,
): Promise<string[]> {
  return (await tx.query<{ id: string }>(revoke, [org, user, only ?? null, at])).map(({ id }) => id);
}

const disable: Statement = {
  name: 'api-key-disable-all',
  text: `with running as (
      select k.id from api_keys k join users u on u.org_id = k.org_id and u.id = k.user_id
      where k.org_id = $1 and k.user_id = $2 and k.revoked_at is null
        and (u.keys_from is null or k.enabled_at > u.keys_from)
    ), stopped as (
      update api_keys k set enabled_at = '-infinity' from running where k.org_id = $1 and k.id = running.id
    ), marked as (
      update users set keys_from = '-infinity'
      where org_id = $1 and id = $2 and keys_from is null and exists (select from running)
    )
    select id from running`,
};

/**
 * Stops all keys of a user until they are enabled again: as if they had never been enabled. `keys_from` stays, since set-up
 * links, downloads of exports and mailed links end with it as well; it only must not be null for keys to be stopped.
 * @returns the ids of those that were running
 */
export async function disableApiKeys(tx: Executor, org: OrgId, user: UserId): Promise<string[]> {
  return (await tx.query<{ id: string }>(disable, [org, user])).map(({ id }) => id);
}

const revokeOfAccount: Statement = {
  name: 'service-account-key-revoke',
  text: `update api_keys set revoked_at = $4 where org_id = $1 and service_account_id = $2 and id = $3
    and revoked_at is null returning id`,
};

/** @returns false if the account has no such key, or it is revoked */
export async function revokeServiceAccountKey(
  tx: Executor,
  org: OrgId,
  account: string,
  key: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(revokeOfAccount, [org, account, key, at])).length > 0;
}

const countLive: Statement = {
  name: 'api-key-count',
  text: `select count(*) as keys from api_keys
    where org_id = $1 and (user_id = $3 or service_account_id = $3) and revoked_at is null
      and (expires_at is null or expires_at > $2::timestamptz)`,
};

/**
 * How many keys a user or a service account has that are neither revoked nor expired.
 * @param now ISO 8601
 */
export async function countApiKeys(db: Executor, org: OrgId, holder: string, now: string): Promise<number> {
  return (await db.query<{ keys: number }>(countLive, [org, now, holder]))[0]?.keys ?? 0;
}

const enable: Statement = {
  name: 'api-key-enable-all',
  text: `update api_keys k set enabled_at = greatest($3::timestamptz, u.keys_from + interval '1 millisecond') from users u
    where k.org_id = $1 and k.user_id = $2 and k.revoked_at is null
      and u.org_id = k.org_id and u.id = k.user_id and u.keys_from is not null and k.enabled_at <= u.keys_from
      and (not $4::boolean or u.keys_from_before is null or k.enabled_at > u.keys_from_before)
    returning k.id`,
};

/**
 * Lets the keys of a user work again that were stopped (R86).
 * @param which those that the last deactivation stopped, or those that were disabled before it, too
 * @returns their ids
 */
export async function enableApiKeys(
  tx: Executor,
  org: OrgId,
  user: UserId,
  which: 'stopped by deactivation' | 'all',
  at: string,
): Promise<string[]> {
  const values = [org, user, at, which === 'stopped by deactivation'];
  return (await tx.query<{ id: string }>(enable, values)).map(({ id }) => id);
}
