import type { OrgId, UserId } from '../../directory/ids.ts';
import { displayNameOf } from '../../directory/store/fragments.ts';
import { type RightsRow, rightsOfUser } from '../../directory/users/store/rows.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, parameters, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { ServiceAccount, ServiceAccountStatus } from './service-account.ts';

/** The columns of a ServiceAccount; `a` is service_accounts, `u` its owner. @param now the parameter of the time */
export const serviceAccountColumns = (
  now: string,
) => `a.id as "accountId", a.name as "accountName", a.description,
  a.role as "accountRole", a.status as "accountStatus", a.created_at as "createdAt", a.updated_at as "updatedAt", a.version,
  coalesce(u.email, u.user_name) as "ownerEmail", ${displayNameOf('u')} as "ownerName", ${rightsOfUser.columns(now)}`;

/** The owner of `a`, unless deleted. */
export const joinOwner =
  'left join users u on u.org_id = a.org_id and u.id = a.owner_id and u.deleted_at is null';

export interface ServiceAccountRow extends Omit<RightsRow, 'id'> {
  readonly accountId: string;
  readonly accountName: string;
  readonly description: string | null;
  readonly accountRole: Role;
  readonly accountStatus: ServiceAccountStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
  readonly ownerEmail: string | null;
  readonly ownerName: string | null;
  readonly id: UserId | null;
}

export function toServiceAccount(row: ServiceAccountRow): ServiceAccount {
  const { id, ownerName: name, ownerEmail: email } = row;
  const held =
    id === null ? undefined : { id, name, email: email ?? '', rights: rightsOfUser.toUser({ ...row, id }) };
  return {
    id: row.accountId,
    name: row.accountName,
    description: row.description,
    role: row.accountRole,
    status: row.accountStatus,
    owner: held,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}

const byId: Statement = {
  name: 'service-account-by-id',
  text: `select ${serviceAccountColumns('$3')} from service_accounts a ${joinOwner}
    where a.org_id = $1 and a.id = $2 and a.deleted_at is null`,
};

/** @param now ISO 8601 @returns undefined also for an account that is deleted */
export async function findServiceAccount(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<ServiceAccount | undefined> {
  const [row] = await db.query<ServiceAccountRow>(byId, [org, id, now]);
  return row === undefined ? undefined : toServiceAccount(row);
}

/** Whether an account is older than a time and none of its keys was used or made since. @param since its parameter */
export const isUnusedAccount = (since: string) => `(a.created_at < ${since}::timestamptz and not exists (
    select from api_keys k where k.org_id = a.org_id and k.service_account_id = a.id
      and coalesce(k.last_used_at, k.created_at) >= ${since}))`;

/** Filters of accounts, all of which must hold. Times are ISO 8601. */
export interface ServiceAccountFilter {
  readonly owner?: UserId | undefined;
  /** Any of them. */
  readonly status?: readonly ServiceAccountStatus[] | undefined;
  /** Older, and without use since then. */
  readonly unusedSince?: string | undefined;
}

/** Accounts of an organization, the newest first. @param now ISO 8601 */
export async function listServiceAccounts(
  db: Database,
  org: OrgId,
  { owner, status, unusedSince, ...page }: IdPage & ServiceAccountFilter,
  now: string,
): Promise<ServiceAccount[]> {
  const { values, bind } = parameters(org, now);
  const query = builder
    .select(builder.raw(serviceAccountColumns('$2')))
    .fromRaw(`service_accounts a ${joinOwner}`)
    .whereRaw('a.org_id = $1')
    .whereNull('a.deleted_at');
  if (owner !== undefined) query.where('a.owner_id', owner);
  if (status !== undefined) query.whereIn('a.status', status);
  if (unusedSince !== undefined) query.whereRaw(isUnusedAccount(bind(unusedSince)));
  const rows = await runQuery<ServiceAccountRow>(db, values, pageById(query, 'a.id', 'desc', page));
  return rows.map(toServiceAccount);
}

const insert: Statement = {
  name: 'service-account-insert',
  text: `insert into service_accounts (org_id, id, name, description, role, status, owner_id, created_at, updated_at)
    values ($1, $2, $3, $4, $5, 'active', $6, $7, $7)`,
};

/** The fields of an account. */
export interface ServiceAccountFields {
  readonly name: string;
  readonly description: string | null;
  readonly role: Role;
  readonly owner: UserId;
}

export async function insertServiceAccount(
  tx: Executor,
  org: OrgId,
  id: string,
  { name, description, role, owner }: ServiceAccountFields,
  at: string,
): Promise<void> {
  await tx.query(insert, [org, id, name, description, role, owner, at]);
}

const update: Statement = {
  name: 'service-account-update',
  text: `update service_accounts set name = $3, description = $4, role = $5, status = $6,
      owner_id = coalesce($7::uuid, owner_id), updated_at = $8, version = version + 1
    where org_id = $1 and id = $2`,
};

/** @param fields an undefined owner stays, even a deleted one */
export async function updateServiceAccount(
  tx: Executor,
  org: OrgId,
  id: string,
  fields: Omit<ServiceAccountFields, 'owner'> & {
    readonly status: ServiceAccountStatus;
    readonly owner: UserId | undefined;
  },
  at: string,
): Promise<void> {
  const { name, description, role, status, owner } = fields;
  await tx.query(update, [org, id, name, description, role, status, owner ?? null, at]);
}

const remove: Statement = {
  name: 'service-account-delete',
  text: `with gone as (
      update service_accounts set deleted_at = $3, updated_at = $3, version = version + 1 where org_id = $1 and id = $2
    )
    update api_keys set revoked_at = $3 where org_id = $1 and service_account_id = $2 and revoked_at is null
    returning id`,
};

/** Hides an account, which events keep naming, and revokes its keys. @returns the ids of those keys */
export async function deleteServiceAccount(
  tx: Executor,
  org: OrgId,
  id: string,
  at: string,
): Promise<string[]> {
  return (await tx.query<{ id: string }>(remove, [org, id, at])).map((key) => key.id);
}

const transfer: Statement = {
  name: 'service-account-transfer',
  text: `update service_accounts set owner_id = $3, updated_at = $4, version = version + 1,
      role = case when role = any($5::text[]) then role else $6 end
    where org_id = $1 and owner_id = $2 and deleted_at is null returning id`,
};

/**
 * Gives every account of a user to another.
 * @param roles those that an account keeps, the highest last; it replaces any other @returns the ids of the accounts
 */
export async function transferServiceAccounts(
  tx: Executor,
  org: OrgId,
  from: UserId,
  to: UserId,
  roles: readonly Role[],
  at: string,
): Promise<string[]> {
  return (await tx.query<{ id: string }>(transfer, [org, from, to, at, roles, roles.at(-1)])).map(
    ({ id }) => id,
  );
}

const owned: Statement = {
  name: 'service-account-owned',
  text: 'select id, name from service_accounts where org_id = $1 and owner_id = $2 and deleted_at is null order by id',
};

/** The accounts that a user answers for. */
export function listOwnedServiceAccounts(
  db: Executor,
  org: OrgId,
  owner: UserId,
): Promise<{ readonly id: string; readonly name: string }[]> {
  return db.query(owned, [org, owner]);
}
