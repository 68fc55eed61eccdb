import { HOUR_MS } from '../../platform/time.ts';
import type { Figures } from '../activity-event.ts';

export type BucketSize = 'hour' | 'day';

export interface Bucket extends Figures {
  /** `2026-11-29` for a day, the beginning of the hour in ISO 8601 for an hour. */
  readonly start: string;
}

/** Whether a name is one of a time zone, such as Europe/Zurich; offsets are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Sums hours up for a chart: every bucket of the span is there, also an empty one. An hour belongs to the day in which it
 * begins; days of a change of the clock have 23 or 25 hours.
 * @param hours the beginnings of hours in ISO 8601, the oldest first
 * @param from the beginning of the first hour @param to where the span ends
 */
export function toBuckets(
  hours: readonly (Figures & { readonly hour: string })[],
  size: BucketSize,
  timeZone: string,
  from: Date,
  to: Date,
): Bucket[] {
  const startOf = size === 'hour' ? (time: Date) => time.toISOString() : localDay(timeZone);
  const buckets = new Map<string, { -readonly [Name in keyof Figures]: Figures[Name] }>();
  const first = startOfHour(from).getTime();
  for (let time = first; time < to.getTime(); time += HOUR_MS) {
    const start = startOf(new Date(time));
    if (!buckets.has(start)) buckets.set(start, { events: 0, queries: 0, responseMs: 0, responses: 0 });
  }
  for (const { hour, ...figures } of hours) {
    const bucket = buckets.get(startOf(new Date(hour)));
    if (bucket === undefined) continue;
    bucket.events += figures.events;
    bucket.queries += figures.queries;
    bucket.responseMs += figures.responseMs;
    bucket.responses += figures.responses;
  }
  return [...buckets].map(([start, figures]) => ({ start, ...figures }));
}

/** When the hour of a time begins. */
export const startOfHour = (time: Date): Date => new Date(Math.floor(time.getTime() / HOUR_MS) * HOUR_MS);

/** @returns what gives the day of a time there, such as 2026-11-29 */
export function localDay(timeZone: string): (time: Date) => string {
  // The format of Sweden is ISO 8601.
  const format = new Intl.DateTimeFormat('sv', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (time) => format.format(time);
}
