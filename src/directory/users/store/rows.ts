import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, OrgId, UserId } from '../../ids.ts';
import type { GroupReference, Role, UserRecord, UserStatus } from '../user.ts';

/** The columns of a UserRecord but for the groups; `u` is users, `l` the asking connection's link. */
const ownColumns = `u.id, u.user_name, u.status, u.version, u.created_at, u.updated_at,
  u.profile::text as profile, l.external_id`;

/** The columns of a UserRecord. */
export const userColumns = `${ownColumns},
  (select json_agg(json_build_array(g.id, g.display_name))::text
     from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
    where m.org_id = u.org_id and m.user_id = u.id) as groups`;

/** The same for a page of users, who share groups: ids alone, to go with `groupsOfPage`. */
export const pagedUserColumns = `${ownColumns},
  (select string_agg(m.group_id::text, ',') from group_members m
    where m.org_id = u.org_id and m.user_id = u.id) as group_ids`;

/** Every group that a user of the common table `page` is in, once and each looked up by its key (ADR 0021). */
export const groupsOfPage = `(select json_agg(json_build_array(g.id, g.display_name))::text from (
    select distinct one::uuid as id from page p, string_to_table(p.group_ids, ',') as one
  ) shared cross join lateral (
    select id, display_name from groups where org_id = $1 and id = shared.id limit 1
  ) g)`;

/** From-clause of a UserRecord; `$1` is the organization, `$2` the connection. */
export const userSource = `users u left join user_links l
  on l.org_id = u.org_id and l.user_id = u.id and l.connection_id = $2`;

/** The same for users whose ids are known before: looked up one by one, whatever the planner believes of the links. */
export const userSourceById = `users u left join lateral (
    select external_id from user_links
    where org_id = u.org_id and user_id = u.id and connection_id = $2 limit 1
  ) l on true`;

interface OwnColumns {
  readonly id: UserId;
  readonly user_name: string;
  readonly status: UserStatus;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly profile: string;
  readonly external_id: string | null;
}

export interface UserRow extends OwnColumns {
  readonly groups: string | null;
}

export interface PagedUserRow extends OwnColumns {
  /** Separated by commas, in no order: to sort them here would have Postgres without statistics read the wrong index. */
  readonly group_ids: string | null;
}

export function toUserRecord(row: UserRow): UserRecord {
  return record(row, row.groups === null ? [] : parseGroups(row.groups));
}

/** @param groups what `groupsOfPage` gave */
export function toUserRecords(rows: readonly PagedUserRow[], groups: string | null): UserRecord[] {
  const byId = new Map((groups === null ? [] : parseGroups(groups)).map((group) => [group.id, group]));
  return rows.map((row) => {
    const shown: GroupReference[] = [];
    for (const id of (row.group_ids?.split(',') ?? []).sort()) {
      const group = byId.get(id);
      if (group !== undefined) shown.push(group);
    }
    return record(row, shown);
  });
}

function record(row: OwnColumns, memberships: GroupReference[]): UserRecord {
  return {
    id: row.id,
    userName: row.user_name,
    status: row.status,
    version: row.version,
    externalId: row.external_id ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    profile: row.profile,
    memberships,
  };
}

function parseGroups(text: string): GroupReference[] {
  const pairs = JSON.parse(text) as [id: string, displayName: string][];
  if (pairs.length > 1) pairs.sort(([left], [right]) => (left < right ? -1 : 1));
  return pairs.map(([id, displayName]) => ({ id, displayName }));
}

const byId: Statement = {
  name: 'user-by-id',
  text: `select ${userColumns} from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`,
};

/** One user, unless it is not there or deleted. */
export async function findUserRecord(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: UserId,
): Promise<UserRecord | undefined> {
  const [row] = await db.query<UserRow>(byId, [org, connection, id]);
  return row === undefined ? undefined : toUserRecord(row);
}

/** What a rule needs beside the record. */
export interface LoadedUser {
  readonly record: UserRecord;
  readonly owner: boolean;
  /** The direct role. */
  readonly role: Role;
  readonly linked: boolean;
  /** Whether another user has the user's address to sign in with. */
  readonly sharesAddress: boolean;
  /** That user; undefined once the address is free. */
  readonly emailSharedWith: UserId | undefined;
  /** Whether a connection's DELETE is for good: the organization wants it so, and the user owns nothing (R93). */
  readonly erases: boolean;
}

const loadById: Statement = {
  name: 'user-load-by-id',
  text: `select ${userColumns}, u.owner, u.role, l.user_id is not null as linked,
      u.shared_email_key is not null as shares_address,
      case when u.shared_email_key is not null then (
        select h.id from users h where h.org_id = $1 and h.email_key = u.shared_email_key
      ) end as shared_with,
      (select o.settings -> 'scimDeleteIsHard' = 'true' from organizations o where o.id = $1)
        and not exists (select from resources r where r.org_id = $1 and r.owner_id = $3) as erases
    from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`,
};

/** Loads one user for a command. */
export async function loadUser(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: UserId,
): Promise<LoadedUser | undefined> {
  interface Row extends UserRow {
    readonly owner: boolean;
    readonly role: Role;
    readonly linked: boolean;
    readonly shares_address: boolean;
    readonly shared_with: UserId | null;
    readonly erases: boolean | null;
  }
  const [row] = await db.query<Row>(loadById, [org, connection, id]);
  if (row === undefined) return undefined;
  const { owner, role, linked, shares_address, shared_with, erases } = row;
  return {
    record: toUserRecord(row),
    owner,
    role,
    linked,
    sharesAddress: shares_address,
    emailSharedWith: shared_with ?? undefined,
    erases: erases === true,
  };
}

/** A user who has a name that a new one wants. */
export interface NameHolder {
  readonly id: UserId;
  /** Whether any connection provisions the user. */
  readonly provisioned: boolean;
  /** Whether it is the userName that both have, and not the e-mail alone. */
  readonly hasUserName: boolean;
}

const holders: Statement = {
  name: 'user-name-holders',
  text: `select u.id, exists (
      select from user_links l where l.org_id = u.org_id and l.user_id = u.id
    ) as provisioned, u.user_name_key = $2 as "hasUserName"
    from users u where u.org_id = $1 and u.deleted_at is null and (u.user_name_key = $2 or u.email_key = $3)`,
};

/** The users that conflict with a new one: those with its userName or its e-mail. */
export function findNameHolders(
  db: Executor,
  org: OrgId,
  userNameKey: string,
  emailKey: string | undefined,
): Promise<NameHolder[]> {
  return db.query<NameHolder>(holders, [org, userNameKey, emailKey ?? null]);
}
