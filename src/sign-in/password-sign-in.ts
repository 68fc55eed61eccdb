import type { Client, Origin } from '../directory/actor.ts';
import type { UnlockedContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { uuidv7 } from '../platform/ids.ts';
import { hashToken, makeOpaqueToken } from '../platform/opaque-token.ts';
import { passwordIsAllowed } from './enforcement.ts';
import { type RecordFailure, writeFailure } from './failures.ts';
import type { Guess, GuessLimits } from './guess-limits.ts';
import { createKnownDevices } from './known-devices.ts';
import { type PasswordChecks, passwordMatches } from './passwords.ts';
import { lockHolds } from './rules/lockout.ts';
import { hashRecoveryCode, TOTP_PURPOSE, totpStep } from './second-factor.ts';
import { type StartedSession, startSession } from './sessions.ts';
import {
  type AttemptOutcome,
  type Candidate,
  findCandidate,
  findCandidates,
  holdCandidate,
  insertAttempt,
  recordSignIn,
} from './store/passwords.ts';
import { insertPendingSignIn, usePendingSignIn } from './store/pending-sign-ins.ts';
import { useRecoveryCode, useTotpStep } from './store/second-factors.ts';
import { withMinimumDuration } from './throttle.ts';

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
  /** The device cookie's new value, so that guesses from elsewhere do not lock this device out. */
  readonly device: string;
}

export interface PasswordSignIn {
  /**
   * Checks an e-mail address and a password and begins a session (R136, R138, R141).
   * @throws DomainError `invalid_credentials` whatever is wrong, `second_factor_required`, `throttled`
   */
  signIn(intent: SignInIntent, client: Client, requestId: string): Promise<SignedIn>;
  /**
   * The same for a page that asks for the code in a second step.
   * @returns a token for `finishSignIn`, good for five minutes and one code, if there is a second factor
   * @throws DomainError `invalid_credentials`, `throttled`
   */
  beginSignIn(
    intent: Omit<SignInIntent, 'code'>,
    client: Client,
    requestId: string,
  ): Promise<SignedIn | { readonly pending: string }>;
  /** @throws DomainError `invalid_credentials`, also of a token that has ended, used or unknown; `throttled` */
  finishSignIn(pending: string, code: string, client: Client, requestId: string): Promise<SignedIn>;
}

/** What sign-ins and proofs share in a process. */
export interface PasswordSignInParts {
  readonly limits: GuessLimits;
  readonly checks: PasswordChecks;
  readonly recordFailure: RecordFailure;
}

const invalid = () => new DomainError('invalid_credentials', 'Invalid email or password');

/** Builds the commands of signing in with a password. */
export function createPasswordSignIn(
  { db, now, runner, seal }: UserDependencies,
  { limits, checks, recordFailure }: PasswordSignInParts,
): PasswordSignIn {
  const devices = createKnownDevices(seal);

  const guessOf = (email: string, client: Client): Guess => ({
    account: caseKey(email.trim()),
    ip: client.ip,
    device: devices.recognize(client.device, email.trim(), now()),
  });

  const originOf = (user: UserId | undefined, client: Client, requestId: string): Origin =>
    user === undefined
      ? { actor: { type: 'anonymous', id: 'anonymous', via: 'sign_in' }, requestId, client }
      : { actor: { type: 'user', id: user, via: 'sign_in' }, requestId, client };

  /** Leaves out a password that is not valid for signing in. */
  const withPasswordThatCounts = async (candidate: Candidate): Promise<Candidate> =>
    (await passwordIsAllowed(db, candidate)) ? candidate : { ...candidate, hash: null };

  const isLocked = (candidate: Candidate): boolean => lockHolds(candidate, now());

  /** Answers a failure in the same time whether there is an account or not. */
  const fail = async (
    candidates: readonly Candidate[],
    outcome: AttemptOutcome,
    client: Client,
    requestId: string,
  ): Promise<never> => {
    await withMinimumDuration(async () => {
      for (const candidate of candidates) {
        await recordFailure(candidate, outcome, originOf(undefined, client, requestId), client, 'sign_in');
      }
    });
    throw invalid();
  };

  /** Checks a password against every account of the address. One check always, so that all take as long. */
  const checkPasswords = async (guess: Guess, email: string, password: string) => {
    return checks(guess.device !== undefined, async () => {
      await limits.requireAllowed(guess, now());
      const found = await findCandidates(db, caseKey(email.trim()));
      const candidates = await Promise.all(found.map(withPasswordThatCounts));
      const matching: Candidate[] = [];
      for (const candidate of candidates.length === 0 ? [undefined] : candidates) {
        const right = await passwordMatches(candidate?.hash ?? undefined, password);
        if (right && candidate !== undefined) matching.push(candidate);
      }
      if (matching.length === 0) await limits.count(guess, now());
      return { candidates, matching };
    });
  };

  /** The one account that is meant, its password right. @throws DomainError `invalid_credentials`, `conflict` */
  const recognize = async (
    { email, password, organization }: Omit<SignInIntent, 'code'>,
    client: Client,
    requestId: string,
  ): Promise<Candidate> => {
    const { candidates, matching } = await checkPasswords(guessOf(email, client), email, password);
    if (matching.length === 0) return fail(candidates, 'wrong_password', client, requestId);
    const matchingOrganization = matching.filter(
      ({ org }) => organization === undefined || org === organization,
    );
    const [candidate] = matchingOrganization;
    if (candidate === undefined) throw invalid();
    if (matchingOrganization.length > 1) {
      const names = matchingOrganization.map((each) => `${each.organization} (${each.org})`).join(', ');
      throw new DomainError(
        'conflict',
        `You have an account in several organizations: send "organization" with one of ${names}.`,
      );
    }
    if (isLocked(candidate) || candidate.status !== 'active') {
      const outcome = isLocked(candidate) ? 'locked' : 'not_active';
      return fail([candidate], outcome, client, requestId);
    }
    return candidate;
  };

  /** Begins the session of a user whose password is right. @throws DomainError `invalid_credentials` */
  const complete = async (
    candidate: Candidate,
    code: string | undefined,
    client: Client,
    requestId: string,
  ): Promise<SignedIn> => {
    const guess = guessOf(candidate.email, client);
    const by = originOf(candidate.id, client, requestId);
    const result = await runner.withoutLock(candidate.org, by, async (context) => {
      const { tx, org, at, newId } = context;
      // Read again with the row locked: a user who was locked, deactivated or given another password meanwhile stays out.
      const current = await holdCandidate(tx, org, candidate.id);
      if (current === undefined || current.status !== 'active' || isLocked(current)) return 'not_active';
      if (current.hash !== candidate.hash || current.sealedSecret !== candidate.sealedSecret) {
        return 'not_active';
      }
      if (candidate.sealedSecret !== null && !(await takeCode(context, candidate, code ?? ''))) {
        // Counted with the row locked, so that concurrent guesses reach the lockout like sequential ones.
        const unauthenticated = originOf(undefined, client, requestId);
        await writeFailure(context, candidate, 'wrong_code', unauthenticated, client, 'sign_in');
        return 'wrong_code';
      }
      await recordSignIn(tx, org, candidate.id, at);
      const method = candidate.sealedSecret === null ? 'password' : 'password and code';
      const attempt = { id: newId(), user: candidate.id, outcome: 'signed_in', method, ...client } as const;
      await insertAttempt(tx, org, attempt, at);
      return startSession(context, candidate.id, method, client);
    });
    if (typeof result === 'string') {
      if (result === 'wrong_code') await limits.count(guess, now());
      return fail(result === 'wrong_code' ? [] : [candidate], result, client, requestId);
    }
    await limits.forget(guess);
    const device = devices.remember(client.device, candidate.email, now());
    return { ...result, org: candidate.org, user: candidate.id, device };
  };

  /** Takes the second factor. @returns whether the code is right */
  const takeCode = async (
    { tx, org, time }: UnlockedContext,
    candidate: Candidate,
    code: string,
  ): Promise<boolean> => {
    const secret = seal.open(candidate.sealedSecret as string, TOTP_PURPOSE);
    const step = totpStep(secret, code, time);
    if (step !== undefined) return useTotpStep(tx, org, candidate.id, step);
    return useRecoveryCode(tx, org, candidate.id, hashRecoveryCode(code));
  };

  return {
    signIn: async ({ code, ...intent }, client, requestId) => {
      const candidate = await recognize(intent, client, requestId);
      if (candidate.sealedSecret !== null && code === undefined) {
        throw new DomainError('second_factor_required', 'Enter the code of your authenticator app.');
      }
      return complete(candidate, code, client, requestId);
    },

    beginSignIn: async (intent, client, requestId) => {
      const candidate = await recognize(intent, client, requestId);
      if (candidate.sealedSecret === null) return complete(candidate, undefined, client, requestId);
      const token = makeOpaqueToken();
      const pending = { id: uuidv7(now().getTime()), user: candidate.id, hash: hashToken(token) };
      await insertPendingSignIn(db, candidate.org, pending, now().toISOString());
      return { pending: token };
    },

    finishSignIn: async (pending, code, client, requestId) => {
      const row = await usePendingSignIn(db, hashToken(pending), now().toISOString());
      const found = row?.isCurrent === true ? await findCandidate(db, row.org, row.user) : undefined;
      const candidate = found === undefined ? undefined : await withPasswordThatCounts(found);
      if (candidate === undefined || candidate.hash === null || candidate.sealedSecret === null) {
        return fail([], 'wrong_code', client, requestId);
      }
      await limits.requireAllowed(guessOf(candidate.email, client), now());
      return complete(candidate, code, client, requestId);
    },
  };
}
