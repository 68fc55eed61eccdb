import { DAY_MS } from '../time.ts';
/** How often and for how long a job is tried, before it is dead. */
export interface RetryPolicy {
  readonly attempts: number;
  /** Counted from when the job was queued, or queued again. */
  readonly days: number;
  /** The wait after the first failure; it doubles with each failure after that. */
  readonly firstWaitSeconds: number;
  readonly longestWaitSeconds: number;
}

/** For work that depends on our own database only. */
export const BRIEF_RETRIES: RetryPolicy = {
  attempts: 30,
  days: 1,
  firstWaitSeconds: 2,
  longestWaitSeconds: 3_600,
};

/** For what another server may reject for days: about three days, at most an hour and a half between attempts. */
export const RETRIES_FOR_DAYS: RetryPolicy = {
  attempts: 200,
  days: 3,
  firstWaitSeconds: 5,
  longestWaitSeconds: 3_600,
};

/** For work that has a schedule of retries of its own: the job fails only if our database does. */
export const RETRIES_FOR_EVER: RetryPolicy = {
  ...BRIEF_RETRIES,
  attempts: Number.POSITIVE_INFINITY,
  days: Number.POSITIVE_INFINITY,
  longestWaitSeconds: 60,
};

/** Returns the seconds until the next attempt. @param attempts how many there were @param random from 0 to 1 */
export function waitAfter(
  attempts: number,
  policy: Pick<RetryPolicy, 'firstWaitSeconds' | 'longestWaitSeconds'>,
  random: number,
): number {
  const doubled = policy.firstWaitSeconds * 2 ** Math.min(attempts - 1, 30);
  return Math.min(doubled, policy.longestWaitSeconds) * (0.5 + random);
}

/** Whether a job that failed for the `attempts`th time has been tried often or long enough. */
export function isExhausted(attempts: number, queuedAt: Date, now: Date, policy: RetryPolicy): boolean {
  return attempts >= policy.attempts || now.getTime() - queuedAt.getTime() >= policy.days * DAY_MS;
}
