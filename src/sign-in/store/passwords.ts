import type { OrgId, UserId } from '../../directory/ids.ts';
import { lockHolds, lockOpensAt } from '../../directory/store/fragments.ts';
import { selectUser } from '../../directory/users/store/rows.ts';
import type { User } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { mayResetPassword } from './password-resets.ts';

const account = selectUser('id', 'email', 'status', 'owner');

/** `u` is users, `o` organizations. */
const columns = `u.org_id as org, o.name as organization, ${account.columns()},
      u.locked_at as "lockedAt", ${lockOpensAt} as "opensAt", p.hash,
      t.sealed_secret as "sealedSecret", ${mayResetPassword} as "mayReset"`;
const credentials = `left join user_passwords p on p.org_id = u.org_id and p.user_id = u.id
    left join user_totp t on t.org_id = u.org_id and t.user_id = u.id and t.confirmed_at is not null`;

/** A password sign-in names no organization: users with this address in all real ones are candidates. */
const candidates: Statement = {
  name: 'sign-in-candidates',
  text: `select ${columns} from organizations o
    join lateral (
      select * from users u where u.org_id = o.id and u.email_key = $1 and u.deleted_at is null
    ) u on true ${credentials} where o.demonstration_of is null`,
};

/** A user who would sign in with a password. */
export interface Candidate extends Pick<User, 'id' | 'email' | 'status' | 'owner'> {
  readonly org: OrgId;
  readonly organization: string;
  readonly lockedAt: string | null;
  /** When the lock opens by itself; null if only an administrator opens it. */
  readonly opensAt: string | null;
  readonly hash: string | null;
  readonly sealedSecret: string | null;
  /** Whether "forgot password" mails a link. */
  readonly mayReset: boolean;
}

/** The users with an e-mail address, of any organization. */
export function findCandidates(db: Executor, emailKey: string): Promise<Candidate[]> {
  return db.query<Candidate>(candidates, [emailKey]);
}

const byUser: Statement = {
  name: 'sign-in-by-user',
  text: `select ${columns} from users u join organizations o on o.id = u.org_id ${credentials}
    where u.org_id = $1 and u.id = $2 and u.deleted_at is null`,
};

/** The same for a user who is known. */
export async function findCandidate(db: Executor, org: OrgId, user: UserId): Promise<Candidate | undefined> {
  return (await db.query<Candidate>(byUser, [org, user]))[0];
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
export async function holdCandidate(tx: Executor, org: OrgId, user: UserId): Promise<Candidate | undefined> {
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

/** Attempts before an expired lock are not counted: the user has as many attempts again (R141). */
const failed: Statement = {
  name: 'sign-in-failed',
  text: `with before as (
      select id, case when opened then 0 else failed_logins end as failures,
        case when opened then null else locked_at end as locked_at
      from (
        select u.id, u.failed_logins, u.locked_at, u.locked_at is not null and not ${lockHolds('$4')} as opened
        from users u where u.org_id = $1 and u.id = $2 and u.deleted_at is null
      ) as present
    ), u as (
      update users set failed_logins = b.failures + 1,
        locked_at = case when b.failures + 1 >= $3 and not owner then coalesce(b.locked_at, $4::timestamptz)
          else b.locked_at end,
        sessions_from = case when $5 and b.failures + 1 >= $3 and not owner and b.locked_at is null
          then $4::timestamptz else sessions_from end
      from before b where users.org_id = $1 and users.id = b.id
      returning users.locked_at
    )
    select locked_at = $4::timestamptz as locked from u`,
};

/** A failed attempt to count. */
export interface Failure {
  readonly user: UserId;
  /** Attempts that lock the account. */
  readonly limit: number;
  /** Whether the lock ends live sessions, because the guesses come from one. */
  readonly endsSessions: boolean;
}

/** Counts a failed attempt, and locks the account when the limit is reached. @returns whether this one locked it */
export async function countFailure(
  tx: Executor,
  org: OrgId,
  { user, limit, endsSessions }: Failure,
  at: string,
): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean | null }>(failed, [org, user, limit, at, endsSessions]);
  return row?.locked === true;
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
