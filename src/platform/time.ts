export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The time so many days before another; ISO 8601. */
export const daysBefore = (time: Date, days: number): string =>
  new Date(time.getTime() - days * DAY_MS).toISOString();

const written = (weekday: object) =>
  new Intl.DateTimeFormat('en-GB', {
    ...weekday,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  });
const WITH_WEEKDAY = written({ weekday: 'long' });
const WITHOUT_WEEKDAY = written({});

/** A time as people write it: `Tuesday, 1 December 2026 at 09:30 UTC`, or without the day of the week. @param iso valid */
export function writtenTime(iso: string, day: 'weekday' | 'date' = 'date'): string {
  return `${(day === 'weekday' ? WITH_WEEKDAY : WITHOUT_WEEKDAY).format(new Date(iso))} UTC`;
}

const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** A day as people write it, in UTC: `1 December 2026`. @param iso valid */
export const writtenDay = (iso: string): string => DAY.format(new Date(iso));
