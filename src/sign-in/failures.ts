import type { TargetedEvent } from '../audit/catalogue.ts';
import { envelope } from '../audit/envelope.ts';
import { recordEvents } from '../audit/store/append.ts';
import type { Client, Origin } from '../directory/actor.ts';
import type { CommandRunner, UnlockedContext } from '../directory/command-runner.ts';
import { createFailureWrites } from './passwords.ts';
import { LOCKED_AT } from './rules/lockout.ts';
import { type AttemptOutcome, type Candidate, countFailure, insertAttempt } from './store/passwords.ts';

/** Where a wrong password was sent from: by an unauthenticated client, or within a session of the user. */
type FailureSource = 'sign_in' | 'session';

/** Writes failed attempts. */
export type RecordFailure = (
  candidate: Candidate,
  outcome: AttemptOutcome,
  origin: Origin,
  client: Client,
  source: FailureSource,
) => Promise<void>;

/**
 * Builds the record of failed attempts: it takes no lock of the organization, since unauthenticated clients bring it
 * about.
 */
export function createFailureRecord(runner: CommandRunner): RecordFailure {
  const inTurn = createFailureWrites();
  return (candidate, outcome, origin, client, source) =>
    inTurn(() =>
      runner.withoutLock(candidate.org, origin, (context) =>
        writeFailure(context, candidate, outcome, origin, client, source),
      ),
    );
}

/**
 * Writes a failed attempt in a transaction that continues. Where it has locked the user's row, the next attempt is
 * decided after this one is counted.
 */
export async function writeFailure(
  { tx, org, at, newId }: UnlockedContext,
  candidate: Candidate,
  outcome: AttemptOutcome,
  origin: Origin,
  client: Client,
  source: FailureSource,
): Promise<void> {
  // Without a password there is nothing to guess, and unauthenticated clients must not lock anyone out of their provider.
  const failure = { user: candidate.id, limit: LOCKED_AT, endsSessions: source === 'session' };
  const isGuess = candidate.hash !== null;
  const locked = isGuess && (await countFailure(tx, org, failure, at));
  const attempt = { id: newId(), user: candidate.id, outcome, method: 'password', ...client };
  await insertAttempt(tx, org, attempt, at);
  const failed: TargetedEvent = {
    action: 'auth.failed',
    target: ['user', candidate.id],
    changes: { values: { outcome: [null, outcome] } },
  };
  const lockedOut: TargetedEvent = { action: 'user.locked', target: ['user', candidate.id] };
  await recordEvents(tx, org, envelope(origin, newId(), at), locked ? [failed, lockedOut] : [failed]);
}
