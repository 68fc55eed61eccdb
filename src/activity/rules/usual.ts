import { DAY_MS, HOUR_MS } from '../../platform/time.ts';
import { type Bucket, type BucketSize, localDay } from './buckets.ts';

/** Between which numbers queries usually are: the 10th and the 90th percentile of comparable times. */
export interface Usual {
  readonly low: number;
  readonly high: number;
}

/** Days before a bucket with which it is compared. */
export const COMPARED_DAYS = 28;
/** Before activity is known for so many days, nothing is usual. */
const LEAST_DAYS = 14;

/**
 * Says of each bucket what is usual for it. An hour is compared with the same hour of the day, one hour more or less, a day
 * with whole days; each with days of its kind, from Monday to Friday or not, of the four weeks before it.
 * @param hours figures of the span and of a day more than `COMPARED_DAYS` before it; hours that are missing had no queries
 * @returns null of a bucket before which fewer than two weeks are known
 */
export function usualOf(
  buckets: readonly Bucket[],
  hours: readonly { readonly hour: string; readonly queries: number }[],
  size: BucketSize,
  timeZone: string,
): readonly (Usual | null)[] {
  const [first] = hours;
  if (first === undefined) return buckets.map(() => null);
  const known = Date.parse(first.hour);
  return size === 'hour' ? ofHours(buckets, hours, timeZone, known) : ofDays(buckets, hours, timeZone, known);
}

function ofHours(
  buckets: readonly Bucket[],
  hours: readonly { readonly hour: string; readonly queries: number }[],
  timeZone: string,
  known: number,
): (Usual | null)[] {
  const queries = new Map(hours.map((each) => [Date.parse(each.hour), each.queries]));
  const dayOf = localDay(timeZone);
  const kinds = new Map<number, boolean>();
  /** Whether the day of a time is a working day. */
  const kindOf = (time: number): boolean => {
    const kind = kinds.get(time) ?? isWorkingDay(dayOf(new Date(time)));
    kinds.set(time, kind);
    return kind;
  };
  return buckets.map(({ start }) => {
    const time = Date.parse(start);
    if (time - known < LEAST_DAYS * DAY_MS) return null;
    const comparable: number[] = [];
    for (let days = 1; days <= COMPARED_DAYS; days += 1) {
      const same = time - days * DAY_MS;
      if (kindOf(same) !== kindOf(time)) continue;
      for (const near of [same - HOUR_MS, same, same + HOUR_MS]) {
        if (near >= known) comparable.push(queries.get(near) ?? 0);
      }
    }
    return rangeOf(comparable);
  });
}

function ofDays(
  buckets: readonly Bucket[],
  hours: readonly { readonly hour: string; readonly queries: number }[],
  timeZone: string,
  known: number,
): (Usual | null)[] {
  const dayOf = localDay(timeZone);
  const queries = new Map<string, number>();
  for (const { hour, queries: count } of hours) {
    const day = dayOf(new Date(hour));
    queries.set(day, (queries.get(day) ?? 0) + count);
  }
  const knownDay = dayOf(new Date(known));
  return buckets.map(({ start }) => {
    if (dayBefore(start, LEAST_DAYS) < knownDay) return null;
    const comparable: number[] = [];
    for (let days = 1; days <= COMPARED_DAYS; days += 1) {
      const day = dayBefore(start, days);
      if (day < knownDay) break;
      if (isWorkingDay(day) === isWorkingDay(start)) comparable.push(queries.get(day) ?? 0);
    }
    return rangeOf(comparable);
  });
}

/** @param day such as 2026-11-29 */
const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);

const isWorkingDay = (day: string): boolean => ![0, 6].includes(new Date(day).getUTCDay());

function rangeOf(values: readonly number[]): Usual | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((left, right) => left - right);
  return { low: percentile(sorted, 0.1), high: percentile(sorted, 0.9) };
}

/** Between the two values that are next to it, in whole numbers. */
function percentile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return Math.round(below + (above - below) * (place - Math.floor(place)));
}
