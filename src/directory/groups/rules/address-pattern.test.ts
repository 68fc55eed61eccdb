import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesAddressPattern, rangeOfPattern, readAddressPattern } from './address-pattern.ts';

describe('a pattern of addresses', () => {
  test.each([
    ['*@eng.acme.example', '*@eng.acme.example'],
    ['  *.Contractor@ACME.example ', '*.contractor@acme.example'],
    ['*@*.acme.example', '*@*.acme.example'],
    ['jane*@acme.*', 'jane*@acme.*'],
    ['a*b*c*d*e*@acme.example', 'a*b*c*d*e*@acme.example'],
    ['*%_\\[a-z]+(x|y)$@acme.example', '*%_\\[a-z]+(x|y)$@acme.example'],
    ['*@Ünïcode.example', '*@ünïcode.example'],
  ])('%s is read as %s', (text, read) => {
    expect(readAddressPattern(text)).toBe(read);
  });

  test.each([
    '',
    '*',
    '*@*',
    '*@*.*',
    '*@.',
    '@acme.example',
    'acme.example',
    '*acme.example',
    'jane@acme.example',
    '*@a@acme.example',
    'a*b*c*d*e*f*@acme.example',
    '* jane@acme.example',
    '*\u202e@acme.example',
    `*@${'a'.repeat(253)}`,
  ])('%j is none', (text) => {
    expect(readAddressPattern(text)).toBeUndefined();
  });

  test('has 254 characters at most', () => {
    expect(readAddressPattern(`*@${'a'.repeat(252)}`)).toHaveLength(254);
  });

  test.each([
    ['*@eng.acme.example', 'Jane@ENG.acme.example', true],
    ['*@eng.acme.example', 'jane@acme.example', false],
    ['*@eng.acme.example', 'jane@eng.acme.example.evil.example', false],
    ['*@eng.acme.example', 'jane@eng-acme.example', false],
    ['*@eng.acme.example', '@eng.acme.example', true],
    ['*.contractor@acme.example', 'jane.contractor@acme.example', true],
    ['*.contractor@acme.example', 'contractor@acme.example', false],
    ['jane*@acme.example', 'jane@acme.example', true],
    ['ab*ba@acme.example', 'aba@acme.example', false],
    ['a*b*c@acme.example', 'a-c-b-c@acme.example', true],
    ['a*b*c@acme.example', 'a-c@acme.example', false],
    ['*ab*ab*@acme.example', 'ab@acme.example', false],
    ['*_x%@acme.example', 'jane_x%@acme.example', true],
    ['*_x%@acme.example', 'janeAx1@acme.example', false],
    ['*.+@acme.example', 'jane@acme.example', false],
  ])('%s and %s: %p', (pattern, address, matches) => {
    expect(matchesAddressPattern(pattern, address)).toBe(matches);
  });

  test('is looked up by its beginning if that is long, else by its end', () => {
    expect(rangeOfPattern('*@acme.example')).toEqual({
      backwards: true,
      from: 'elpmaxe.emca@',
      to: 'elpmaxe.emcaA',
    });
    expect(rangeOfPattern('jane*@acme.example')).toEqual({ backwards: false, from: 'jane', to: 'janf' });
    expect(rangeOfPattern('j*@acme.*')).toEqual({ backwards: false, from: 'j', to: 'k' });
    expect(rangeOfPattern('*@acme.*').from).toBe('');
  });

  test('every address that matches lies in the part of the index that is read', () => {
    const piece = fc.stringMatching(/^[a-c@.ß\u{1F600}]{0,4}$/u);
    const bytes = (text: string) => Buffer.from(text);
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2, maxLength: 4 }), piece, (parts, filling) => {
        const [pattern, address] = [parts.join('*'), parts.join(filling)];
        expect(matchesAddressPattern(pattern, address)).toBe(true);
        const { backwards, from, to } = rangeOfPattern(pattern);
        const key = bytes(backwards ? [...address].reverse().join('') : address);
        expect(Buffer.compare(bytes(from), key)).toBeLessThanOrEqual(0);
        expect(Buffer.compare(key, bytes(to))).toBe(-1);
      }),
    );
  });
});
