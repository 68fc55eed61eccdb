import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ScimError } from '../errors.ts';
import { type Filter, type Operator, printFilter } from './ast.ts';
import { MAX_LENGTH, tokenize } from './lexer.ts';
import { parseFilter, parsePath } from './parser.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const OPERATORS: readonly Operator[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];

const eq = (path: string, value: string | number | boolean | null): Filter => ({
  kind: 'compare',
  path,
  operator: 'eq',
  value,
});
const pr = (path: string): Filter => ({ kind: 'present', path });

/** The refusal of a text, or undefined if it parses; any other failure is the test's. */
function refusal(parse: () => unknown): ScimError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

/** Names include every keyword: in the place of an attribute each is an attribute. */
const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z$][A-Za-z0-9_$-]{0,12}$/),
  fc.constantFrom('not', 'and', 'or', 'pr', 'eq', 'true', 'null', '$ref', 'constructor', 'toString'),
);
const path = fc
  .tuple(
    fc.constantFrom('', '', `${ENTERPRISE}:`, 'urn:a:b.c:2.0:'),
    name,
    fc.option(name, { nil: undefined }),
  )
  .map(([urn, attribute, sub]) => `${urn}${attribute}${sub === undefined ? '' : `.${sub}`}`);
const literal = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
  fc.constantFrom('', '"', '\\', '\\"', ')', '] and (', 'not ('),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  path.map(pr),
  fc
    .record({ path, operator: fc.constantFrom(...OPERATORS), value: literal })
    .map((parts): Filter => ({ kind: 'compare', ...parts })),
);
const filters = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5, depthSize: 'large' },
    leaf,
    fc
      .record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        left: tie('filter'),
        right: tie('filter'),
      })
      .map((parts): Filter => parts),
    tie('filter').map((operand): Filter => ({ kind: 'not', operand })),
    fc.record({ path, filter: tie('filter') }).map((parts): Filter => ({ kind: 'some', ...parts })),
  ),
})).filter;

/** Writes no parenthesis that the order of operations makes needless: "and" before "or", both left to right. */
function printTersely(filter: Filter): string {
  const within = (operand: Filter, loose: readonly Filter['kind'][]) =>
    loose.includes(operand.kind) ? `(${printTersely(operand)})` : printTersely(operand);
  switch (filter.kind) {
    case 'or':
      return `${printTersely(filter.left)} or ${within(filter.right, ['or'])}`;
    case 'and':
      return `${within(filter.left, ['or'])} and ${within(filter.right, ['or', 'and'])}`;
    case 'not':
      return `not (${printTersely(filter.operand)})`;
    case 'some':
      return `${filter.path}[${printTersely(filter.filter)}]`;
    default:
      return printFilter(filter);
  }
}

describe('parseFilter', () => {
  test('reads what printFilter writes as the same tree', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(printFilter(filter))).toEqual(filter);
      }),
      { numRuns: 500 },
    );
  });

  test('prints no parentheses that the precedence makes redundant', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(printTersely(filter))).toEqual(filter);
      }),
      { numRuns: 500 },
    );
  });

  test('binds grouping before not, not before and, and before or', () => {
    const [a, b, c] = [pr('a'), pr('b'), pr('c')];
    expect(parseFilter('a pr or b pr and c pr')).toEqual({
      kind: 'or',
      left: a,
      right: { kind: 'and', left: b, right: c },
    });
    expect(parseFilter('(a pr or b pr) and c pr')).toEqual({
      kind: 'and',
      left: { kind: 'or', left: a, right: b },
      right: c,
    });
    expect(parseFilter('not (a pr) and b pr')).toEqual({
      kind: 'and',
      left: { kind: 'not', operand: a },
      right: b,
    });
    expect(parseFilter('a pr and b pr and c pr')).toEqual({
      kind: 'and',
      left: { kind: 'and', left: a, right: b },
      right: c,
    });
  });

  test.each(OPERATORS)('reads the operator %s in any case', (operator) => {
    const expected = { kind: 'compare', path: 'userName', operator, value: 'x' };
    const capital = operator[0]?.toUpperCase() + operator.slice(1);
    for (const spelled of [operator, operator.toUpperCase(), capital]) {
      expect(parseFilter(`userName ${spelled} "x"`)).toEqual(expected);
    }
  });

  test('reads pr, and, or and not in any case', () => {
    expect(parseFilter('a PR And b Pr OR Not (c pr)')).toEqual(parseFilter('a pr and b pr or not (c pr)'));
  });

  test.each([
    [`${ENTERPRISE}:employeeNumber eq "7"`, `${ENTERPRISE}:employeeNumber`],
    [`${ENTERPRISE}:manager.value eq "7"`, `${ENTERPRISE}:manager.value`],
    [
      'URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:User:name.familyName eq "7"',
      'URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:User:name.familyName',
    ],
  ])('keeps the URN of %s in the path', (text, expected) => {
    expect(parseFilter(text)).toEqual(eq(expected, '7'));
  });

  test("reads Entra ID's attr[filter].sub as a condition on the same element", () => {
    expect(parseFilter('emails[type eq "work"].value eq "x"')).toEqual({
      kind: 'some',
      path: 'emails',
      filter: { kind: 'and', left: eq('type', 'work'), right: eq('value', 'x') },
    });
    expect(parseFilter('emails[type eq "work"].value pr and active eq true')).toEqual({
      kind: 'and',
      left: {
        kind: 'some',
        path: 'emails',
        filter: { kind: 'and', left: eq('type', 'work'), right: pr('value') },
      },
      right: eq('active', true),
    });
  });

  test.each([
    ['a eq 0', 0],
    ['a eq -1.5e3', -1500],
    ['a eq 1E-2', 0.01],
    ['a eq true', true],
    ['a eq false', false],
    ['a eq null', null],
    ['a eq ""', ''],
    ['a eq "\\u00e9\\"\\\\"', 'é"\\'],
    ['a eq "true"', 'true'],
    ['a   eq\t"x"  ', 'x'],
  ])('reads the value of %s', (text, value) => {
    expect(parseFilter(text)).toEqual(eq('a', value));
  });

  test.each([
    '',
    ' ',
    'userName',
    'userName eq',
    'userName like "x"',
    'userName = "x"',
    'eq "x"',
    '"userName" eq "x"',
    'userName eq "x" and',
    'and userName eq "x"',
    'userName eq "x" userName eq "y"',
    'userName eq "x" xor userName eq "y"',
    'userName eq ("x")',
    '()',
    '(userName pr',
    'userName pr)',
    'not userName pr',
    'not (userName pr',
    'emails[]',
    'emails[type eq "work"',
    'emails[type eq "work")',
    'emails[type eq "work"].',
    'emails[type eq "work"].value',
    'emails[type eq "work"].a.b eq "x"',
    'emails[type eq "work"]value eq "x"',
    'a.b.c eq "x"',
    '.a eq "x"',
    'a. eq "x"',
    '1a eq "x"',
    '__proto__ eq "x"',
    'é eq "x"',
    'a eq x',
    'a eq True',
    'a eq 01',
    'a eq 1.',
    'a eq .5',
    'a eq +1',
    'a eq 0x10',
    'a eq NaN',
    'a eq Infinity',
    'a eq 1e999',
    'a eq -1e999',
    'a eq "x',
    'a eq "x\\"',
    'a eq "\\q"',
    'a eq "\\u12"',
    'a eq "line\nbreak"',
    'a eq "\\u0000"',
    'a eq "\\ud800"',
    'a eq "\ud800"',
    "a eq 'x'",
    'a\neq "x"',
    'a eq "x"; drop table users',
    'urn: eq "x"',
    'urn:x eq "x" y',
  ])('refuses %j as 400 invalidFilter', (text) => {
    expect(refusal(() => parseFilter(text))).toMatchObject({ status: 400, scimType: 'invalidFilter' });
  });

  test('reports where a filter is wrong and what was expected there', () => {
    expect(refusal(() => parseFilter('userName eq "x" xor a pr'))?.message).toBe(
      'Expected "and", "or" or the end at character 17, found "xor".',
    );
  });

  test('reads a value without quotes only where the dialect has it', () => {
    const bareWord = (word: string) => word;
    expect(parseFilter('userName eq jyoung', { bareWord })).toEqual(eq('userName', 'jyoung'));
    expect(refusal(() => parseFilter('userName eq jyoung'))).toMatchObject({ scimType: 'invalidFilter' });
  });

  test('rejects single quotes rather than to look for a value that has them', () => {
    const bareWord = (word: string) => word;
    expect(refusal(() => parseFilter("userName eq 'jyoung'", { bareWord }))).toMatchObject({
      status: 400,
      scimType: 'invalidFilter',
      message: 'Expected a string in double quotes at character 13, found "\'jyoung\'".',
    });
    expect(refusal(() => parsePath("emails[type eq 'work'].value", { bareWord }))).toMatchObject({
      scimType: 'invalidPath',
    });
    expect(parseFilter("userName eq o'neil", { bareWord })).toEqual(eq('userName', "o'neil"));
  });

  test.each(['a\0b', 'a\ud800b'])(
    'refuses %j as a value without quotes, since Postgres could not store it',
    (word) => {
      const bareWord = (text: string) => text;
      expect(refusal(() => parseFilter(`userName eq ${word}`, { bareWord }))).toMatchObject({
        status: 400,
        scimType: 'invalidFilter',
      });
    },
  );
});

describe('the bounds of a filter', () => {
  const nested = (open: string, depth: number, close: string) =>
    `${open.repeat(depth)}a pr${close.repeat(depth)}`;

  test('32 levels are read, 33 are not', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['not (', ')'],
      ['a[', ']'],
    ] as const) {
      expect(refusal(() => parseFilter(nested(open, 32, close)))).toBeUndefined();
      expect(refusal(() => parseFilter(nested(open, 33, close)))).toMatchObject({
        scimType: 'invalidFilter',
      });
    }
  });

  test('200 comparisons are read, 201 are not', () => {
    const chain = (length: number) => Array.from({ length }, () => 'a pr').join(' or ');
    expect(refusal(() => parseFilter(chain(200)))).toBeUndefined();
    expect(refusal(() => parseFilter(chain(201)))?.message).toBe('The filter has more than 200 parts.');
  });

  test.each([
    ['(', ')'],
    ['not (', ')'],
    ['a[', ']'],
    ['(', ''],
    ['[', ''],
  ])('10,000 levels of %j are refused, not a stack overflow', (open, close) => {
    expect(refusal(() => parseFilter(nested(open, 10_000, close)))).toMatchObject({
      status: 400,
      scimType: 'invalidFilter',
    });
    expect(refusal(() => parsePath(nested(open, 10_000, close)))).toMatchObject({
      status: 400,
      scimType: 'invalidPath',
    });
  });

  test.each(['a', '(', '"', '\\', ' ', 'urn:', 'a pr or ', '\u{1f600}'])(
    '1 MiB of %j is refused by its length',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_048_576 / piece.length));
      expect(refusal(() => parseFilter(text))?.message).toMatch(
        /^The filter has \d+ characters, and the limit is 65536/,
      );
    },
  );

  test.each([
    ['an unterminated string', `a eq "${'x'.repeat(MAX_LENGTH)}`],
    ['an unterminated string of escapes', `a eq "${'\\"'.repeat(MAX_LENGTH)}`],
    ['an unterminated string of quoted words', `a eq ${'"x" '.repeat(MAX_LENGTH)}"`],
    ['a URN that never ends in a name', `urn:${'a:'.repeat(MAX_LENGTH)}!`],
    ['a URN of colons', `urn${':'.repeat(MAX_LENGTH)}`],
    ['a URN of dots', `urn:${'a.'.repeat(MAX_LENGTH)}!`],
    ['a long name', `${'a'.repeat(MAX_LENGTH)}!`],
    ['a long number', `a eq ${'1'.repeat(MAX_LENGTH)}!`],
    ['a number of exponents', `a eq 1${'e1'.repeat(MAX_LENGTH)}`],
  ])('%s of the greatest length is refused in linear time', (_, text) => {
    const longest = text.slice(0, MAX_LENGTH);
    const start = performance.now();
    for (let round = 0; round < 20; round += 1) {
      expect(refusal(() => parseFilter(longest))).toMatchObject({ scimType: 'invalidFilter' });
    }
    // Twenty rounds take some 20 ms; quadratic ones would take a second each, exponential ones for ever.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('any text of any characters is read or rejected with 400, and nothing else', () => {
    const soup = fc.array(
      fc.constantFrom(
        ...[
          '(',
          ')',
          '[',
          ']',
          '"',
          '\\',
          ' ',
          '.',
          'a',
          'not',
          'and',
          'or',
          'pr',
          'eq',
          '1',
          'urn:',
          ':',
          '\0',
          '\n',
          'é',
        ],
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(soup, (parts) => {
        for (const parse of [parseFilter, parsePath]) {
          expect(refusal(() => parse(parts.join('')))?.status ?? 400).toBe(400);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('tokenize', () => {
  test('reports at which character an unterminated string begins', () => {
    expect(refusal(() => tokenize('a eq "xyz', 'invalidPath'))).toMatchObject({
      scimType: 'invalidPath',
      message: 'The string that starts at character 6 has no closing quote.',
    });
  });
});

describe('parsePath', () => {
  test.each([
    ['userName', { path: 'userName', filter: undefined, sub: undefined }],
    ['name.familyName', { path: 'name.familyName', filter: undefined, sub: undefined }],
    [
      `${ENTERPRISE}:manager.value`,
      { path: `${ENTERPRISE}:manager.value`, filter: undefined, sub: undefined },
    ],
    ['members[value eq "7"]', { path: 'members', filter: eq('value', '7'), sub: undefined }],
    [
      'addresses[type eq "work"].streetAddress',
      { path: 'addresses', filter: eq('type', 'work'), sub: 'streetAddress' },
    ],
    ['members[value eq "7"].$ref', { path: 'members', filter: eq('value', '7'), sub: '$ref' }],
    [
      `urn:x:User:tags[value eq "7"].value`,
      { path: 'urn:x:User:tags', filter: eq('value', '7'), sub: 'value' },
    ],
  ])('reads %s', (text, expected) => {
    expect(parsePath(text)).toEqual(expected);
  });

  test.each([
    '',
    ' ',
    '.',
    'a.b.c',
    'a b',
    '"a"',
    '(a)',
    'a[]',
    'a[b]',
    'a[b eq "x"',
    'a[b eq "x"]]',
    'a[b eq "x"].c.d',
    'a[b eq "x"].',
    'a[b eq "x"] c',
    'a[b eq "x"][c eq "y"]',
    '__proto__',
    'a.__proto__',
    'a[b eq "x"].__proto__',
    'a eq "x"',
    'a,b',
    '/a',
  ])('refuses %j as 400 invalidPath', (text) => {
    expect(refusal(() => parsePath(text))).toMatchObject({ status: 400, scimType: 'invalidPath' });
  });
});

test('a filter has at most 8,192 characters, and a list of values 65,536', () => {
  const long = 'x'.repeat(9_000);
  expect(refusal(() => parseFilter(`userName co "${long}"`))).toMatchObject({ scimType: 'invalidFilter' });
  const values = Array.from({ length: 250 }, (_, n) => `id eq "${String(n).padStart(36, '0')}"`);
  expect(refusal(() => parseFilter(values.join(' or ')))).toBeUndefined();
  expect(refusal(() => parseFilter(`id eq "${'x'.repeat(66_000)}"`))).toMatchObject({
    scimType: 'invalidFilter',
  });
});
