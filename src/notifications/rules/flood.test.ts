import { expect, test } from '@jest/globals';
import { mayMailAtOnce, mayMailHeld } from './flood.ts';

test.each([
  [0, true],
  [4, true],
  [5, false],
  [60, false],
])('after %i mails within an hour another one is sent at once: %s', (mails, expected) => {
  expect(mayMailAtOnce(mails)).toBe(expected);
});

test.each([
  [null, true],
  ['2026-11-29T09:00:00.000Z', false],
  ['2026-11-29T08:45:01.000Z', false],
  ['2026-11-29T08:45:00.000Z', true],
])('after a mail at %s what was held is sent at 9:00: %s', (lastMailAt, expected) => {
  expect(mayMailHeld(lastMailAt, new Date('2026-11-29T09:00:00.000Z'))).toBe(expected);
});
