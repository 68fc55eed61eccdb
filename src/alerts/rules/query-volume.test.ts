import { describe, expect, test } from '@jest/globals';
import { comparableHours, detectQueryVolume, volumeScore } from './query-volume.ts';

const at = '2026-11-29T09:00:00.000Z';
const steady = Array.from({ length: 120 }, (_, hour) => 8 + (hour % 5));

describe('R111 the volume of queries', () => {
  test.each<[string, number, readonly number[], boolean]>([
    ['what is usual', 12, steady, false],
    ['eight times as much', 80, steady, true],
    ['twice as much', 20, steady, false],
    ['a few queries of a user who never asks', 19, Array.from({ length: 120 }, () => 0), false],
    ['many queries of a user who never asks', 60, Array.from({ length: 120 }, () => 0), true],
    ['many queries without any history', 500, [], false],
    ['one busy hour in the history does not hide the next', 80, [...steady, 400], true],
  ])('%s', (_name, count, comparable, opens) => {
    expect(detectQueryVolume({ user: 'u', at, count }, comparable) !== undefined).toBe(opens);
  });

  test('is scored by roots: the median scores zero', () => {
    expect(
      volumeScore(
        10,
        Array.from({ length: 9 }, () => 10),
      ),
    ).toBe(0);
  });
});

describe('the hours that compare with one', () => {
  const monday = Date.parse('2026-11-30T09:00:00.000Z');
  const byHour = (...hours: readonly string[]) => new Map(hours.map((hour) => [`${hour}:00:00.000Z`, 7]));

  test('are the same hour, one more or less, of the same kind of day', () => {
    const counts = comparableHours(
      monday,
      byHour('2026-11-13T09', '2026-11-16T08', '2026-11-28T09', '2026-11-27T11'),
    );
    // From Friday the 13th on: eleven working days of three hours, without the hour before the first.
    expect([counts.length, counts.filter((count) => count > 0).length]).toEqual([32, 2]);
  });

  test('are none within the first 14 days', () => {
    expect(comparableHours(monday, byHour('2026-11-17T09'))).toEqual([]);
    expect(comparableHours(monday, new Map())).toEqual([]);
  });
});
