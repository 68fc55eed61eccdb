import { describe, expect, test } from '@jest/globals';
import { detectQueryVolume, volumeScore } from './query-volume.ts';

const at = '2026-11-29T09:00:00.000Z';
const steady = Array.from({ length: 120 }, (_, hour) => 8 + (hour % 5));

describe('R111 the volume of queries', () => {
  test.each<[string, number, readonly number[], boolean]>([
    ['what is usual', 12, steady, false],
    ['eight times as much', 80, steady, true],
    ['twice as much', 20, steady, false],
    ['a few queries of somebody who never asks', 19, Array.from({ length: 120 }, () => 0), false],
    ['many queries of somebody who never asks', 60, Array.from({ length: 120 }, () => 0), true],
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
