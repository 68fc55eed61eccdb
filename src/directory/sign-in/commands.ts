import type { Seal } from '../../platform/sealing.ts';
import type { Client, Origin } from '../actor.ts';
import type { Work } from '../administer.ts';
import type { Authority } from '../authority.ts';
import { Refusal } from '../errors.ts';
import type { OrgId, UserId } from '../ids.ts';
import { sendMail } from '../mails.ts';
import { caseKey } from '../rules/keys.ts';
import { lockHolds } from '../rules/locks.ts';
import { readSettings } from '../settings.ts';
import {
  type AttemptOutcome,
  type CandidateRow,
  countFailure,
  findCandidate,
  findCandidates,
  insertAttempt,
  noteSignIn,
  writePasswordHash,
} from '../store/credentials.ts';
import { useRecoveryCode, useTotpStep } from '../store/second-factors.ts';
import { endSessions } from '../store/sessions.ts';
import type { SignInDependencies } from './dependencies.ts';
import { passwordCounts } from './enforcement.ts';
import { failsInEvenTime } from './even-time.ts';
import { createPasswordResets, type PasswordResets } from './password-resets.ts';
import { checkPassword, hashPassword, passwordMatches } from './passwords.ts';
import { type StartedSession, startSession } from './sessions.ts';
import { createThrottle } from './throttle.ts';
import { hashRecoveryCode, totpStep } from './totp.ts';

/** R141. */
const LOCKED_AT = 5;
const STEP_UP_MINUTES = 5;
const STEP_UP_PURPOSE = 'step-up';

/** How a person proves again who they are: the password, or the token that an earlier proof gave. */
export interface Proof {
  readonly password?: string | undefined;
  readonly stepUpToken?: string | undefined;
}

export interface SignInIntent {
  readonly email: string;
  readonly password: string;
  /** Of an authenticator app, or a recovery code. */
  readonly code: string | undefined;
  /** Which organization, if the address and the password are the same in several. */
  readonly organization: string | undefined;
}

export interface SignedIn extends StartedSession {
  readonly org: OrgId;
  readonly user: UserId;
}

export interface SignInCommands extends PasswordResets {
  /**
   * Checks an e-mail address and a password and begins a session (R136, R138, R141).
   * @throws Refusal `invalid_credentials` whatever is wrong, `second_factor_required`, `throttled`
   */
  signIn(intent: SignInIntent, client: Client, requestId: string): Promise<SignedIn>;
  /** Ends the session; nothing happens to one that is over. */
  signOut(by: Authority, session: string): Promise<void>;
  /**
   * Proves again who sits there, for what asks for it.
   * @returns a token that says so for five minutes
   * @throws Refusal `password_invalid`, which counts as a failed attempt (R90), `throttled`
   */
  stepUp(by: Authority, password: string, client: Client): Promise<string>;
  /**
   * Checks the proof that comes with what asks for one.
   * @throws Refusal `step_up_required` if there is none or it is too old, `password_invalid`, `throttled`
   */
  demandProof(by: Authority, proof: Proof, client: Client): Promise<void>;
  /** @throws Refusal `password_invalid`, `weak_password` */
  changePassword(
    by: Authority,
    session: string | undefined,
    current: string,
    next: string,
    client: Client,
  ): Promise<void>;
}

const invalid = () => new Refusal('invalid_credentials', 'Invalid email or password');

/** What a sealed authenticator secret is for. */
export const TOTP_PURPOSE = 'totp';

/** Builds the commands of signing in and of one's own password. */
export function createSignInCommands(dependencies: SignInDependencies): SignInCommands {
  const { db, now, administer, seal } = dependencies;
  const signInThrottle = createThrottle(db, 'sign-in');

  const fail = (candidate: CandidateRow, outcome: AttemptOutcome, origin: Origin, client: Client) =>
    administer.on(candidate.org_id, origin, async (work) => {
      const { tx, org, at, newId, note } = work;
      await insertAttempt(
        tx,
        org,
        { id: newId(), user: candidate.id, outcome, method: 'password', ...client },
        at,
      );
      const { autoUnlockMinutes } = readSettings(candidate.settings);
      const policy = { limit: LOCKED_AT, autoUnlockMinutes };
      // Without a password there is nothing to guess, and nobody is to be locked out of their provider by strangers.
      const guessed = candidate.hash !== null;
      const locked = guessed && (await countFailure(tx, org, candidate.id, policy, at));
      note({
        action: 'auth.failed',
        target: ['user', candidate.id],
        changes: { values: { outcome: [null, outcome] } },
      });
      if (locked) note({ action: 'user.locked', target: ['user', candidate.id] });
    });

  /** A password that does not count is none. */
  const withPasswordThatCounts = async (candidate: CandidateRow): Promise<CandidateRow> =>
    (await passwordCounts(db, candidate)) ? candidate : { ...candidate, hash: null };

  const isLocked = ({ locked_at, settings }: CandidateRow): boolean =>
    lockHolds(locked_at, readSettings(settings), now());

  /** Takes the second factor, if there is one. @returns whether the code is right */
  const takeCode = async (
    { tx, org, time }: Work,
    candidate: CandidateRow,
    code: string,
  ): Promise<boolean> => {
    const secret = seal.open(candidate.sealed_secret as string, TOTP_PURPOSE);
    const step = totpStep(secret, code, time);
    if (step !== undefined) return useTotpStep(tx, org, candidate.id, step);
    return useRecoveryCode(tx, org, candidate.id, hashRecoveryCode(code));
  };

  /** A password that must be right, of a person who is known. @throws Refusal `password_invalid`, `throttled` */
  const prove = async (by: Authority, password: string, client: Client): Promise<CandidateRow> => {
    const found = await findCandidate(db, by.org, by.rights.id);
    const candidate = found === undefined ? undefined : await withPasswordThatCounts(found);
    await signInThrottle.enter(`${by.org} ${by.rights.id}`, client.ip, now());
    const right = await passwordMatches(candidate?.hash ?? undefined, password);
    if (candidate !== undefined && right) {
      await signInThrottle.forgive(`${by.org} ${by.rights.id}`);
      return candidate;
    }
    if (candidate !== undefined) await fail(candidate, 'wrong_password', by.origin, client);
    throw new Refusal('password_invalid', 'The password is wrong.');
  };

  const signIn: SignInCommands['signIn'] = async (
    { email, password, code, organization },
    client,
    requestId,
  ) => {
    const account = email.trim().toLowerCase();
    await signInThrottle.enter(account, client.ip, now());
    const candidates = await Promise.all(
      (await findCandidates(db, caseKey(email.trim()))).map(withPasswordThatCounts),
    );
    const origin: Origin = { actor: { type: 'anonymous', id: 'anonymous', via: 'sign_in' }, requestId };
    const matching: CandidateRow[] = [];
    // One check always, so that nobody's password takes as long as somebody's.
    for (const candidate of candidates.length === 0 ? [undefined] : candidates) {
      const right = await passwordMatches(candidate?.hash ?? undefined, password);
      if (right && candidate !== undefined) matching.push(candidate);
    }
    if (matching.length === 0) {
      for (const candidate of candidates) await fail(candidate, 'wrong_password', origin, client);
      throw invalid();
    }
    const meant = matching.filter(({ org_id }) => organization === undefined || org_id === organization);
    const [candidate] = meant;
    if (candidate === undefined) throw invalid();
    if (meant.length > 1) {
      const names = meant.map((each) => `${each.organization} (${each.org_id})`).join(', ');
      throw new Refusal(
        'conflict',
        `You have an account in several organizations: send "organization" with one of ${names}.`,
      );
    }
    if (isLocked(candidate) || candidate.status !== 'active') {
      await fail(candidate, isLocked(candidate) ? 'locked' : 'not_active', origin, client);
      throw invalid();
    }
    if (candidate.sealed_secret !== null && code === undefined) {
      throw new Refusal('second_factor_required', 'Enter the code of your authenticator app.');
    }
    const by: Origin = { actor: { type: 'user', id: candidate.id, via: 'sign_in' }, requestId };
    const session = await administer.on(candidate.org_id, by, async (work) => {
      const { tx, org, at, newId } = work;
      if (candidate.sealed_secret !== null && !(await takeCode(work, candidate, code as string)))
        return undefined;
      // Read again under the lock: a person who was locked or deactivated meanwhile does not get in.
      const current = await findCandidate(tx, org, candidate.id);
      if (current === undefined || current.status !== 'active' || isLocked(current)) return undefined;
      await noteSignIn(tx, org, candidate.id, at);
      const method = candidate.sealed_secret === null ? 'password' : 'password and code';
      await insertAttempt(
        tx,
        org,
        { id: newId(), user: candidate.id, outcome: 'signed_in', method, ...client },
        at,
      );
      return startSession(work, candidate.id, method, client);
    });
    if (session === undefined) {
      await fail(candidate, 'wrong_code', origin, client);
      throw invalid();
    }
    await signInThrottle.forgive(account);
    return { ...session, org: candidate.org_id, user: candidate.id };
  };

  return {
    ...createPasswordResets(dependencies),

    signIn: (intent, client, requestId) => failsInEvenTime(() => signIn(intent, client, requestId)),

    signOut: async (by, session) => {
      await administer.on(by.org, by.origin, async ({ tx, org, at, note }) => {
        const ended = await endSessions(tx, org, by.rights.id, { only: session }, at);
        if (ended.length > 0) note({ action: 'session.ended', target: ['user', by.rights.id] });
      });
    },

    stepUp: async (by, password, client) => {
      await prove(by, password, client);
      return seal.seal(JSON.stringify([by.org, by.rights.id, now().getTime()]), STEP_UP_PURPOSE);
    },

    demandProof: async (by, { password, stepUpToken }, client) => {
      if (password !== undefined) {
        await prove(by, password, client);
        return;
      }
      if (stepUpToken !== undefined && isFreshProof(seal, stepUpToken, by, now())) return;
      if (by.provedAt !== undefined && isFresh(Date.parse(by.provedAt), now())) return;
      throw new Refusal(
        'step_up_required',
        'Confirm with your password: send "password", or the token of POST /auth/step-up. ' +
          'Without a password, confirm at your identity provider: POST /auth/step-up/sso.',
      );
    },

    changePassword: async (by, session, current, next, client) => {
      const { email, organization } = await prove(by, current, client);
      checkPassword(next, email);
      const hash = await hashPassword(next);
      await administer.on(by.org, by.origin, async ({ tx, org, at, newId, note }) => {
        await writePasswordHash(tx, org, by.rights.id, hash, at);
        await endSessions(tx, org, by.rights.id, session === undefined ? {} : { except: session }, at);
        note({ action: 'password.changed', target: ['user', by.rights.id] });
        await sendMail(tx, seal, org, newId(), { template: 'password_changed', to: email, organization });
      });
    },
  };
}

const isFresh = (at: number, now: Date): boolean => now.getTime() - at < STEP_UP_MINUTES * 60_000;

function isFreshProof(seal: Seal, token: string, by: Authority, now: Date): boolean {
  try {
    const [org, user, at] = JSON.parse(seal.open(token, STEP_UP_PURPOSE)) as [string, string, number];
    return org === by.org && user === by.rights.id && isFresh(at, now);
  } catch {
    return false;
  }
}
