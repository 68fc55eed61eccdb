import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const insert: Statement = {
  name: 'pending-sign-in-insert',
  text: `insert into pending_sign_ins (org_id, id, user_id, hash, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $5::timestamptz + interval '5 minutes')`,
};

/** Remembers for five minutes that a password was right, while the code is requested. */
export async function insertPendingSignIn(
  db: Executor,
  org: OrgId,
  pending: { readonly id: string; readonly user: UserId; readonly hash: Buffer },
  at: string,
): Promise<void> {
  await db.query(insert, [org, pending.id, pending.user, pending.hash, at]);
}

/** Without an organization, since this is where one begins: the hash tells it. */
const use: Statement = {
  name: 'pending-sign-in-use',
  text: `update pending_sign_ins s set used_at = $2
    where s.hash = $1 and s.used_at is null and s.expires_at > $2
    returning s.org_id as org, s.user_id as "user", not exists (
      select from user_passwords p
      where p.org_id = s.org_id and p.user_id = s.user_id and p.changed_at > s.created_at
    ) as "isCurrent"`,
};

export interface PendingSignIn {
  readonly org: OrgId;
  readonly user: UserId;
  /** Whether the password is still the verified one. */
  readonly isCurrent: boolean;
}

/** Consumes a sign-in that waits for its code. @returns undefined if it does not exist, was used or has expired */
export async function usePendingSignIn(
  db: Executor,
  hash: Buffer,
  at: string,
): Promise<PendingSignIn | undefined> {
  return (await db.query<PendingSignIn>(use, [hash, at]))[0];
}
