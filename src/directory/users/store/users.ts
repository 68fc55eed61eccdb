import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, OrgId, UserId } from '../../ids.ts';
import type { DirectoryUser, Profile, Role, User, UserRecord } from '../user.ts';
import {
  type DirectoryUserRow,
  directoryUser,
  type RecordRow,
  selectUser,
  toUserRecord,
  type UserRow,
  userColumns,
  userSource,
} from './rows.ts';

const byId: Statement = {
  name: 'directory-user-by-id',
  text: `select ${directoryUser.columns('$3')} from users u where u.org_id = $1 and u.id = $2`,
};

/** One user, deleted or not. @param now ISO 8601 */
export async function findDirectoryUser(
  db: Executor,
  org: OrgId,
  id: UserId,
  now: string,
): Promise<DirectoryUser | undefined> {
  const [row] = await db.query<DirectoryUserRow>(byId, [org, id, now]);
  return row === undefined ? undefined : directoryUser.toUser(row);
}

const lockRow: Statement = {
  name: 'directory-user-lock',
  text: 'select from users where org_id = $1 and id = $2 for no key update',
};

/**
 * One user, deleted or not, whom no connection changes until the transaction ends. Read after the row is locked: a statement
 * that waits for a row sees the other tables as they were before.
 * @param now ISO 8601
 */
export async function holdDirectoryUser(
  tx: Executor,
  org: OrgId,
  id: UserId,
  now: string,
): Promise<DirectoryUser | undefined> {
  await tx.query(lockRow, [org, id]);
  return findDirectoryUser(tx, org, id, now);
}

const byIds: Statement = {
  name: 'directory-users-by-ids',
  text: `select ${directoryUser.columns('$3')} from users u
    where u.org_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null`,
};

/** Several users in one query, unordered; missing ones are left out. @param now ISO 8601 */
export async function findDirectoryUsers(
  db: Executor,
  org: OrgId,
  ids: readonly UserId[],
  now: string,
): Promise<DirectoryUser[]> {
  return (await db.query<DirectoryUserRow>(byIds, [org, ids, now])).map(directoryUser.toUser);
}

const recordById: Statement = {
  name: 'user-by-id',
  text: `select ${userColumns} from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`,
};

/** One user as a connection sees it, unless it is not there or deleted. */
export async function findUserRecord(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: UserId,
): Promise<UserRecord | undefined> {
  const [row] = await db.query<RecordRow>(recordById, [org, connection, id]);
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
      u.shared_email_key is not null as "sharesAddress",
      case when u.shared_email_key is not null then (
        select h.id from users h where h.org_id = $1 and h.email_key = u.shared_email_key
      ) end as "sharedWith",
      coalesce((select o.settings -> 'scimDeleteIsHard' = 'true' from organizations o where o.id = $1), false)
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
  type Row = RecordRow &
    Omit<LoadedUser, 'record' | 'emailSharedWith'> & { readonly sharedWith: UserId | null };
  const [row] = await db.query<Row>(loadById, [org, connection, id]);
  if (row === undefined) return undefined;
  const { owner, role, linked, sharesAddress, sharedWith, erases } = row;
  const emailSharedWith = sharedWith ?? undefined;
  return { record: toUserRecord(row), owner, role, linked, sharesAddress, emailSharedWith, erases };
}

/** The stored document of a user, with what a restored one gets its names back from. */
export interface StoredProfile extends Pick<User, 'userName' | 'version'> {
  readonly email: string | undefined;
  readonly profile: Profile;
}

const stored = selectUser('userName', 'version', 'profile');

const profileById: Statement = {
  name: 'directory-user-profile',
  text: `select ${stored.columns()}, u.email from users u where u.org_id = $1 and u.id = $2`,
};

/** The document of a user, deleted or not. */
export async function findProfile(tx: Executor, org: OrgId, id: UserId): Promise<StoredProfile | undefined> {
  type Row = UserRow<'userName' | 'version' | 'profile'> & { readonly email: string | null };
  const [row] = await tx.query<Row>(profileById, [org, id]);
  if (row === undefined) return undefined;
  const user = stored.toUser(row);
  return { ...user, email: row.email ?? undefined, profile: JSON.parse(user.profile) as Profile };
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
