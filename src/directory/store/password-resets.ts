import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId, UserId } from '../ids.ts';

const insertReset: Statement = {
  name: 'password-reset-insert',
  text: `insert into password_resets (org_id, id, user_id, hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
};

export async function insertPasswordReset(
  tx: Executor,
  org: OrgId,
  reset: { readonly id: string; readonly user: UserId; readonly hash: Buffer; readonly expiresAt: string },
  at: string,
): Promise<void> {
  await tx.query(insertReset, [org, reset.id, reset.user, reset.hash, at, reset.expiresAt]);
}

const reset: Statement = {
  name: 'password-reset-by-hash',
  text: `select r.org_id, r.id, r.user_id, r.hash, u.email from password_resets r
    join users u on u.org_id = r.org_id and u.id = r.user_id
    where r.hash = $1 and r.used_at is null and r.expires_at > $2 and u.deleted_at is null and u.status = 'active'
      and not exists (
        select from user_passwords p where p.org_id = r.org_id and p.user_id = r.user_id and p.changed_at > r.created_at
      )`,
};

export interface ResetRow {
  readonly org_id: OrgId;
  readonly id: string;
  readonly user_id: UserId;
  readonly hash: Buffer;
  readonly email: string;
}

/** The open resets with this hash; one is over once the password was changed. @param now ISO 8601 */
export function findPasswordReset(db: Executor, hash: Buffer, now: string): Promise<ResetRow[]> {
  return db.query<ResetRow>(reset, [hash, now]);
}

const useReset: Statement = {
  name: 'password-reset-use',
  text: 'update password_resets set used_at = $3 where org_id = $1 and id = $2 and used_at is null returning id',
};

/** @returns false if another has used it */
export async function usePasswordReset(tx: Executor, org: OrgId, id: string, at: string): Promise<boolean> {
  return (await tx.query(useReset, [org, id, at])).length > 0;
}
