import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId, UserId } from '../../ids.ts';
import type { OwnerGuard } from '../../last-owner.ts';
import { settingSql } from '../../organizations/store/settings.ts';
import { caseKey, displayNameKey } from '../../rules/comparison-keys.ts';
import { indexForSearch, searchColumns } from '../../search/store/text-search.ts';
import { termsOf } from '../../search/terms.ts';
import { translateConstraints } from '../../store/constraint-errors.ts';
import { count } from '../../store/fragments.ts';
import { nameFromParts, nameParts } from '../rules/display-name.ts';
import { emailKeys } from '../rules/emails.ts';
import type { Profile, Role } from '../user.ts';
import type { StoredProfile } from './users.ts';

const lockProfile: Statement = {
  name: 'directory-user-lock-profile',
  text: `select profile::text as profile from users where org_id = $1 and id = $2 and deleted_at is null for update`,
};

const writeProfile: Statement = {
  name: 'directory-user-write-profile',
  text: `with u as (
      update users set version = version + 1, updated_at = $3, profile = $4::jsonb, display_name_key = $5,
        name_from_parts = $6, name_from_parts_key = $7
      where org_id = $1 and id = $2 and deleted_at is null returning id, ${searchColumns}
    )
    ${indexForSearch('$1', '$8')}`,
};

/**
 * Changes the document of a user that is there, whatever a directory writes meanwhile.
 * @param change returns what it was given if nothing changes: then nothing is written
 * @param at ISO 8601
 */
export async function changeProfile(
  tx: Executor,
  org: OrgId,
  id: UserId,
  change: (profile: Profile) => Profile,
  at: string,
): Promise<void> {
  const [row] = await tx.query<{ profile: string }>(lockProfile, [org, id]);
  if (row === undefined) return;
  const before = JSON.parse(row.profile) as Profile;
  const changed = change(before);
  if (changed === before) return;
  const { text, key } = nameFromParts(changed);
  await tx.query(writeProfile, [
    org,
    id,
    at,
    JSON.stringify(changed),
    displayNameKey(changed),
    text,
    key,
    termsOf(org, changed),
  ]);
}

/**
 * Sets a user's name; undefined removes it.
 * @param withParts whether the given and family name are derived again, unless they were set explicitly
 */
export async function writeName(
  tx: Executor,
  org: OrgId,
  id: UserId,
  name: string | undefined,
  at: string,
  withParts = false,
): Promise<void> {
  await changeProfile(
    tx,
    org,
    id,
    ({ displayName: _, name: parts, ...rest }) => ({
      ...rest,
      ...(withParts ? {} : { name: parts }),
      ...(name === undefined ? {} : { displayName: name }),
      ...(withParts && name !== undefined ? { name: nameParts(name) } : {}),
    }),
    at,
  );
}

const setRole: Statement = {
  name: 'directory-user-set-role',
  text: `update users set role = $3, owner = owner and $3 = 'admin', version = version + 1, updated_at = $4,
      sessions_from = case when $5 then $4 else sessions_from end
    where org_id = $1 and id = $2 and deleted_at is null`,
};

/**
 * Sets the direct role; an owner who is no longer `admin` is no longer an owner.
 * @param signOut whether it is less than before
 */
export async function writeRole(
  tx: Executor,
  org: OrgId,
  { user }: OwnerGuard,
  role: Role,
  signOut: boolean,
  at: string,
): Promise<void> {
  await tx.query(setRole, [org, user, role, at, signOut]);
}

const setOwner: Statement = {
  name: 'directory-user-set-owner',
  text: `update users set owner = $3, version = version + 1, updated_at = $4,
      sessions_from = case when $3 then sessions_from else $4 end
    where org_id = $1 and id = $2 and deleted_at is null`,
};

export async function writeOwner(
  tx: Executor,
  org: OrgId,
  { user }: OwnerGuard,
  owner: boolean,
  at: string,
): Promise<void> {
  await tx.query(setOwner, [org, user, owner, at]);
}

const claim: Statement = {
  name: 'directory-user-claim-address',
  text: `update users u set email_key = u.shared_email_key, shared_email_key = null
    where u.org_id = $1 and u.id = $2 and u.shared_email_key is not null
      and not exists (select from users h where h.org_id = $1 and h.email_key = u.shared_email_key)
    returning id`,
};

/** Lets a user sign in with their address if another one did and no longer does. @returns whether that is new */
export async function claimAddress(tx: Executor, org: OrgId, id: UserId): Promise<boolean> {
  return (await translateConstraints(tx.query(claim, [org, id]))).length > 0;
}

const restore: Statement = {
  name: 'directory-user-restore',
  text: `with u as (
      update users set deleted_at = null, user_name = $8, email = $9, profile = $10::jsonb, user_name_key = $3, email_key = $4, shared_email_key = null, display_name_key = $5,
        name_from_parts = $11, name_from_parts_key = $12, version = version + 1, updated_at = $6, sessions_from = $6
      where org_id = $1 and id = $2 and deleted_at is not null returning id, ${searchColumns}
    ), s as (${indexForSearch('$1', '$13')}), k as (
      insert into user_email_keys (org_id, email_key, user_id)
      select $1, key, u.id from u, unnest($7::text[]) as key on conflict do nothing
    ), n as (
      ${count('$1', 'users', '(select $1::uuid as subject from u) as s', 1, '$6')}
    )
    select id from u`,
};

/** Brings a hidden user back under these names. @throws DomainError `user_name_taken`, `email_taken` */
export async function restoreUser(
  tx: Executor,
  org: OrgId,
  id: UserId,
  { userName, email, profile: document }: Omit<StoredProfile, 'version'>,
  at: string,
): Promise<void> {
  const fromParts = nameFromParts(document);
  await translateConstraints(
    tx.query(restore, [
      org,
      id,
      caseKey(userName),
      email === undefined ? null : caseKey(email),
      displayNameKey(document),
      at,
      emailKeys(document),
      userName,
      email ?? null,
      JSON.stringify(document),
      fromParts.text,
      fromParts.key,
      termsOf(org, document),
    ]),
  );
}

const purgeable: Statement = {
  name: 'users-purgeable',
  text: `select u.org_id as org, u.id from users u join organizations o on o.id = u.org_id
    where u.deleted_at is not null
      and u.deleted_at < $1::timestamptz - make_interval(days => ${settingSql('purgeAfterDays')})
      and not exists (select from resources r where r.org_id = u.org_id and r.owner_id = u.id)
    limit 200`,
  long: true,
};

/** Some of the users, of any organization, whose time to be restored has ended. */
export function findPurgeable(tx: Executor, now: string): Promise<{ org: OrgId; id: UserId }[]> {
  return tx.query(purgeable, [now]);
}
