import { describe, expect, test } from '@jest/globals';
import { isTimeZone, toBuckets } from './buckets.ts';

const hour = (time: string, events = 1) => ({ hour: time, events, queries: 0, responseMs: 0, responses: 0 });
const startsOf = (buckets: readonly { start: string; events: number }[]) =>
  buckets.map(({ start, events }) => [start, events]);

describe('buckets of a chart', () => {
  test('are days in the time zone that is asked for, also empty ones', () => {
    const hours = [hour('2026-11-01T22:00:00.000Z'), hour('2026-11-01T23:00:00.000Z', 2)];
    const [from, to] = [new Date('2026-11-01T12:00:00Z'), new Date('2026-11-03T12:00:00Z')];
    expect(startsOf(toBuckets(hours, 'day', 'Europe/Zurich', from, to))).toEqual([
      ['2026-11-01', 1],
      ['2026-11-02', 2],
      ['2026-11-03', 0],
    ]);
    expect(startsOf(toBuckets(hours, 'day', 'UTC', from, to))[0]).toEqual(['2026-11-01', 3]);
  });

  test('are days of 25 hours when the clock goes back', () => {
    const hours = Array.from({ length: 25 }, (_, index) =>
      hour(new Date(Date.UTC(2026, 9, 24, 22 + index)).toISOString()),
    );
    const span = [new Date('2026-10-24T22:00:00Z'), new Date('2026-10-25T23:00:00Z')] as const;
    expect(startsOf(toBuckets(hours, 'day', 'Europe/Zurich', ...span))).toEqual([['2026-10-25', 25]]);
  });

  test('are hours from the one in which the span begins', () => {
    const [from, to] = [new Date('2026-11-01T22:30:00Z'), new Date('2026-11-02T00:00:00Z')];
    expect(startsOf(toBuckets([hour('2026-11-01T23:00:00.000Z')], 'hour', 'UTC', from, to))).toEqual([
      ['2026-11-01T22:00:00.000Z', 0],
      ['2026-11-01T23:00:00.000Z', 1],
    ]);
  });
});

test.each([
  ['Europe/Zurich', true],
  ['UTC', true],
  ['America/Argentina/Buenos_Aires', true],
  ['+05:30', false],
  ['Mars/Olympus', false],
  ['', false],
])('the time zone %j is one: %s', (name, isOne) => {
  expect(isTimeZone(name)).toBe(isOne);
});
