import { countOf } from '../../platform/counts.ts';
import { DAY_MS, HOUR_MS } from '../../platform/time.ts';
import type { Finding } from './alert.ts';

/** Beyond this score, the volume is unusual; with fewer queries it never is. */
const UNUSUAL = 4;
export const FEWEST = 20;
/** The spread of a user whose hours are all alike is not zero. */
const LEAST_SPREAD = 0.5;
/** Scales the median of distances to a standard deviation. */
const MAD_SCALE = 1.4826;

const variance = (count: number) => Math.sqrt(count + 0.375);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * How unusual a number of queries in an hour is: its distance from the median of comparable hours, in spreads. Roots of
 * counts have the same spread whatever their size; medians do not follow a single busy hour.
 * @param comparable counts of the same hour of the day, one hour more or less, of the same kind of day, for 8 weeks
 */
export function volumeScore(count: number, comparable: readonly number[]): number {
  if (comparable.length === 0) return 0;
  const roots = comparable.map(variance);
  const middle = median(roots);
  const spread = Math.max(MAD_SCALE * median(roots.map((root) => Math.abs(root - middle))), LEAST_SPREAD);
  return (variance(count) - middle) / spread;
}

/** Whether a user asked unusually much in an hour (R111). */
export function detectQueryVolume(
  { user, at, count }: { readonly user: string; readonly at: string; readonly count: number },
  comparable: readonly number[],
): Finding | undefined {
  const score = volumeScore(count, comparable);
  if (count < FEWEST || score <= UNUSUAL) return undefined;
  return {
    kind: 'query_volume',
    severity: score > 2 * UNUSUAL ? 'high' : 'medium',
    user,
    at,
    key: 'queries',
    detail: {
      why: `${count} queries in an hour are unusual for this user.`,
      comparedWith: `a median of ${median(comparable)} in ${countOf(comparable.length, 'comparable hour')}`,
      queries: count,
      score: Math.round(score * 10) / 10,
    },
  };
}

const WEEKS = 8;
/** Before a user has reported activity for so long, there is nothing to compare with. */
const LEARNING_DAYS = 14;

/**
 * The counts of the hours that compare with one: the same hour of the day, one more or less, of the same kind of day, in
 * the eight weeks before; an hour without queries is one of zero. Hours and days are those of UTC.
 * @param at when the hour begins, in milliseconds
 * @param byHour queries by the beginning of the hour, ISO 8601
 * @returns none while there is too little to compare with
 */
export function comparableHours(at: number, byHour: ReadonlyMap<string, number>): readonly number[] {
  const first = Math.min(...[...byHour.keys()].map((hour) => Date.parse(hour)));
  if (at - first < LEARNING_DAYS * DAY_MS) return [];
  const isWeekend = (time: number) => [0, 6].includes(new Date(time).getUTCDay());
  const found: number[] = [];
  for (let day = 1; day <= WEEKS * 7; day += 1) {
    if (isWeekend(at - day * DAY_MS) !== isWeekend(at)) continue;
    for (const step of [-1, 0, 1]) {
      const hour = at - day * DAY_MS + step * HOUR_MS;
      if (hour >= first) found.push(byHour.get(new Date(hour).toISOString()) ?? 0);
    }
  }
  return found;
}

/** How far back `comparableHours` looks, in milliseconds. */
export const COMPARED_MS = (WEEKS * 7 + 1) * DAY_MS;
