import { DAY_MS } from '../platform/time.ts';
import { UsageError } from './command.ts';

const SAYS =
  '--expires must be a number of days such as 90d, a date such as 2027-01-31, or a time with its zone.';

/** The option's part of `--help`. */
export const EXPIRES_HELP = '90d, 2027-01-31 or 2027-01-31T09:30:00Z (default: never)';

/**
 * Reads when something ends: after some days, at the beginning of a day in UTC, or at a time.
 * @returns ISO 8601; undefined if it was not given
 * @throws UsageError
 */
export function parseExpiry(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined;
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  if (days !== undefined) return new Date(now.getTime() + Number(days) * DAY_MS).toISOString();
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)) {
    throw new UsageError(SAYS);
  }
  const time = new Date(text);
  const isRealDay =
    time.getTime() > 0 && new Date(text.slice(0, 10)).toISOString().startsWith(text.slice(0, 10));
  if (!isRealDay) throw new UsageError(SAYS);
  return time.toISOString();
}
