import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinByTime, type Position, type SourcePage, type Timeline } from './timeline.ts';

interface Item {
  readonly id: string;
  readonly at: string;
}

/** A source of items, of which one reading reads so many. */
function read(all: readonly Item[], from: Position<Item>, most: number): SourcePage<Item, Item> {
  const isBelow = (item: Item) =>
    from !== 'end' && (from === undefined || item.at < from.at || (item.at === from.at && item.id < from.id));
  const rest = all.filter(isBelow);
  const items = rest.slice(0, most);
  return {
    items,
    from,
    next: rest.length > most ? items.at(-1) : 'end',
    placeOf: (item) => item,
    timeOf: ({ at }) => at,
    timeAt: ({ at }) => at,
  };
}

const newestFirst = (items: readonly Item[]) =>
  [...items].sort((one, other) => (one.at + one.id < other.at + other.id ? 1 : -1));
const items = (prefix: string) =>
  fc
    .array(fc.integer({ min: 10, max: 30 }), { maxLength: 30 })
    .map((times) =>
      newestFirst(times.map((at, index) => ({ id: `${prefix}${10 + index}`, at: String(at) }))),
    );

describe('a timeline of two sources', () => {
  test('has every item of both once, in the order of time, however it is paged', () => {
    fc.assert(
      fc.property(items('a'), items('b'), fc.integer({ min: 1, max: 7 }), (one, other, limit) => {
        const seen: Item[] = [];
        let [left, right]: Position<Item>[] = [undefined, undefined];
        for (let pages = 0; pages < 200; pages += 1) {
          const page: Timeline<Item, Item, Item, Item> = joinByTime(
            read(one, left, limit),
            read(other, right, limit + 2),
            limit,
          );
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          seen.push(...page.entries);
          ({ left, right } = page);
          if (left === 'end' && right === 'end') break;
        }
        expect(seen.map(({ at }) => at)).toEqual(newestFirst([...one, ...other]).map(({ at }) => at));
        expect(new Set(seen.map(({ id }) => id)).size).toBe(one.length + other.length);
      }),
    );
  });

  test('goes on with a source that found nothing yet', () => {
    const place = { id: 'b1', at: '15' };
    const one = read(
      [
        { id: 'a1', at: '20' },
        { id: 'a0', at: '10' },
      ],
      undefined,
      5,
    );
    const other = { ...read([], undefined, 5), next: place };
    const page = joinByTime(one, other, 5);
    expect(page.entries.map(({ id }) => id)).toEqual(['a1']);
    expect([page.left, page.right]).toEqual([{ id: 'a1', at: '20' }, place]);
  });
});
