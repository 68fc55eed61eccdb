import { expect, test } from '@jest/globals';
import { splitByDay } from './whole-days.ts';

const LONG_AGO = '2026-01-01T00:00:00.000Z';

test.each([
  [
    'begins and ends within days',
    '2026-11-02T09:30:00.000Z',
    '2026-11-09T09:30:00.000Z',
    LONG_AGO,
    '2026-11-03',
    '2026-11-09',
  ],
  [
    'begins at midnight',
    '2026-11-02T00:00:00.000Z',
    '2026-11-09T09:30:00.000Z',
    LONG_AGO,
    '2026-11-02',
    '2026-11-09',
  ],
  [
    'ends at midnight',
    '2026-11-02T09:30:00.000Z',
    '2026-11-09T00:00:00.000Z',
    LONG_AGO,
    '2026-11-03',
    '2026-11-09',
  ],
  [
    'begins before days are known',
    '2026-11-02T09:30:00.000Z',
    '2026-11-09T09:30:00.000Z',
    '2026-11-06T00:00:00.000Z',
    '2026-11-06',
    '2026-11-09',
  ],
])('a span that %s is cut at midnights', (_, from, to, since, days, after) => {
  expect(splitByDay(from, to, since)).toEqual({
    before: from,
    days: `${days}T00:00:00.000Z`,
    after: `${after}T00:00:00.000Z`,
  });
});

test.each([
  ['is within a day', '2026-11-02T09:30:00.000Z', '2026-11-02T19:30:00.000Z', LONG_AGO],
  ['has one midnight', '2026-11-02T09:30:00.000Z', '2026-11-03T09:30:00.000Z', LONG_AGO],
  [
    'ends before days are known',
    '2026-11-02T09:30:00.000Z',
    '2026-11-09T09:30:00.000Z',
    '2026-11-10T00:00:00.000Z',
  ],
])('a span that %s is hours alone', (_, from, to, since) => {
  expect(splitByDay(from, to, since)).toEqual({ before: from, days: to, after: to });
});
