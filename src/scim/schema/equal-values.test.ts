import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalText, withoutRepeats } from './equal-values.ts';

describe('canonicalText', () => {
  test('is equal for two values exactly if they are equal as JSON', () => {
    const values = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(values, values, (left, right) => {
        let same = true;
        try {
          expect(JSON.parse(JSON.stringify(left))).toEqual(JSON.parse(JSON.stringify(right)));
        } catch {
          same = false;
        }
        expect(canonicalText(left) === canonicalText(right)).toBe(same);
        expect(canonicalText(left)).toBe(canonicalText(JSON.parse(JSON.stringify(left))));
      }),
    );
  });

  test('lets withoutRepeats keep 100,000 values in a second or so', () => {
    const many = Array.from({ length: 100_000 }, (_, n) => ({ value: `${n % 50_000}` }));
    const start = performance.now();
    expect(withoutRepeats(many)).toHaveLength(50_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('withoutRepeats', () => {
  test('makes one value of two with the same type and value, with the sub-attributes of both', () => {
    expect(
      withoutRepeats([
        { value: 'a@x', type: 'work', primary: true },
        { value: 'a@x', type: 'home' },
        { value: 'a@x', type: 'work', display: 'A' },
      ]),
    ).toEqual([
      { value: 'a@x', type: 'work', primary: true, display: 'A' },
      { value: 'a@x', type: 'home' },
    ]);
  });

  test('keeps values that have no value of their own unless they are equal', () => {
    const addresses = [
      { type: 'work', country: 'NL' },
      { type: 'work', country: 'BE' },
    ];
    expect(withoutRepeats([...addresses, ...addresses])).toEqual(addresses);
  });
});
