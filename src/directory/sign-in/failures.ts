import type { Client, Origin } from '../actor.ts';
import type { Administer } from '../administer.ts';
import { readSettings } from '../settings.ts';
import { type AttemptOutcome, type CandidateRow, countFailure, insertAttempt } from '../store/credentials.ts';
import { createFailureWrites } from './password-checks.ts';

/** R141. */
const LOCKED_AT = 5;

/** Where a wrong password was sent from: by a stranger, or within a session of the person. */
export type FailureSource = 'sign_in' | 'session';

/** Writes failed attempts. */
export type RecordFailure = (
  candidate: CandidateRow,
  outcome: AttemptOutcome,
  origin: Origin,
  client: Client,
  source: FailureSource,
) => Promise<void>;

/** Builds the record of failed attempts: it takes no lock of the organization, since strangers bring it about. */
export function createFailureRecord(administer: Administer): RecordFailure {
  const inTurn = createFailureWrites();
  return (candidate, outcome, origin, client, source) =>
    inTurn(() =>
      administer.withoutLock(candidate.org_id, origin, async ({ tx, org, at, newId, note }) => {
        const { autoUnlockMinutes } = readSettings(candidate.settings);
        const policy = { limit: LOCKED_AT, autoUnlockMinutes };
        // Without a password there is nothing to guess, and strangers must not lock anyone out of their provider.
        const isGuess = candidate.hash !== null;
        const locked =
          isGuess && (await countFailure(tx, org, candidate.id, policy, source === 'session', at));
        const attempt = { id: newId(), user: candidate.id, outcome, method: 'password', ...client };
        await insertAttempt(tx, org, attempt, at);
        note({
          action: 'auth.failed',
          target: ['user', candidate.id],
          changes: { values: { outcome: [null, outcome] } },
        });
        if (locked) note({ action: 'user.locked', target: ['user', candidate.id] });
      }),
    );
}
