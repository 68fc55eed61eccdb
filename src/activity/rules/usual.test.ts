import { describe, expect, test } from '@jest/globals';
import { DAY_MS, HOUR_MS } from '../../platform/time.ts';
import { toBuckets } from './buckets.ts';
import { usualOf } from './usual.ts';

/** A Sunday. */
const now = new Date('2026-11-29T12:00:00Z');
const figures = (time: number, queries: number) => ({
  hour: new Date(time).toISOString(),
  events: queries,
  queries,
  responseMs: 0,
  responses: 0,
});
/** Queries at noon of each day before, the oldest first. */
const noons = (days: number, queriesOf: (day: Date, ago: number) => number) =>
  Array.from({ length: days }, (_, index) => {
    const time = now.getTime() - (days - index) * DAY_MS;
    return figures(time, queriesOf(new Date(time), days - index));
  });
const isWeekend = (day: Date) => [0, 6].includes(day.getUTCDay());
const usual = (
  hours: ReturnType<typeof noons>,
  size: 'hour' | 'day',
  from: Date,
  to: Date,
  timeZone = 'UTC',
) => usualOf(toBuckets(hours, size, timeZone, from, to), hours, size, timeZone);
const days = (count: number) => new Date(now.getTime() + count * DAY_MS);

describe('what is usual', () => {
  test('of a day are the days of its kind of the four weeks before', () => {
    const hours = noons(40, (day) => (isWeekend(day) ? 2 : 100));
    // Sunday and Monday.
    expect(usual(hours, 'day', now, new Date(days(1).getTime() + HOUR_MS))).toEqual([
      { low: 2, high: 2 },
      { low: 100, high: 100 },
    ]);
  });

  test('is between the 10th and the 90th percentile: one busy day in ten changes nothing', () => {
    const hours = noons(28, (day, ago) => (isWeekend(day) ? 0 : ago === 5 ? 5_000 : 50 + ago));
    const [monday] = usual(hours, 'day', days(1), new Date(days(1).getTime() + HOUR_MS));
    expect(monday?.low).toBeGreaterThanOrEqual(50);
    expect(monday?.high).toBeLessThan(100);
  });

  test('of an hour are that hour and those beside it', () => {
    const hours = noons(28, () => 9);
    const at = (hour: number) =>
      usual(
        hours,
        'hour',
        new Date(now.getTime() + hour * HOUR_MS),
        new Date(now.getTime() + (hour + 1) * HOUR_MS),
      )[0];
    expect(at(0)).toEqual({ low: 0, high: 9 });
    expect(at(1)).toEqual({ low: 0, high: 9 });
    expect(at(2)).toEqual({ low: 0, high: 0 });
  });

  test('is unknown before two weeks are known, and then compared with what is known alone', () => {
    expect(
      usual(
        noons(13, () => 9),
        'day',
        now,
        days(0.01),
      ),
    ).toEqual([null]);
    expect(
      usual(
        noons(14, () => 9),
        'day',
        now,
        days(0.01),
      ),
    ).toEqual([{ low: 9, high: 9 }]);
    expect(
      usual(
        noons(13, () => 9),
        'hour',
        now,
        days(0.01),
      ),
    ).toEqual([null]);
    expect(
      usual(
        noons(14, () => 9),
        'hour',
        now,
        days(0.01),
      ),
    ).toEqual([{ low: 0, high: 9 }]);
    expect(usual([], 'day', now, days(0.01))).toEqual([null]);
  });

  test('of a day goes by the days of the time zone', () => {
    // Noon in UTC is one o'clock of the next day in Auckland: Saturdays there are Fridays here.
    const hours = noons(40, (day) => (day.getUTCDay() === 5 || day.getUTCDay() === 6 ? 2 : 100));
    const [sunday] = usual(
      hours,
      'day',
      days(-1),
      new Date(days(-1).getTime() + HOUR_MS),
      'Pacific/Auckland',
    );
    expect(sunday).toEqual({ low: 2, high: 2 });
  });
});
