import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId, UserId } from '../ids.ts';
import type { UserStatus } from '../users/user.ts';

/** Whoever signs in has not said which organization: every one that has somebody of this address is asked. */
const candidates: Statement = {
  name: 'sign-in-candidates',
  text: `select u.org_id, o.name as organization, o.settings, u.id, u.email, u.status, u.owner, u.locked_at, p.hash,
      t.sealed_secret, t.last_step, t.recovery_hashes
    from organizations o
    join lateral (
      select * from users u where u.org_id = o.id and u.email_key = $1 and u.deleted_at is null
    ) u on true
    left join user_passwords p on p.org_id = u.org_id and p.user_id = u.id
    left join user_totp t on t.org_id = u.org_id and t.user_id = u.id and t.confirmed_at is not null`,
};

export interface CandidateRow {
  readonly org_id: OrgId;
  readonly organization: string;
  readonly settings: unknown;
  readonly id: UserId;
  readonly email: string;
  readonly status: UserStatus;
  readonly owner: boolean;
  readonly locked_at: string | null;
  readonly hash: string | null;
  readonly sealed_secret: string | null;
  readonly last_step: number | null;
  readonly recovery_hashes: Buffer[] | null;
}

/** The people with an e-mail address, of any organization. */
export function findCandidates(db: Executor, emailKey: string): Promise<CandidateRow[]> {
  return db.query<CandidateRow>(candidates, [emailKey]);
}

const byUser: Statement = {
  name: 'sign-in-by-user',
  text: `select u.org_id, o.name as organization, o.settings, u.id, u.email, u.status, u.owner, u.locked_at, p.hash,
      t.sealed_secret, t.last_step, t.recovery_hashes
    from users u join organizations o on o.id = u.org_id
    left join user_passwords p on p.org_id = u.org_id and p.user_id = u.id
    left join user_totp t on t.org_id = u.org_id and t.user_id = u.id and t.confirmed_at is not null
    where u.org_id = $1 and u.id = $2 and u.deleted_at is null`,
};

/** The same for a person who is known. */
export async function findCandidate(
  db: Executor,
  org: OrgId,
  user: UserId,
): Promise<CandidateRow | undefined> {
  return (await db.query<CandidateRow>(byUser, [org, user]))[0];
}

const setPasswordHash: Statement = {
  name: 'user-password-set',
  text: `insert into user_passwords (org_id, user_id, hash, changed_at) values ($1, $2, $3, $4)
    on conflict (org_id, user_id) do update set hash = excluded.hash, changed_at = excluded.changed_at`,
};

/** @param hash an encoded argon2id hash, never a password */
export async function writePasswordHash(
  tx: Executor,
  org: OrgId,
  user: UserId,
  hash: string,
  at: string,
): Promise<void> {
  await tx.query(setPasswordHash, [org, user, hash, at]);
}

/** What was counted before a lock opened by itself counts no more: five attempts are five again (R141). */
const failed: Statement = {
  name: 'sign-in-failed',
  text: `with before as (
      select id, case when opened then 0 else failed_logins end as failures,
        case when opened then null else locked_at end as locked_at
      from (
        select id, failed_logins, locked_at, locked_at + make_interval(mins => $5::int) <= $4::timestamptz as opened
        from users where org_id = $1 and id = $2 and deleted_at is null
      ) as present
    ), u as (
      update users set failed_logins = b.failures + 1,
        locked_at = case when b.failures + 1 >= $3 and not owner then coalesce(b.locked_at, $4::timestamptz)
          else b.locked_at end,
        sessions_from = case when b.failures + 1 >= $3 and not owner and b.locked_at is null then $4::timestamptz
          else sessions_from end
      from before b where users.org_id = $1 and users.id = b.id
      returning users.locked_at
    )
    select locked_at = $4::timestamptz as locked_now from u`,
};

/** When an account locks, and when it opens by itself. */
export interface LockPolicy {
  readonly limit: number;
  /** Null: only an administrator unlocks it. */
  readonly autoUnlockMinutes: number | null;
}

/** Counts a failed attempt, and locks the account with the one that is too many. @returns whether this one locked it */
export async function countFailure(
  tx: Executor,
  org: OrgId,
  user: UserId,
  { limit, autoUnlockMinutes }: LockPolicy,
  at: string,
): Promise<boolean> {
  const [row] = await tx.query<{ locked_now: boolean | null }>(failed, [
    org,
    user,
    limit,
    at,
    autoUnlockMinutes,
  ]);
  return row?.locked_now === true;
}

const succeeded: Statement = {
  name: 'sign-in-succeeded',
  text: `update users set failed_logins = 0, locked_at = null, last_login_at = $3, last_active_at = $3
    where org_id = $1 and id = $2`,
};

/** Forgets the failures and notes the time. */
export async function noteSignIn(tx: Executor, org: OrgId, user: UserId, at: string): Promise<void> {
  await tx.query(succeeded, [org, user, at]);
}

const unlock: Statement = {
  name: 'user-unlock',
  text: `update users set failed_logins = 0, locked_at = null
    where org_id = $1 and id = $2 and locked_at is not null returning id`,
};

/** @returns false if the account was not locked */
export async function unlockAccount(tx: Executor, org: OrgId, user: UserId): Promise<boolean> {
  return (await tx.query(unlock, [org, user])).length > 0;
}

const attempt: Statement = {
  name: 'sign-in-attempt',
  text: `insert into sign_in_attempts (org_id, id, user_id, at, outcome, method, ip, user_agent)
    values ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

/** What came of an attempt to sign in. */
export type AttemptOutcome =
  | 'signed_in'
  | 'wrong_password'
  | 'wrong_code'
  | 'locked'
  | 'not_active'
  | 'refused'
  | 'signed_out';

export interface NewAttempt {
  readonly id: string;
  readonly user: UserId;
  readonly outcome: AttemptOutcome;
  readonly method: string;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
}

/** Keeps an attempt with its address: personal, so it goes with the person. */
export async function insertAttempt(
  tx: Executor,
  org: OrgId,
  attempted: NewAttempt,
  at: string,
): Promise<void> {
  const { id, user, outcome, method, ip, userAgent } = attempted;
  await tx.query(attempt, [org, id, user, at, outcome, method, ip ?? null, userAgent ?? null]);
}

const throttle: Statement = {
  name: 'throttle-hit',
  text: `insert into throttles (key, hits, resets_at)
    select key, $2, $3::timestamptz + make_interval(secs => $4) from unnest($1::bytea[]) as key
    on conflict (key) do update set
      hits = case when throttles.resets_at <= $3 then $2 else throttles.hits + $2 end,
      resets_at = case when throttles.resets_at <= $3 then excluded.resets_at else throttles.resets_at end
    returning key, hits, resets_at`,
};

/** How often a key was hit since its window began. */
export interface ThrottleRow {
  readonly key: Buffer;
  readonly hits: number;
  readonly resets_at: string;
}

/** Counts a hit of each key. @param window seconds */
export function hitThrottles(
  db: Executor,
  keys: readonly Buffer[],
  hits: number,
  at: string,
  window: number,
): Promise<ThrottleRow[]> {
  return db.query<ThrottleRow>(throttle, [keys, hits, at, window]);
}

const clear: Statement = {
  name: 'throttle-clear',
  text: 'delete from throttles where key = any($1::bytea[])',
};

export async function clearThrottles(db: Executor, keys: readonly Buffer[]): Promise<void> {
  await db.query(clear, [keys]);
}

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

const totp: Statement = {
  name: 'totp-write',
  text: `insert into user_totp (org_id, user_id, sealed_secret, recovery_hashes) values ($1, $2, $3, '{}')
    on conflict (org_id, user_id) do update set sealed_secret = excluded.sealed_secret
    where user_totp.confirmed_at is null returning user_id`,
};

/** Keeps a secret that waits for its first code. @returns false if there is a confirmed one */
export async function writeTotpSecret(
  tx: Executor,
  org: OrgId,
  user: UserId,
  sealed: string,
): Promise<boolean> {
  return (await tx.query(totp, [org, user, sealed])).length > 0;
}

const pendingTotp: Statement = {
  name: 'totp-pending',
  text: `select sealed_secret from user_totp where org_id = $1 and user_id = $2 and confirmed_at is null`,
};

export async function findPendingTotp(tx: Executor, org: OrgId, user: UserId): Promise<string | undefined> {
  return (await tx.query<{ sealed_secret: string }>(pendingTotp, [org, user]))[0]?.sealed_secret;
}

const confirm: Statement = {
  name: 'totp-confirm',
  text: `update user_totp set confirmed_at = $3, last_step = $4, recovery_hashes = $5 where org_id = $1 and user_id = $2`,
};

export async function confirmTotp(
  tx: Executor,
  org: OrgId,
  user: UserId,
  step: number,
  recoveryHashes: readonly Buffer[],
  at: string,
): Promise<void> {
  await tx.query(confirm, [org, user, at, step, recoveryHashes]);
}

const useStep: Statement = {
  name: 'totp-use-step',
  text: 'update user_totp set last_step = $3 where org_id = $1 and user_id = $2 and last_step < $3 returning user_id',
};

/** A code counts once: only a later step than the last used one. @returns false if it was used */
export async function useTotpStep(tx: Executor, org: OrgId, user: UserId, step: number): Promise<boolean> {
  return (await tx.query(useStep, [org, user, step])).length > 0;
}

const useRecovery: Statement = {
  name: 'totp-use-recovery',
  text: `update user_totp set recovery_hashes = array_remove(recovery_hashes, $3)
    where org_id = $1 and user_id = $2 and $3 = any (recovery_hashes) returning user_id`,
};

/** @returns false if there is no such recovery code, or it was used */
export async function useRecoveryCode(
  tx: Executor,
  org: OrgId,
  user: UserId,
  hash: Buffer,
): Promise<boolean> {
  return (await tx.query(useRecovery, [org, user, hash])).length > 0;
}

const dropTotp: Statement = {
  name: 'totp-delete',
  text: 'delete from user_totp where org_id = $1 and user_id = $2 and confirmed_at is not null returning user_id',
};

export async function deleteTotp(tx: Executor, org: OrgId, user: UserId): Promise<boolean> {
  return (await tx.query(dropTotp, [org, user])).length > 0;
}
