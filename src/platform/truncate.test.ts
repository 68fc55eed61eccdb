import { expect, test } from '@jest/globals';
import { truncate } from './truncate.ts';

test('truncate never leaves half of a surrogate pair', () => {
  expect(truncate('ab😀', 3)).toBe('ab');
  expect(truncate('ab😀', 4)).toBe('ab😀');
  expect(truncate('a\ud83d', 9).isWellFormed()).toBe(true);
  expect(truncate('abc', 2)).toBe('ab');
  expect(truncate(undefined, 2)).toBeUndefined();
});
