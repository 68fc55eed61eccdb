import { describe, expect, test } from '@jest/globals';
import { ScimError } from '../errors.ts';
import { strictDialect, tolerantDialect } from '../quirks/index.ts';
import { readSchemas } from '../schema/definition.ts';
import { compileResourceTypes } from '../schema/resource-type.ts';
import { parseFilter } from './parser.ts';
import { toPredicate } from './predicate.ts';
import { toSort } from './sort.ts';

const { user, group } = compileResourceTypes(readSchemas('scim-schemas'));
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const predicate = (filter: string, dialect = strictDialect) =>
  toPredicate(parseFilter(filter), user, dialect);

function refusal(work: () => unknown): ScimError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

describe('toPredicate', () => {
  test('resolves names, sub-attributes and URNs in any case to the same field', () => {
    const expected = predicate(`${ENTERPRISE}:manager.value eq "x"`);
    expect(expected).toMatchObject({ field: { kind: 'document', keys: [ENTERPRISE, 'manager', 'value'] } });
    expect(predicate(`${ENTERPRISE.toUpperCase()}:MANAGER.VALUE EQ "x"`)).toEqual(expected);
    expect(predicate('URN:ietf:params:scim:schemas:core:2.0:user:USERNAME eq "x"')).toEqual(
      predicate('userName eq "x"'),
    );
  });

  test('takes the sub-attribute "value" where a multi-valued attribute is named whole', () => {
    expect(predicate('emails co "x"')).toEqual(predicate('emails.value co "x"'));
    expect(predicate('emails co "x"')).toEqual(predicate('emails[value co "x"]'));
  });

  test('keeps the conditions in brackets on one element', () => {
    expect(predicate('emails[type eq "work" and value ew "@x"]')).toMatchObject({
      kind: 'some',
      collection: { keys: ['emails'] },
      where: { kind: 'and', all: [{ field: { keys: ['type'] } }, { field: { keys: ['value'] } }] },
    });
    expect(predicate('emails.type eq "work" and emails.value ew "@x"')).toMatchObject({
      kind: 'and',
      all: [{ kind: 'some' }, { kind: 'some' }],
    });
  });

  test('turns ne into not eq, eq null into not pr, and ne null into pr', () => {
    expect(predicate('title ne "x"')).toEqual(predicate('not (title eq "x")'));
    expect(predicate('title eq null')).toEqual(predicate('not (title pr)'));
    expect(predicate('title ne null')).toEqual(predicate('title pr'));
  });

  test('turns ne of a multi-valued attribute into one value that differs', () => {
    expect(predicate('emails.type ne "work"')).toEqual(predicate('emails[not (type eq "work")]'));
    expect(predicate('emails ne "x"')).toEqual(predicate('emails[value ne "x"]'));
  });

  test('treats an element without primary as not primary', () => {
    expect(predicate('emails[primary eq false]')).toEqual(predicate('emails[not (primary eq true)]'));
    expect(predicate('emails.primary eq false')).toEqual(predicate('emails[not (primary eq true)]'));
    expect(predicate('active eq false')).toMatchObject({ kind: 'compare', value: false });
  });

  test('joins texts that one attribute may equal, and keeps what else is in the chain', () => {
    expect(predicate('userName eq "a" or userName eq "b" or USERNAME eq "c"')).toMatchObject({
      kind: 'among',
      values: ['a', 'b', 'c'],
    });
    expect(predicate('emails eq "a" or title pr or emails.value eq "b" or active eq true')).toMatchObject({
      kind: 'or',
      all: [
        { kind: 'some', where: { kind: 'among', values: ['a', 'b'] } },
        { kind: 'present' },
        { kind: 'compare' },
      ],
    });
    expect(predicate('userName eq "a" or userName sw "b" or title eq "a"')).toMatchObject({
      all: [{ kind: 'compare' }, { comparator: 'sw' }, { kind: 'compare' }],
    });
  });

  test('a chain of 200 connectives becomes one node, not a tree of 200 levels', () => {
    const chain = predicate(Array.from({ length: 200 }, () => 'title pr').join(' or '));
    expect(chain).toMatchObject({ kind: 'or', all: { length: 200 } });
  });

  test.each([
    'nosuch eq "x"',
    'name.nosuch eq "x"',
    'userName.value eq "x"',
    'constructor eq "x"',
    'toString pr',
    'hasOwnProperty pr',
    'name.constructor pr',
    'emails[constructor eq "x"]',
    'emails.toString eq "x"',
    'urn:constructor:toString pr',
    `${ENTERPRISE}:constructor pr`,
    `${ENTERPRISE} pr`,
    'urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "x"',
    'urn:ietf:params:scim:schemas:core:2.0:User pr',
    'members.value eq "x"',
  ])('refuses the attribute of %s, which User does not have', (filter) => {
    expect(refusal(() => predicate(filter))).toMatchObject({ status: 400, scimType: 'invalidFilter' });
  });

  test.each([
    ['a boolean has no order', 'active gt true'],
    ['a boolean has no order', 'emails.primary le false'],
    ['a boolean has no substrings', 'active co "t"'],
    ['binary has no order', 'x509Certificates.value ge "aaaa"'],
    ['a time has no substrings', 'meta.created sw "2026"'],
    ['a time is not a number', 'meta.created gt 5'],
    ['a time needs a zone', 'meta.created gt "2026-01-31T09:30:00"'],
    ['a date is no time', 'meta.created gt "2026-01-31"'],
    ['the 30th of February is no day', 'meta.created gt "2026-02-30T00:00:00Z"'],
    ['a string is not a number', 'userName eq 5'],
    ['a string is not a boolean', 'userName eq true'],
    ['a boolean is not a string', 'active eq "yes"'],
    ['null has no order', 'userName gt null'],
    ['null has no substrings', 'userName co null'],
    ['a complex attribute without "value" has no comparison', 'name eq "x"'],
    ['a complex attribute without "value" has no comparison', 'addresses eq "x"'],
    ['brackets are for complex attributes', 'userName[value eq "x"]'],
    ['brackets do not nest', 'emails[value[value eq "x"]]'],
    ['a password is kept nowhere', 'password pr'],
    ['a version is not stored as it is shown', 'meta.version eq "x"'],
    ['schemas are derived, and no elements', `schemas[value eq "${ENTERPRISE}"]`],
  ])('%s: %s is 400 invalidFilter', (_, filter) => {
    expect(refusal(() => predicate(filter))).toMatchObject({ status: 400, scimType: 'invalidFilter' });
  });

  test('reads "True" as a boolean only in the dialect of Entra ID', () => {
    expect(predicate('active eq "True"', tolerantDialect)).toEqual(predicate('active eq true'));
    expect(refusal(() => predicate('active eq "True"'))).toMatchObject({ scimType: 'invalidFilter' });
  });

  test('knows the attributes of the requested type, not of the other', () => {
    expect(refusal(() => toPredicate(parseFilter('members pr'), group, strictDialect))).toBeUndefined();
    expect(refusal(() => toPredicate(parseFilter('userName pr'), group, strictDialect))).toMatchObject({
      scimType: 'invalidFilter',
    });
  });
});

describe('toSort', () => {
  test.each([
    'nosuch',
    'constructor',
    '__proto__',
    'name',
    'meta',
    'addresses',
    'password',
    'groups',
    'schemas',
    'meta.version',
    '',
    'a b',
    'a.b.c',
  ])('refuses to sort by %j as 400 invalidValue', (path) => {
    expect(refusal(() => toSort(path, false, user))).toMatchObject({ status: 400, scimType: 'invalidValue' });
  });

  test('sorts a multi-valued attribute by its "value"', () => {
    expect(toSort('emails', true, user)).toMatchObject({
      field: { keys: ['value'] },
      collection: { keys: ['emails'] },
      descending: true,
    });
  });
});
