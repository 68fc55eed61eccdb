import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { composePage, PAGE, testsOf } from './page.ts';
import { findReferences, findTests, ROOT, readSources } from './references.ts';
import { REQUIREMENTS } from './requirements.ts';

const sources = readSources();
const tests = findTests(sources);
const numbers = REQUIREMENTS.map(({ number }) => number);
const isBuilt = (where: string) => !['console', 'planned'].includes(where);

test('docs/requirements.md is what `npm run requirements` writes', () => {
  expect(readFileSync(join(ROOT, PAGE), 'utf8')).toBe(composePage());
});

test('the numbers are R1 to R154, each once and in order', () => {
  expect(numbers).toEqual(Array.from({ length: 154 }, (_, index) => `R${index + 1}`));
});

test('every file and folder that implements a requirement exists', () => {
  const places = REQUIREMENTS.map(({ where }) => where).filter(isBuilt);
  expect(places.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('every requirement number in src and test exists', () => {
  const unknown = sources.flatMap(({ path, text }) =>
    findReferences(text).flatMap((number) => (numbers.includes(number) ? [] : [`${path}: ${number}`])),
  );
  expect(unknown).toEqual([]);
});

test('every requirement that is built has a test', () => {
  const untested = REQUIREMENTS.filter((each) => isBuilt(each.where) && testsOf(each, tests).length === 0);
  expect(untested.map(({ number, text }) => `${number}: ${text}`)).toEqual([]);
});

describe('findReferences', () => {
  test.each([
    ['one number', 'R5: a claim', ['R5']],
    ['a range', 'R7 to R9, R12', ['R7', 'R8', 'R9', 'R12']],
    ['no part of another word', 'PR5, R5x, R1234', []],
  ])('finds %s', (_name, text, found) => {
    expect(findReferences(text)).toEqual(found);
  });
});

test('findTests reads strings and no comments', () => {
  const text = "// R1\ntest('R2: a claim', () => {});\nconst table = { 'R3: a case': [`R4`] };";
  expect([...findTests([{ path: 'test/a.test.ts', text }]).keys()]).toEqual(['R2', 'R3', 'R4']);
});
