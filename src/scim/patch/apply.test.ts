import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ScimError } from '../errors.ts';
import type { Dialect } from '../quirks/dialect.ts';
import { strictDialect, tolerantDialect } from '../quirks/index.ts';
import { checkResource, type Resource } from '../schema/coerce.ts';
import { readSchemas } from '../schema/definition.ts';
import { attributeOf, compileResourceTypes } from '../schema/resource-type.ts';
import { applyPatch } from './apply.ts';
import { PATCH_SCHEMA, parsePatch } from './operation.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ACME = 'urn:acme:User';

const { user } = compileResourceTypes([
  ...readSchemas('scim-schemas'),
  {
    id: ACME,
    name: 'Acme',
    description: '',
    attributes: [
      attributeOf('tags', { multiValued: true }),
      attributeOf('levels', { type: 'integer', multiValued: true }),
      attributeOf('desks', {
        type: 'complex',
        multiValued: true,
        subAttributes: [
          attributeOf('value'),
          attributeOf('code', { mutability: 'immutable' }),
          attributeOf('floor'),
        ],
      }),
      attributeOf('badge', { mutability: 'immutable' }),
      attributeOf('card', {
        type: 'complex',
        subAttributes: [attributeOf('number', { mutability: 'immutable' }), attributeOf('colour')],
      }),
    ],
  },
]);

/** A user after one PATCH with these operations; the one before is left as it was. */
function patched(
  before: Resource,
  operations: readonly object[],
  dialect: Dialect = strictDialect,
): Resource {
  const resource = JSON.parse(JSON.stringify(before)) as Resource;
  applyPatch(
    resource,
    parsePatch({ schemas: [PATCH_SCHEMA], Operations: operations }, user, dialect),
    dialect,
  );
  checkResource(user, resource);
  return resource;
}

function refusal(work: () => unknown): ScimError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

const ann: Resource = {
  userName: 'ann',
  active: true,
  title: 'Dr',
  name: { givenName: 'Ann', familyName: 'Lee' },
  emails: [
    { value: 'w@x', type: 'work', primary: true },
    { value: 'h@x', type: 'home' },
  ],
  [ENTERPRISE]: { employeeNumber: '7', manager: { value: 'm' } },
};

describe('applyPatch', () => {
  test('of many operations gives what as many patches of one give', () => {
    const text = fc.constantFrom('a', 'b', 'c');
    const kind = fc.constantFrom('work', 'home');
    const element = fc.record(
      { value: text, type: kind, primary: fc.boolean() },
      { requiredKeys: ['value'] },
    );
    const op = fc.constantFrom('add', 'replace');
    const operation: fc.Arbitrary<object> = fc.oneof(
      fc.record({
        op,
        path: fc.constantFrom('title', 'displayName', 'name.givenName', `${ENTERPRISE}:costCenter`),
        value: text,
      }),
      fc.record({
        op,
        path: fc.constant('name'),
        value: fc.record({ givenName: text, familyName: text }, { requiredKeys: [] }),
      }),
      fc.record({ op, path: fc.constant('active'), value: fc.boolean() }),
      fc.record({
        op,
        path: fc.constantFrom('emails', 'phoneNumbers'),
        value: fc.array(element, { maxLength: 3 }),
      }),
      fc.record({ op, path: kind.map((type) => `emails[type eq "${type}"].value`), value: text }),
      fc.record({
        op,
        path: text.map((value) => `emails[value eq "${value}"].primary`),
        value: fc.boolean(),
      }),
      fc.record({ op, path: text.map((value) => `emails[value eq "${value}"].type`), value: kind }),
      fc.record({ op, path: fc.constant('emails[primary eq true]'), value: element }),
      fc.record({ op, path: fc.constant(`${ACME}:tags`), value: fc.array(text, { maxLength: 3 }) }),
      fc.record({
        op,
        path: fc.constant(ENTERPRISE),
        value: fc.record({ department: text, manager: fc.record({ value: text }) }),
      }),
      fc.record({
        op,
        value: fc.record(
          { title: text, emails: fc.array(element), [`${ACME}:tags`]: fc.array(text) },
          { requiredKeys: [] },
        ),
      }),
      fc.record({
        op: fc.constant('remove'),
        path: fc.constantFrom(
          'title',
          'name',
          'name.givenName',
          'emails',
          'phoneNumbers',
          'emails[type eq "work"]',
          'emails[value eq "a" or primary eq true]',
          'emails.type',
          `${ENTERPRISE}:manager`,
          ENTERPRISE,
          `${ACME}:tags`,
          `${ACME}:tags[value eq "a"]`,
        ),
      }),
    );
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(strictDialect, tolerantDialect),
        (operations, dialect) => {
          let oneByOne: Resource | undefined;
          if (
            refusal(() => {
              oneByOne = operations.reduce<Resource>(
                (resource, each) => patched(resource, [each], dialect),
                ann,
              );
            }) !== undefined
          )
            return;
          compared += 1;
          expect(patched(ann, operations, dialect)).toEqual(oneByOne);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  test('repeated changes nothing more', () => {
    const operations = [
      { op: 'add', path: 'emails', value: [{ value: 'n@x', type: 'other', primary: true }] },
      { op: 'replace', path: 'emails[type eq "home"].value', value: 'h2@x' },
      { op: 'remove', path: 'title' },
      { op: 'add', path: `${ENTERPRISE}:costCenter`, value: '1' },
    ];
    const once = patched(ann, operations);
    expect(once).not.toEqual(ann);
    expect(patched(once, operations)).toEqual(once);
  });

  test.each<[string, object[], Resource]>([
    ['add sets a simple attribute', [{ op: 'add', path: 'title', value: 'Prof' }], { title: 'Prof' }],
    [
      'add appends to a multi-valued attribute',
      [{ op: 'add', path: 'emails', value: [{ value: 'n@x' }] }],
      { emails: [...(ann['emails'] as object[]), { value: 'n@x' }] },
    ],
    [
      'add of what is there changes nothing',
      [{ op: 'add', path: 'emails', value: [{ type: 'home', value: 'h@x' }] }],
      {},
    ],
    [
      'add of a new primary makes the old one not so',
      [{ op: 'add', path: 'emails', value: [{ value: 'n@x', primary: true }] }],
      {
        emails: [
          { value: 'w@x', type: 'work', primary: false },
          { value: 'h@x', type: 'home' },
          { value: 'n@x', primary: true },
        ],
      },
    ],
    [
      'a sub-attribute may become primary',
      [{ op: 'replace', path: 'emails[type eq "home"].primary', value: true }],
      {
        emails: [
          { value: 'w@x', type: 'work', primary: false },
          { value: 'h@x', type: 'home', primary: true },
        ],
      },
    ],
    [
      'add merges a complex attribute',
      [{ op: 'add', path: 'name', value: { givenName: 'Anna' } }],
      { name: { givenName: 'Anna', familyName: 'Lee' } },
    ],
    [
      'replace takes the place of a multi-valued attribute',
      [{ op: 'replace', path: 'emails', value: [{ value: 'n@x' }] }],
      { emails: [{ value: 'n@x' }] },
    ],
    ['replace with [] unassigns', [{ op: 'replace', path: 'emails', value: [] }], { emails: undefined }],
    ['replace with null unassigns', [{ op: 'replace', path: 'title', value: null }], { title: undefined }],
    [
      'remove of what is not there is no error',
      [
        { op: 'remove', path: 'nickName' },
        { op: 'remove', path: 'phoneNumbers[type eq "fax"]' },
      ],
      {},
    ],
    [
      'remove of the last element unassigns',
      [{ op: 'remove', path: 'emails[value co "@x"]' }],
      { emails: undefined },
    ],
    [
      'remove of a sub-attribute keeps the rest',
      [{ op: 'remove', path: 'emails[type eq "work"].primary' }],
      {
        emails: [
          { value: 'w@x', type: 'work' },
          { value: 'h@x', type: 'home' },
        ],
      },
    ],
    [
      'remove of the last sub-attribute unassigns',
      [
        { op: 'remove', path: 'name.givenName' },
        { op: 'remove', path: 'name.familyName' },
      ],
      { name: undefined },
    ],
    [
      'a URN adds its extension',
      [{ op: 'add', path: `${ACME}:tags`, value: ['a'] }],
      { [ACME]: { tags: ['a'] } },
    ],
    [
      'the last attribute takes its extension away',
      [
        { op: 'remove', path: `${ENTERPRISE}:manager` },
        { op: 'remove', path: `${ENTERPRISE}:employeeNumber` },
      ],
      { [ENTERPRISE]: undefined },
    ],
    ['a whole extension may be removed', [{ op: 'remove', path: ENTERPRISE }], { [ENTERPRISE]: undefined }],
    [
      'operations see what those before them did',
      [
        { op: 'add', path: 'emails', value: [{ value: 'n@x', type: 'other' }] },
        { op: 'replace', path: 'emails[type eq "other"].value', value: 'o@x' },
      ],
      { emails: [...(ann['emails'] as object[]), { value: 'o@x', type: 'other' }] },
    ],
    [
      'conditions compare by caseExact',
      [{ op: 'remove', path: 'emails[type eq "WORK"]' }],
      { emails: [{ value: 'h@x', type: 'home' }] },
    ],
  ])('%s', (_, operations, change) => {
    const expected = Object.fromEntries(
      Object.entries({ ...ann, ...change }).filter(([, value]) => value !== undefined),
    );
    expect(patched(ann, operations)).toEqual(expected);
  });

  test.each([
    { op: 'add', path: 'schemas', value: [ENTERPRISE, 'urn:nosuch:User'] },
    { op: 'replace', path: 'SCHEMAS', value: ['urn:nosuch:User'] },
  ])('keeps no schemas, which follow from the attributes: %j', (operation) => {
    for (const dialect of [strictDialect, tolerantDialect])
      expect(patched(ann, [operation], dialect)).toEqual(ann);
  });

  test('rejects the removal of schemas', () => {
    expect(refusal(() => patched(ann, [{ op: 'remove', path: 'schemas' }]))).toMatchObject({
      status: 400,
      scimType: 'mutability',
    });
  });

  test.each<[string, object, object[]]>([
    [
      'another display',
      { value: 'w@x', type: 'work', display: 'W' },
      [
        { value: 'w@x', type: 'work', primary: true, display: 'W' },
        { value: 'h@x', type: 'home' },
      ],
    ],
    [
      'primary',
      { value: 'h@x', type: 'home', primary: true },
      [
        { value: 'w@x', type: 'work', primary: false },
        { value: 'h@x', type: 'home', primary: true },
      ],
    ],
    [
      'less than there is',
      { value: 'w@x', type: 'work' },
      [
        { value: 'w@x', type: 'work', primary: true },
        { value: 'h@x', type: 'home' },
      ],
    ],
    [
      'another type',
      { value: 'w@x', type: 'other' },
      [
        { value: 'w@x', type: 'work', primary: true },
        { value: 'h@x', type: 'home' },
        { value: 'w@x', type: 'other' },
      ],
    ],
  ])('adds no second value of one type and value (RFC 7643 §2.4): %s', (_, element, emails) => {
    expect(patched(ann, [{ op: 'add', path: 'emails', value: [element] }])['emails']).toEqual(emails);
  });

  test.each<[string, object, object[] | undefined]>([
    ['the whole attribute', { op: 'replace', path: 'emails', value: '' }, undefined],
    ['the only element', { op: 'replace', path: 'emails', value: [''] }, undefined],
    [
      'a selected element',
      { op: 'replace', path: 'emails[type eq "work"]', value: '' },
      [{ value: 'h@x', type: 'home' }],
    ],
    ['an addition', { op: 'add', path: 'emails[type eq "work"]', value: '' }, ann['emails'] as object[]],
  ])('reads "" in a multi-valued attribute as no value, as Okta means it: %s', (_, operation, emails) => {
    expect(patched(ann, [operation], tolerantDialect)['emails']).toEqual(emails);
  });

  test('replace of a complex attribute merges by the RFC, and takes its place by the interoperability profile', () => {
    const operations = [{ op: 'replace', path: 'name', value: { givenName: 'Anna' } }];
    expect(patched(ann, operations, tolerantDialect)['name']).toEqual({
      givenName: 'Anna',
      familyName: 'Lee',
    });
    expect(patched(ann, operations, strictDialect)['name']).toEqual({ givenName: 'Anna' });
  });

  test('a value path without a match is noTarget by the RFC, and a new element in the dialect of Entra ID', () => {
    const operations = [{ op: 'add', path: 'emails[type eq "other"].value', value: 'o@x' }];
    expect(refusal(() => patched(ann, operations, strictDialect))).toMatchObject({
      status: 400,
      scimType: 'noTarget',
    });
    expect(patched(ann, operations, tolerantDialect)['emails']).toEqual([
      ...(ann['emails'] as object[]),
      { value: 'o@x', type: 'other' },
    ]);
  });

  test.each(['emails[value eq "o@x"].type', 'emails[type eq "other" and value eq "o@x"].display'])(
    '%s means an address that is there: where it is not, none is made of it',
    (path) => {
      const operations = [{ op: 'replace', path, value: 'home' }];
      expect(refusal(() => patched(ann, operations, tolerantDialect))).toMatchObject({
        status: 400,
        scimType: 'noTarget',
      });
    },
  );

  test.each<[string, object, string]>([
    ['the removal of a required attribute', { op: 'remove', path: 'userName' }, 'mutability'],
    ['a required attribute set to null', { op: 'replace', path: 'userName', value: null }, 'invalidValue'],
    [
      'two primaries in one value',
      {
        op: 'replace',
        path: 'emails',
        value: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      'invalidValue',
    ],
    ['a value of the wrong type', { op: 'replace', path: 'active', value: 'no' }, 'invalidValue'],
    [
      'a value of the wrong type in an element',
      { op: 'replace', path: 'emails[type eq "work"].primary', value: 'no' },
      'invalidValue',
    ],
    ['an unknown sub-attribute', { op: 'add', path: 'name', value: { nosuch: 'x' } }, 'invalidSyntax'],
    [
      'a sub-attribute that objects have',
      { op: 'add', path: 'name', value: { constructor: 'x' } },
      'invalidSyntax',
    ],
    [
      'a prototype',
      { op: 'add', path: 'name', value: JSON.parse('{"__proto__": {"givenName": "x"}}') },
      'invalidSyntax',
    ],
    ['a NUL character', { op: 'add', path: 'title', value: 'a\0b' }, 'invalidValue'],
  ])('refuses %s', (_, operation, scimType) => {
    expect(refusal(() => patched(ann, [operation]))).toMatchObject({ status: 400, scimType });
  });

  test('sets an immutable attribute once, and again only to what it is', () => {
    const set = patched(ann, [{ op: 'add', path: `${ACME}:badge`, value: '1' }]);
    expect(set[ACME]).toEqual({ badge: '1' });
    expect(patched(set, [{ op: 'replace', path: `${ACME}:badge`, value: '1' }])).toEqual(set);
    for (const operation of [
      { op: 'replace', path: `${ACME}:badge`, value: '2' },
      { op: 'remove', path: `${ACME}:badge` },
      { op: 'remove', path: ACME },
    ]) {
      expect(refusal(() => patched(set, [operation]))).toMatchObject({ status: 400, scimType: 'mutability' });
    }
  });

  test('sets an immutable sub-attribute once, and again only to what it is', () => {
    const set = patched(ann, [{ op: 'add', path: `${ACME}:card`, value: { number: '1', colour: 'red' } }]);
    expect(patched(set, [{ op: 'replace', path: `${ACME}:card.colour`, value: 'blue' }])[ACME]).toEqual({
      card: { number: '1', colour: 'blue' },
    });
    for (const operation of [
      { op: 'replace', path: `${ACME}:card.number`, value: '2' },
      { op: 'add', path: `${ACME}:card`, value: { number: '2' } },
      { op: 'remove', path: `${ACME}:card.number` },
    ]) {
      expect(refusal(() => patched(set, [operation]))).toMatchObject({ status: 400, scimType: 'mutability' });
    }
  });

  test('sets an immutable sub-attribute of a value in a list once, and again only to what it is', () => {
    const desk = `${ACME}:desks[value eq "a"]`;
    const set = patched(ann, [{ op: 'add', path: `${ACME}:desks`, value: [{ value: 'a', code: '1' }] }]);
    expect(patched(set, [{ op: 'replace', path: `${desk}.floor`, value: '3' }])[ACME]).toEqual({
      desks: [{ value: 'a', code: '1', floor: '3' }],
    });
    expect(patched(set, [{ op: 'replace', path: `${desk}.code`, value: '1' }])).toEqual(set);
    expect(
      patched(set, [{ op: 'replace', path: `${ACME}:desks`, value: [{ value: 'a', code: '2' }] }])[ACME],
    ).toEqual({
      desks: [{ value: 'a', code: '2' }],
    });
    for (const operation of [
      { op: 'replace', path: `${desk}.code`, value: '2' },
      { op: 'replace', path: `${desk}.code`, value: null },
      { op: 'add', path: desk, value: { code: '2' } },
      { op: 'add', path: `${ACME}:desks`, value: [{ value: 'a', code: '2' }] },
      { op: 'remove', path: `${desk}.code` },
    ]) {
      expect([operation, refusal(() => patched(set, [operation], tolerantDialect))]).toEqual([
        operation,
        expect.objectContaining({ status: 400, scimType: 'mutability' }),
      ]);
    }
  });

  test('removes with a value that is a number or a boolean what the value names', () => {
    const set = patched(ann, [{ op: 'add', path: `${ACME}:levels`, value: [1, 2, 3] }]);
    const removal = { op: 'Remove', path: `${ACME}:levels`, value: [1, 3] };
    expect(patched(set, [removal], tolerantDialect)[ACME]).toEqual({ levels: [2] });
  });

  test('1,000 additions of one value to a long list take no time that a client would notice', () => {
    const emails = Array.from({ length: 1_000 }, (_, n) => ({ value: `${n}@x` }));
    const operations = [
      { op: 'add', path: 'emails', value: emails },
      ...Array.from({ length: 999 }, (_, n) => ({ op: 'add', path: 'emails', value: [{ value: `${n}@y` }] })),
    ];
    const start = performance.now();
    expect(patched({ userName: 'ann' }, operations)['emails']).toHaveLength(1_999);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  test.each<[string, (n: number) => Record<string, unknown>]>([
    ['removals by a filter', (n) => ({ op: 'remove', path: `emails[value co "z${n}"]` })],
    ['changes of every value', (n) => ({ op: 'replace', path: 'emails[value pr].type', value: `t${n}` })],
    ['additions', (n) => ({ op: 'add', path: 'emails', value: [{ value: `${n}@y` }] })],
  ])('1,000 %s on a list of 20,000 values: 413 after a short time', (_, operation) => {
    const emails = Array.from({ length: 20_000 }, (_value, n) => ({ value: `${n}@x` }));
    const operations = Array.from({ length: 1_000 }, (_value, n) => operation(n));
    const start = performance.now();
    expect(() => patched({ userName: 'ann', emails }, operations, tolerantDialect)).toThrow(
      expect.objectContaining({ status: 413 }),
    );
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('a long value for each of many elements: 413, before it takes the memory', () => {
    const emails = Array.from({ length: 10_000 }, (_, n) => ({ value: `${n}@x` }));
    const operation = { op: 'replace', path: 'emails[value pr].display', value: 'x'.repeat(60_000) };
    expect(() => patched({ userName: 'ann', emails }, [operation])).toThrow(
      expect.objectContaining({ status: 413 }),
    );
  });
});
