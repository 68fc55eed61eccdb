import type { OrgId, UserId } from '../directory/ids.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { indexForSearch, searchColumns } from '../directory/search/store/text-search.ts';
import { termsOf } from '../directory/search/terms.ts';
import { translateConstraints } from '../directory/store/constraint-errors.ts';
import { mailedKey } from '../directory/store/fragments.ts';
import type { Profile, UserStatus } from '../directory/users/user.ts';
import type { Executor, Statement } from '../platform/db/statement.ts';

const insert: Statement = {
  name: 'email-change-insert',
  text: `insert into email_changes (org_id, user_id, email, from_key, hash, requested_by, created_at, expires_at)
    select $1, u.id, $3, ${mailedKey}, $4, $5, $6, $7 from users u where u.org_id = $1 and u.id = $2
    on conflict (org_id, user_id) do update set email = excluded.email, from_key = excluded.from_key,
      hash = excluded.hash, requested_by = excluded.requested_by, created_at = excluded.created_at,
      expires_at = excluded.expires_at`,
};

export interface NewEmailChange {
  readonly user: UserId;
  readonly email: string;
  readonly hash: Buffer;
  readonly requestedBy: string;
  readonly expiresAt: string;
}

/** Keeps an address until it is confirmed, instead of any other that waits. */
export async function insertEmailChange(
  tx: Executor,
  org: OrgId,
  { user, email, hash, requestedBy, expiresAt }: NewEmailChange,
  at: string,
): Promise<void> {
  await tx.query(insert, [org, user, email, hash, requestedBy, at, expiresAt]);
}

const remove: Statement = {
  name: 'email-change-delete',
  text: 'delete from email_changes where org_id = $1 and user_id = $2 and expires_at > $3 returning user_id',
};

/** @returns false if no address waited */
export async function deleteEmailChange(
  tx: Executor,
  org: OrgId,
  user: UserId,
  now: string,
): Promise<boolean> {
  return (await tx.query(remove, [org, user, now])).length > 0;
}

/** Whether the user was not deactivated since the change was asked for. */
const isNotDeactivatedSince = '(u.keys_from is null or c.created_at >= u.keys_from)';

/**
 * A link is valid while the user has been active without interruption and still has the address that they had when it
 * was requested.
 */
const byHash: Statement = {
  name: 'email-change-by-hash',
  text: `select c.org_id as org, c.user_id as "user", c.hash, c.email as "newEmail", c.requested_by as "requestedBy",
      coalesce(u.email, u.user_name) as email, o.name as organization, u.status
    from email_changes c join organizations o on o.id = c.org_id
    join users u on u.org_id = c.org_id and u.id = c.user_id
    where c.hash = $1 and c.expires_at > $2 and u.deleted_at is null and u.status = 'active'
      and ${mailedKey} = c.from_key and ${isNotDeactivatedSince}`,
};

export interface EmailChange {
  readonly org: OrgId;
  readonly user: UserId;
  readonly hash: Buffer;
  readonly newEmail: string;
  /** The id of a user or of a service account. */
  readonly requestedBy: UserId;
  readonly email: string;
  readonly organization: string;
  readonly status: UserStatus;
}

/** @param now ISO 8601 */
export function findEmailChange(db: Executor, hash: Buffer, now: string): Promise<EmailChange[]> {
  return db.query<EmailChange>(byHash, [hash, now]);
}

const use: Statement = {
  name: 'email-change-use',
  text: `delete from email_changes c using users u
    where c.org_id = $1 and c.user_id = $2 and c.hash = $3 and c.expires_at > $4
      and u.org_id = $1 and u.id = c.user_id and u.deleted_at is null and u.status = 'active'
      and ${mailedKey} = c.from_key and ${isNotDeactivatedSince}
    returning c.user_id`,
};

/** @returns false if it was used, replaced or cancelled meanwhile, or is no longer valid */
export async function useEmailChange(
  tx: Executor,
  { org, user, hash }: EmailChange,
  at: string,
): Promise<boolean> {
  return (await tx.query(use, [org, user, hash, at])).length > 0;
}

const write: Statement = {
  name: 'directory-user-set-email',
  text: `with u as (
      update users set user_name = $3, user_name_key = $4, email = $5, email_key = $6, shared_email_key = null, profile = $7::jsonb,
        version = version + 1, updated_at = $8, sessions_from = $8
      where org_id = $1 and id = $2 and deleted_at is null returning id, ${searchColumns}
    ), s as (${indexForSearch('$1', '$11')}), gone as (
      delete from user_email_keys k using u
      where k.org_id = $1 and k.user_id = u.id and k.email_key = any($9::text[])
    )
    insert into user_email_keys (org_id, email_key, user_id)
    select $1, key, u.id from u, unnest($10::text[]) as key on conflict do nothing`,
};

/** What a user's address is made of. */
export interface EmailWrite {
  readonly userName: string;
  readonly email: string;
  readonly profile: Profile;
  readonly keysRemoved: readonly string[];
  readonly keysAdded: readonly string[];
}

/** Gives a user another address and ends their sessions. @throws DomainError `user_name_taken`, `email_taken` */
export async function writeEmail(
  tx: Executor,
  org: OrgId,
  id: UserId,
  { userName, email, profile, keysRemoved, keysAdded }: EmailWrite,
  at: string,
): Promise<void> {
  await translateConstraints(
    tx.query(write, [
      org,
      id,
      userName,
      caseKey(userName),
      email,
      caseKey(email),
      JSON.stringify(profile),
      at,
      keysRemoved,
      keysAdded,
      termsOf(org, profile),
    ]),
  );
}

const taken: Statement = {
  name: 'email-taken',
  text: `select exists (
      select from users where org_id = $1 and id <> $2 and (email_key = $3 or user_name_key = $3)
    ) or exists (
      select from user_email_keys k join users u on u.org_id = $1 and u.id = k.user_id
      where k.org_id = $1 and k.email_key = $3 and u.id <> $2 and u.shared_email_key = k.email_key
    ) as taken`,
};

/** Whether another user of the organization has an address, or may claim it (ADR 0024). */
export async function isEmailTaken(tx: Executor, org: OrgId, user: UserId, email: string): Promise<boolean> {
  return (await tx.query<{ taken: boolean }>(taken, [org, user, caseKey(email)]))[0]?.taken === true;
}
