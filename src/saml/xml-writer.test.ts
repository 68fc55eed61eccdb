import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attribute, parseXml } from './xml.ts';
import { element } from './xml-writer.ts';

test('elements are nested in order, and what is undefined is left out', () => {
  const inner = element('b', { c: undefined }, 'x');
  expect(element('a', { xmlns: 'urn:a' }, [inner, undefined, element('d', {})])).toBe(
    '<a xmlns="urn:a"><b>x</b><d/></a>',
  );
});

test('a value can neither end its attribute or element nor begin another', () => {
  const value = '"/><evil a="&amp;\'><!-- ]]>';
  const root = parseXml(element('a', { b: value }, value));
  expect([attribute(root, 'b'), root.text, root.children]).toEqual([value, value, []]);
});

test('the strict reader reads every value as it was written', () => {
  const writable = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => isWritable(text));
  fc.assert(
    fc.property(writable, writable, (name, content) => {
      const root = parseXml(element('a', { b: name }, content));
      expect([attribute(root, 'b'), root.text]).toEqual([name, content]);
    }),
  );
});

test.each(['\u0000', '\u001b', '\ufffe', '\ud800'])('%j cannot be written', (character) => {
  expect(() => element('a', {}, `x${character}`)).toThrow(RangeError);
  expect(() => element('a', { b: character }, [])).toThrow(RangeError);
});

function isWritable(text: string): boolean {
  try {
    element('a', {}, text);
    return true;
  } catch {
    return false;
  }
}
