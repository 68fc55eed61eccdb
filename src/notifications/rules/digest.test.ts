import { describe, expect, test } from '@jest/globals';
import { digestPeriod, groupByTopic, MOST_LINES } from './digest.ts';

describe('the digest that is due', () => {
  test.each([
    ['2026-11-29T07:59:59Z', 8, 'UTC', '2026-11-28', '2026-11-28T08:00:00.000Z'],
    ['2026-11-29T08:00:00Z', 8, 'UTC', '2026-11-29', '2026-11-29T08:00:00.000Z'],
    ['2026-11-29T06:59:00Z', 8, 'Europe/Berlin', '2026-11-28', '2026-11-28T07:00:00.000Z'],
    ['2026-11-29T07:00:00Z', 8, 'Europe/Berlin', '2026-11-29', '2026-11-29T07:00:00.000Z'],
    ['2026-07-01T06:00:00Z', 8, 'Europe/Berlin', '2026-07-01', '2026-07-01T06:00:00.000Z'],
    // The day begins earlier there.
    ['2026-11-29T19:00:00Z', 8, 'Pacific/Auckland', '2026-11-30', '2026-11-29T19:00:00.000Z'],
    // The hour that does not exist on the day on which summer time begins, and that on which it ends exists twice.
    ['2026-03-29T01:00:00Z', 2, 'Europe/Berlin', '2026-03-29', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:00:00Z', 2, 'Europe/Berlin', '2026-10-25', '2026-10-25T01:00:00.000Z'],
    ['2026-11-29T00:00:00Z', 0, 'UTC', '2026-11-29', '2026-11-29T00:00:00.000Z'],
  ])('at %s, for %i o’clock in %s', (now, hour, timeZone, day, begins) => {
    const period = digestPeriod(new Date(now), hour, timeZone);
    expect([period.day, period.begins.toISOString()]).toEqual([day, begins]);
  });
});

describe('lines of a mail', () => {
  test('are grouped by topic in the order of topics, each once', () => {
    expect(
      groupByTopic([
        { topic: 'alert', line: 'A' },
        { topic: 'review', line: 'B' },
        { topic: 'alert', line: 'C' },
        { topic: 'alert', line: 'A' },
      ]),
    ).toEqual([
      { topic: 'review', lines: ['B'], more: 0 },
      { topic: 'alert', lines: ['A', 'C'], more: 0 },
    ]);
  });

  test('are counted beyond a limit', () => {
    const lines = Array.from({ length: MOST_LINES + 7 }, (_, at) => ({
      topic: 'alert' as const,
      line: `${at}`,
    }));
    const [section] = groupByTopic(lines);
    expect([section?.lines.length, section?.more]).toEqual([MOST_LINES, 7]);
  });
});
