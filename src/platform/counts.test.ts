import { expect, test } from '@jest/globals';
import { countOf, minutesInWords } from './counts.ts';

test.each([
  [0, 'job', undefined, '0 jobs'],
  [1, 'job', undefined, '1 job'],
  [1_204, 'job', undefined, '1,204 jobs'],
  [1, 'entry', 'entries', '1 entry'],
  [2, 'entry', 'entries', '2 entries'],
])('%i %s is written %4$s', (number, noun, plural, expected) => {
  expect(countOf(number, noun, plural)).toBe(expected);
});

test.each([
  [1, '1 minute'],
  [30, '30 minutes'],
  [60, '1 hour'],
  [90, '90 minutes'],
  [240, '4 hours'],
])('%i minutes are %s', (minutes, expected) => {
  expect(minutesInWords(minutes)).toBe(expected);
});
