import type { OrgId, UserId } from '../../directory/ids.ts';
import { isStillMailed, mailedKey } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const insertReset: Statement = {
  name: 'password-reset-insert',
  text: `insert into password_resets (org_id, id, user_id, hash, created_at, expires_at, email_key)
    select $1, $2, u.id, $4, $5, $6, ${mailedKey} from users u where u.org_id = $1 and u.id = $3`,
};

export async function insertPasswordReset(
  tx: Executor,
  org: OrgId,
  reset: { readonly id: string; readonly user: UserId; readonly hash: Buffer; readonly expiresAt: string },
  at: string,
): Promise<void> {
  await tx.query(insertReset, [org, reset.id, reset.user, reset.hash, at, reset.expiresAt]);
}

/** Users who sign in at a provider and never had a password get none by mail: it would outlive their account there. */
export const mayResetPassword = `(u.owner
      or exists (select from user_passwords p where p.org_id = u.org_id and p.user_id = u.id)
      or (u.source <> 'sso'
        and not exists (select from identities i where i.org_id = u.org_id and i.user_id = u.id)))`;

const reset: Statement = {
  name: 'password-reset-by-hash',
  text: `select r.org_id as org, r.id, r.user_id as "user", r.hash, u.email from password_resets r
    join users u on u.org_id = r.org_id and u.id = r.user_id
    where r.hash = $1 and r.used_at is null and r.expires_at > $2 and u.deleted_at is null and u.status = 'active'
      and ${isStillMailed('r', 'created_at')} and ${mayResetPassword}
      and not exists (
        select from user_passwords p where p.org_id = r.org_id and p.user_id = r.user_id and p.changed_at > r.created_at
      )`,
};

export interface PasswordReset {
  readonly org: OrgId;
  readonly id: string;
  readonly user: UserId;
  readonly hash: Buffer;
  readonly email: string;
}

/** The open resets with this hash; one has ended once the password was changed. @param now ISO 8601 */
export function findPasswordReset(db: Executor, hash: Buffer, now: string): Promise<PasswordReset[]> {
  return db.query<PasswordReset>(reset, [hash, now]);
}

const useReset: Statement = {
  name: 'password-reset-use',
  text: `update password_resets r set used_at = $3 from users u
    where r.org_id = $1 and r.id = $2 and r.used_at is null and u.org_id = $1 and u.id = r.user_id
      and u.deleted_at is null and u.status = 'active' and ${isStillMailed('r', 'created_at')}
      and not exists (
        select from user_passwords p where p.org_id = $1 and p.user_id = r.user_id and p.changed_at > r.created_at
      ) returning r.id`,
};

/** @returns false if it was used or is no longer valid: call it with the user's row locked */
export async function usePasswordReset(tx: Executor, org: OrgId, id: string, at: string): Promise<boolean> {
  return (await tx.query(useReset, [org, id, at])).length > 0;
}
