import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Ordered, orderOperations } from './order.ts';

/** "a<bc" creates a and refers to b and c; "/1<a" changes something and refers to a. */
const operation = (text: string): Ordered => {
  const [what = '', references = ''] = text.split('<');
  return { creates: what.startsWith('/') ? undefined : what, refersTo: new Set(references) };
};
/** Places of the request, "0(ab)" without references to a and b, "0+" for those references afterwards. */
const ordered = (...texts: string[]) =>
  orderOperations(texts.map(operation))
    .map(({ index, does, deferred }) => {
      if (does === 'references') return `${index}+`;
      return deferred.size === 0 ? `${index}` : `${index}(${[...deferred].join('')})`;
    })
    .join(' ');

describe('operations', () => {
  test.each([
    [['a', 'b', '/1'], '0 1 2'],
    [['a', 'b<a', '/1<ab'], '0 1 2'],
    [['a<xy', '/1<z'], '0 1'],
  ])('%j refer to nothing that comes later and stay as they were sent', (texts, expected) => {
    expect(ordered(...texts)).toBe(expected);
  });

  test.each([
    [['a<b', 'b', 'c'], '1 0 2'],
    [['/1<b', '/1', 'a', 'b', 'c'], '3 0 1 2 4'],
    [['a<b', 'b<c', 'c<d', 'd'], '3 2 1 0'],
    [['/1<ab', 'b<c', 'a', 'c'], '2 3 1 0'],
  ])('%j come after what they refer to', (texts, expected) => {
    expect(ordered(...texts)).toBe(expected);
  });

  test.each([
    [['a<b', 'b<a', 'c'], '1(a) 0 1+ 2'],
    [['a<a'], '0(a) 0+'],
    [['a<b', 'b<c', 'c<a'], '2(a) 1 0 2+'],
    [['g<ab', 'a<g', 'b<g'], '1(g) 2(g) 0 1+ 2+'],
    [['x<a', 'a<b', 'b<a', '/1<x'], '2(a) 1 2+ 0 3'],
    [['a<b', 'b<a', 'c<d', 'd<c'], '1(a) 0 1+ 3(c) 2 3+'],
    [['a<b', 'b<ca', 'c<ab'], '2(ab) 1(a) 0 2+ 1+'],
  ])('%j in a circle are created without, and then given, a reference', (texts, expected) => {
    expect(ordered(...texts)).toBe(expected);
  });

  test('of every Bulk come once, after what they refer to unless that is deferred, and get what was deferred', () => {
    const names = [...'abcdef'];
    const arbitrary = fc.array(
      fc.record({
        what: fc.constantFrom(...names, '/1', '/2'),
        references: fc.uniqueArray(fc.constantFrom(...names, 'z')),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(arbitrary, (sent) => {
        const created = new Set<string>();
        const operations = sent
          .filter(({ what }) => what.startsWith('/') || (!created.has(what) && created.add(what)))
          .map(({ what, references }) => operation(`${what}<${references.join('')}`));
        const steps = orderOperations(operations);
        const carriedOut = steps.filter(({ does }) => does === 'operation').map(({ index }) => index);
        expect(carriedOut.toSorted((left, right) => left - right)).toEqual(
          operations.map((_, index) => index),
        );
        const there = new Set<string>();
        const owed = new Map<number, ReadonlySet<string>>();
        for (const { index, does, deferred } of steps) {
          const { refersTo, creates } = operations[index] as Ordered;
          if (does === 'references') {
            expect(owed.get(index)).toBe(deferred);
            owed.delete(index);
            for (const id of deferred) expect(there).toContain(id);
            continue;
          }
          for (const id of refersTo) {
            if (created.has(id)) expect(there.has(id)).toBe(!deferred.has(id));
          }
          if (creates !== undefined) there.add(creates);
          if (deferred.size > 0) owed.set(index, deferred);
        }
        expect(owed.size).toBe(0);
      }),
    );
  });

  test('by the thousand, each referring to the next or to all others, are ordered within a second', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `${index}`);
    const chain = many.map((creates, index) => ({
      creates,
      refersTo: new Set([`${index + 1}`]),
    }));
    const all = new Set(many);
    const web = many.map((creates) => ({ creates, refersTo: all }));
    const start = performance.now();
    expect(orderOperations(chain)[0]?.index).toBe(999);
    expect(orderOperations(web)).toHaveLength(2_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
