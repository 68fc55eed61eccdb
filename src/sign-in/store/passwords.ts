import type { OrgId, UserId } from '../../directory/ids.ts';
import type { UserStatus } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { mayResetPassword } from './password-resets.ts';

/** A password sign-in names no organization: users with this address in all of them are candidates. */
const candidates: Statement = {
  name: 'sign-in-candidates',
  text: `select u.org_id, o.name as organization, o.settings, u.id, u.email, u.status, u.owner, u.locked_at, p.hash,
      t.sealed_secret, t.last_step, t.recovery_hashes, ${mayResetPassword} as may_reset
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
  /** Whether "forgot password" mails a link. */
  readonly may_reset: boolean;
}

/** The users with an e-mail address, of any organization. */
export function findCandidates(db: Executor, emailKey: string): Promise<CandidateRow[]> {
  return db.query<CandidateRow>(candidates, [emailKey]);
}

const byUser: Statement = {
  name: 'sign-in-by-user',
  text: `select u.org_id, o.name as organization, o.settings, u.id, u.email, u.status, u.owner, u.locked_at, p.hash,
      t.sealed_secret, t.last_step, t.recovery_hashes, ${mayResetPassword} as may_reset
    from users u join organizations o on o.id = u.org_id
    left join user_passwords p on p.org_id = u.org_id and p.user_id = u.id
    left join user_totp t on t.org_id = u.org_id and t.user_id = u.id and t.confirmed_at is not null
    where u.org_id = $1 and u.id = $2 and u.deleted_at is null`,
};

/** The same for a user who is known. */
export async function findCandidate(
  db: Executor,
  org: OrgId,
  user: UserId,
): Promise<CandidateRow | undefined> {
  return (await db.query<CandidateRow>(byUser, [org, user]))[0];
}

const lockUser: Statement = {
  name: 'sign-in-hold-user',
  text: 'select id from users where org_id = $1 and id = $2 for update',
};

/**
 * The same, and locks the user's row until the transaction ends: whatever deactivates, locks or demotes them at the
 * same time is seen here, or sees the session that begins. Read after the row is locked: a statement that waits for a row
 * sees the other tables as they were before.
 */
export async function holdCandidate(
  tx: Executor,
  org: OrgId,
  user: UserId,
): Promise<CandidateRow | undefined> {
  await tx.query(lockUser, [org, user]);
  return findCandidate(tx, org, user);
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

/** Attempts before an expired lock are not counted: the user has five attempts again (R141). */
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
        sessions_from = case when $6 and b.failures + 1 >= $3 and not owner and b.locked_at is null
          then $4::timestamptz else sessions_from end
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

/**
 * Counts a failed attempt, and locks the account when the limit is reached.
 * @param endsSessions whether the lock ends live sessions, because the guesses come from one @returns whether this one locked it
 */
export async function countFailure(
  tx: Executor,
  org: OrgId,
  user: UserId,
  { limit, autoUnlockMinutes }: LockPolicy,
  endsSessions: boolean,
  at: string,
): Promise<boolean> {
  const [row] = await tx.query<{ locked_now: boolean | null }>(failed, [
    org,
    user,
    limit,
    at,
    autoUnlockMinutes,
    endsSessions,
  ]);
  return row?.locked_now === true;
}

const succeeded: Statement = {
  name: 'sign-in-succeeded',
  text: `update users set failed_logins = 0, locked_at = null, last_login_at = $3, last_active_at = $3
    where org_id = $1 and id = $2`,
};

/** Forgets the failures and notes the time. */
export async function recordSignIn(tx: Executor, org: OrgId, user: UserId, at: string): Promise<void> {
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

/** Keeps an attempt with its address: personal, so it goes with the user. */
export async function insertAttempt(
  tx: Executor,
  org: OrgId,
  attempted: NewAttempt,
  at: string,
): Promise<void> {
  const { id, user, outcome, method, ip, userAgent } = attempted;
  await tx.query(attempt, [org, id, user, at, outcome, method, ip ?? null, userAgent ?? null]);
}
