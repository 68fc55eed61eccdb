import { describe, expect, test } from '@jest/globals';
import { postureLimitsShape } from '../limits.ts';
import { figuresOf, peopleToCount } from './figures.ts';

const limits = postureLimitsShape.parse({});
const warned = (admins: number, people: number, of = limits) =>
  figuresOf({ admins }, people, of)[0]?.warning !== null;

describe('R135: a share of administrators', () => {
  test.each<[number, number, boolean]>([
    [3, 4, false],
    [4, 4, true],
    [4, 40, false],
    [5, 49, true],
    [5, 50, false],
    [100, 1_000, false],
    [101, 1_000, true],
  ])('of %i among %i people warns: %s', (admins, people, warns) => {
    expect(warned(admins, people)).toBe(warns);
  });

  test.each([10, 7, 33])(
    'of %i %% warns among as many people as are counted exactly where it does among all',
    (adminPercent) => {
      const of = postureLimitsShape.parse({ adminPercent });
      for (let admins = 0; admins < 40; admins += 1) {
        for (let people = Math.max(1, admins); people < 500; people += 7) {
          const counted = Math.min(people, peopleToCount(admins, 0, of));
          expect(warned(admins, counted, of)).toBe(warned(admins, people, of));
        }
      }
    },
  );

  test('is compared with that of a month before', () => {
    const before = { activePeople: 40, owners: 1, admins: 2, configure: 4 };
    const [admins, inactive] = figuresOf({ admins: 5, inactive: 3 }, 50, limits, before);
    expect(admins).toMatchObject({ count: 5, percent: 10, previous: { count: 2, percent: 5 } });
    expect(inactive?.previous).toBeNull();
  });
});

test('R135: one API key without an end warns, in the singular', () => {
  expect(figuresOf({ api_keys_without_expiry: 1 }, 50, limits)).toMatchObject([
    { percent: null, warning: '1 API key never expires: replace it with one that expires.' },
  ]);
});
