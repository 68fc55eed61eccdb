const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after one attempt the next follows: Standard Webhooks 1.0, "Deliverability and reliability". */
const DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** A receiver may ask for more time, but not for ever. */
const LONGEST_MS = 24 * HOUR;

/** So much later than planned at most: what failed together does not come back together. */
const JITTER = 0.2;

/**
 * When to try again what has failed.
 *
 * @param attempts how many there were
 * @param random from 0 to 1
 * @param retryAfter what the receiver asked for
 * @returns undefined if that was the last attempt
 */
export function nextAttempt(
  attempts: number,
  now: Date,
  random: number,
  retryAfter: string | undefined,
): Date | undefined {
  const delay = DELAYS_MS[attempts - 1];
  if (delay === undefined) return undefined;
  const wanted = Math.min(waitWanted(retryAfter, now), LONGEST_MS);
  return new Date(now.getTime() + Math.max(delay * (1 + random * JITTER), wanted));
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds or a date. What is neither is nothing. */
function waitWanted(retryAfter: string | undefined, now: Date): number {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  // A date has the name of its day: Date.parse alone takes nearly any text.
  const date = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now.getTime());
}

/** Why a webhook is disabled that an administrator switched off: it needs no attention. */
export const DISABLED_BY_ADMINISTRATOR = 'An administrator disabled it.';
