import type { Client } from '../directory/actor.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { isRecentProof } from '../directory/roles/rules/recent-proof.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { sendMail } from '../notifications/mails.ts';
import { hashToken } from '../platform/opaque-token.ts';
import { passwordIsAllowed } from './enforcement.ts';
import type { Guess } from './guess-limits.ts';
import type { PasswordSignInParts } from './password-sign-in.ts';
import { checkPassword, hashPassword, passwordMatches } from './passwords.ts';
import { type Candidate, findCandidate, holdCandidate, writePasswordHash } from './store/passwords.ts';
import { endSessions } from './store/sessions.ts';

const STEP_UP_PURPOSE = 'step-up';

/** How a user proves again who they are: the password, or the token that an earlier proof gave. */
export interface Proof {
  readonly password?: string | undefined;
  readonly stepUpToken?: string | undefined;
}

export interface ProofCommands {
  /**
   * Proves the user's identity again, for operations that require it.
   * @returns a token that proves it for five minutes, or until the password changes
   * @throws DomainError `password_invalid`, which is a failed attempt (R90), `throttled`
   */
  stepUp(by: Authority, password: string, client: Client): Promise<string>;
  /**
   * Checks the proof that comes with a request. Whether one is needed decides the command (`runProven`).
   * @returns the caller with the time of the proof, or as they were if there is none or it no longer counts
   * @throws DomainError `password_invalid`, `throttled`
   */
  prove(by: Authority, proof: Proof, client: Client): Promise<Authority>;
  /** @throws DomainError `password_invalid`, `weak_password` */
  changePassword(
    by: Authority,
    session: string | undefined,
    current: string,
    next: string,
    client: Client,
  ): Promise<void>;
}

/** Builds the commands that ask a signed-in user for their password again. */
export function createProofs(
  { db, now, runner, seal }: UserDependencies,
  { limits, checks, recordFailure }: PasswordSignInParts,
): ProofCommands {
  /** A password that must be right, of a user who is known. @throws DomainError `password_invalid`, `throttled` */
  const checkOwnPassword = async (by: Authority, password: string, client: Client): Promise<Candidate> => {
    const found = await findCandidate(db, by.org, by.rights.id);
    const counts = found !== undefined && (await passwordIsAllowed(db, found));
    const candidate = counts ? found : undefined;
    // The session is what is known: guesses from elsewhere are not its failed attempts.
    const guess: Guess = { account: `${by.org} ${by.rights.id}`, ip: undefined, device: 'session' };
    const right = await checks(true, async () => {
      await limits.requireAllowed(guess, now());
      const matches = await passwordMatches(candidate?.hash ?? undefined, password);
      if (!matches) await limits.count(guess, now());
      return matches;
    });
    if (candidate !== undefined && right) {
      await limits.forget(guess);
      return candidate;
    }
    if (found !== undefined) {
      const guessed = counts ? found : { ...found, hash: null };
      await recordFailure(guessed, 'wrong_password', by.origin, client, 'session');
    }
    throw new DomainError('password_invalid', 'The password is wrong.');
  };

  /** A change of the password invalidates step-up tokens, too. @returns when it was made, if it counts */
  const timeOfProof = async (token: string, by: Authority): Promise<number | undefined> => {
    let proof: [org: string, user: string, at: number, password: string];
    try {
      proof = JSON.parse(seal.open(token, STEP_UP_PURPOSE)) as typeof proof;
    } catch {
      return undefined;
    }
    const [org, user, at, password] = proof;
    if (org !== by.org || user !== by.rights.id || !isRecentProof(at, now())) return undefined;
    const candidate = await findCandidate(db, by.org, by.rights.id);
    return candidate !== undefined && digestOf(candidate) === password ? at : undefined;
  };

  return {
    stepUp: async (by, password, client) => {
      const candidate = await checkOwnPassword(by, password, client);
      const proof = [by.org, by.rights.id, now().getTime(), digestOf(candidate)];
      return seal.seal(JSON.stringify(proof), STEP_UP_PURPOSE);
    },

    prove: async (by, { password, stepUpToken }, client) => {
      if (password !== undefined) {
        await checkOwnPassword(by, password, client);
        return { ...by, provedAt: now().toISOString() };
      }
      const at = stepUpToken === undefined ? undefined : await timeOfProof(stepUpToken, by);
      return at === undefined ? by : { ...by, provedAt: new Date(at).toISOString() };
    },

    changePassword: async (by, session, current, next, client) => {
      const { email, organization } = await checkOwnPassword(by, current, client);
      checkPassword(next, email);
      const hash = await hashPassword(next);
      await runner.withOrganization(by.org, by.origin, async ({ tx, org, at, newId, recordEvent }) => {
        // A sign-in with the old password that is under way ends before this, or sees the new one.
        await holdCandidate(tx, org, by.rights.id as UserId);
        await writePasswordHash(tx, org, by.rights.id, hash, at);
        await endSessions(tx, org, by.rights.id, session === undefined ? {} : { except: session }, at);
        recordEvent({ action: 'password.changed', target: ['user', by.rights.id] });
        await sendMail(tx, seal, org, newId(), { template: 'password_changed', to: email, organization });
      });
    },
  };
}

const digestOf = ({ hash }: Candidate): string => hashToken(`password ${hash}`).toString('base64url');
