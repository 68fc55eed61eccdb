import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ScimError } from '../errors.ts';
import { startDialect } from '../quirks/dialect.ts';
import { strictDialect, tolerantDialect } from '../quirks/index.ts';
import { checkResource, coerceResource, coerceValue } from './coerce.ts';
import { readSchemas } from './definition.ts';
import { attributeOf, compileResourceTypes } from './resource-type.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CUSTOM = 'urn:acme:types:User';

const { user } = compileResourceTypes([
  ...readSchemas('scim-schemas'),
  {
    id: CUSTOM,
    name: 'Types',
    description: '',
    attributes: [
      attributeOf('text'),
      attributeOf('flag', { type: 'boolean' }),
      attributeOf('whole', { type: 'integer' }),
      attributeOf('fraction', { type: 'decimal' }),
      attributeOf('moment', { type: 'dateTime' }),
      attributeOf('link', { type: 'reference' }),
      attributeOf('bytes', { type: 'binary' }),
      attributeOf('tags', { multiValued: true }),
      attributeOf('things', {
        type: 'complex',
        multiValued: true,
        subAttributes: [
          attributeOf('value', { required: true }),
          attributeOf('primary', { type: 'boolean' }),
        ],
      }),
      attributeOf('pair', {
        type: 'complex',
        subAttributes: [
          attributeOf('left', { required: true }),
          attributeOf('right'),
          attributeOf('fixed', { mutability: 'readOnly' }),
        ],
      }),
    ],
  },
]);

const coerce = (body: Record<string, unknown>, dialect = strictDialect) =>
  coerceResource(user, { schemas: [CORE], userName: 'ann', ...body }, dialect);
const custom = (part: unknown) => coerce({ [CUSTOM]: part })[CUSTOM];

function refusal(work: () => unknown): ScimError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

describe('coerceResource', () => {
  test('keeps what fits, spelled as the schemas spell it', () => {
    expect(
      coerce({
        TITLE: 'Dr',
        Name: { GIVENNAME: 'Ann' },
        Emails: [{ VALUE: 'a@x', Primary: true }],
        [ENTERPRISE.toUpperCase()]: { EmployeeNumber: '7' },
      }),
    ).toEqual({
      userName: 'ann',
      title: 'Dr',
      name: { givenName: 'Ann' },
      emails: [{ value: 'a@x', primary: true }],
      [ENTERPRISE]: { employeeNumber: '7' },
    });
  });

  test.each([
    ['text', ['', 'x', '\u{1f600}', '\u0001', 'x'.repeat(65_536)], [1, true, {}, ['x'], 'x'.repeat(65_537)]],
    ['flag', [true, false], ['true', 0, 1, {}]],
    [
      'whole',
      [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1],
      [0.5, 2 ** 53, -(2 ** 53), 1e300, Number.POSITIVE_INFINITY, '1', true, {}],
    ],
    [
      'fraction',
      [0, -1.5, 1e-300, Number.MAX_VALUE, 2 ** 53],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '1.5', false, {}],
    ],
    [
      'moment',
      [
        '2026-01-31T09:30:00Z',
        '2024-02-29T00:00:00Z',
        '2026-01-31T09:30:00.123456789+05:30',
        '0001-01-01T00:00:00Z',
        '9999-12-31T23:59:59-12:00',
        '2026-01-31T09:30:00-15:59',
      ],
      [
        '2026-02-30T00:00:00Z',
        '2026-02-29T00:00:00Z',
        '2026-13-01T00:00:00Z',
        '2026-00-01T00:00:00Z',
        '2026-01-00T00:00:00Z',
        '2026-01-31T24:00:00Z',
        '2026-01-31T23:60:00Z',
        '2026-01-31T23:59:60Z',
        '0000-01-01T00:00:00Z',
        '2026-01-31',
        '2026-01-31T09:30:00',
        '2026-01-31 09:30:00Z',
        '2026-01-31T09:30Z',
        '20260131T093000Z',
        '+012026-01-31T09:30:00Z',
        '2026-01-31T09:30:00z',
        ' 2026-01-31T09:30:00Z',
        '2026-01-31T09:30:00.Z',
        '2026-01-31T09:30:00+24:00',
        '2026-01-31T09:30:00+05:60',
        'now',
        '',
        1767225600,
        {},
      ],
    ],
    ['link', ['https://example.com/', '../x', 'urn:x'], [1, {}, true]],
    ['bytes', ['', 'YQ==', 'YWI=', 'YWJj', 'YQ', '_-8='], ['Y', 'Y===', 'YWI=x', 'a b', 'é', 5, {}]],
  ] as const)('takes of %s exactly the values of its type', (name, good, bad) => {
    for (const value of good) expect(custom({ [name]: value })).toEqual({ [name]: value });
    for (const value of bad) {
      expect([value, refusal(() => custom({ [name]: value }))]).toEqual([
        value,
        expect.objectContaining({ status: 400, scimType: 'invalidValue' }),
      ]);
    }
  });

  test.each(['+16:00', '-16:00', '+23:59', '-23:59'])(
    'refuses the zone %s, which Postgres does not have: a filter on a stored one would fail',
    (zone) => {
      expect(refusal(() => custom({ moment: `2026-01-31T09:30:00${zone}` }))).toMatchObject({
        scimType: 'invalidValue',
      });
    },
  );

  test.each([null, []])('%j and an absent attribute are one state', (nothing) => {
    expect(
      coerce({
        title: nothing,
        name: nothing,
        emails: nothing,
        active: nothing,
        externalId: nothing,
        [ENTERPRISE]: nothing,
      }),
    ).toEqual(coerce({}));
    expect(coerce({ name: { givenName: nothing } })).toEqual(coerce({}));
    expect(coerce({ emails: [nothing, { value: nothing }] })).toEqual(coerce({}));
    expect(coerce({ [ENTERPRISE]: { manager: { value: nothing } } })).toEqual(coerce({}));
  });

  test.each([
    ['by null', { phoneNumbers: [{ type: 'work', value: null }] }],
    ['by ""', { phoneNumbers: [{ type: 'work', value: '', primary: true, display: 'W' }] }],
    ['in every part', { addresses: [{ type: 'work', streetAddress: '', locality: null }] }],
  ])('takes an element that is emptied %s for none, though it still has a label', (_, body) => {
    expect(coerce(body, tolerantDialect)).toEqual(coerce({}));
  });

  test('keeps an element of which the client named no more than the label', () => {
    const emails = [{ type: 'work' }];
    expect(coerce({ emails })).toEqual({ ...coerce({}), emails });
  });

  test('does not take an element for none that is emptied of what it requires', () => {
    const things = [{ primary: true, value: '' }];
    expect(refusal(() => coerce({ [CUSTOM]: { things } }, tolerantDialect))).toMatchObject({
      status: 400,
      scimType: 'invalidValue',
    });
  });

  test.each([
    ['an attribute', { Title: 'a', title: 'b' }],
    ['a sub-attribute', { name: { givenName: 'a', GivenName: 'b' } }],
    ['an extension', { [ENTERPRISE]: {}, [ENTERPRISE.toUpperCase()]: {} }],
    ['an attribute of an extension', { [ENTERPRISE]: { costCenter: 'a', COSTCENTER: 'b' } }],
    ['a sub-attribute of an element', { emails: [{ value: 'a', VALUE: 'b' }] }],
    ['a read-only attribute', { id: 'a', ID: 'b' }],
  ])('refuses %s that is given twice in different case', (_, body) => {
    expect(refusal(() => coerce(body))).toMatchObject({ status: 400, scimType: 'invalidSyntax' });
  });

  test.each([
    { nosuch: 1 },
    { name: { nosuch: 1 } },
    { emails: [{ nosuch: 1 }] },
    { [ENTERPRISE]: { nosuch: 1 } },
    { 'urn:nosuch:User': {} },
    { 'name.givenName': 'x' },
    { constructor: 'x' },
    { toString: 'x' },
    { hasOwnProperty: 'x' },
    { name: { constructor: 'x' } },
    { [ENTERPRISE]: { valueOf: 'x' } },
    JSON.parse('{"__proto__": {"admin": true}}'),
    JSON.parse('{"name": {"__proto__": {"admin": true}}}'),
    JSON.parse(`{"${ENTERPRISE}": {"__proto__": {"admin": true}}}`),
    JSON.parse('{"emails": [{"__proto__": {"value": "x"}}]}'),
  ])('refuses the attribute that no schema has in %j', (body) => {
    expect(refusal(() => coerce(body))).toMatchObject({ status: 400, scimType: 'invalidSyntax' });
    expect({}).not.toHaveProperty('admin');
  });

  test.each<[body: Record<string, unknown>, name: string]>([
    [{ nosuch: 1 }, 'nosuch'],
    [{ name: { givenName: 'Ann', nosuch: 1 } }, 'name.nosuch'],
    [{ emails: [{ value: 'a', nosuch: 1 }] }, 'emails.nosuch'],
    [{ [ENTERPRISE]: { department: 'R&D', nosuch: 1 } }, 'nosuch'],
    [{ 'urn:nosuch:User': {} }, 'urn:nosuch:User'],
    [{ schemas: [CORE, 'urn:nosuch:User'] }, 'urn:nosuch:User'],
    [JSON.parse('{"__proto__": {"admin": true}}'), '__proto__'],
    [JSON.parse('{"name": {"__proto__": {"admin": true}}}'), 'name.__proto__'],
    [{ 'shoe size\r\nSet-Cookie: x': 44 }, 'shoe_size__Set-Cookie:_x'],
  ])('leaves out, in tolerance, the attribute that no schema has in %j', (body, name) => {
    const dialect = startDialect(tolerantDialect);
    expect(JSON.stringify(coerce(body, dialect))).not.toMatch(/nosuch|admin|44/);
    expect([...dialect.ignored]).toEqual([name]);
    expect({}).not.toHaveProperty('admin');
  });

  test('rejects, in tolerance, an element of which it knows no sub-attribute', () => {
    for (const body of [{ emails: [{ nosuch: 1 }] }, JSON.parse('{"emails": [{"__proto__": 1}]}')]) {
      expect(refusal(() => coerce(body, tolerantDialect))).toMatchObject({ scimType: 'invalidSyntax' });
    }
  });

  test('names at most twenty of the attributes that it leaves out', () => {
    const dialect = startDialect(tolerantDialect);
    coerce(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`x${n}`, n])), dialect);
    expect(dialect.ignored.size).toBe(20);
  });

  test('ignores what is read-only, whatever its value', () => {
    expect(
      coerce({
        id: 5,
        meta: 'x',
        groups: [{ nosuch: 1 }],
        [ENTERPRISE]: { manager: { value: 'm', displayName: 5 } },
        [CUSTOM]: { pair: { left: 'a', fixed: {} } },
      }),
    ).toEqual({
      userName: 'ann',
      [ENTERPRISE]: { manager: { value: 'm' } },
      [CUSTOM]: { pair: { left: 'a' } },
    });
  });

  test.each([
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800'],
    ['the other half', '\udc00a'],
  ])('refuses %s anywhere in a string', (_, text) => {
    for (const body of [
      { displayName: text },
      { name: { givenName: text } },
      { emails: [{ value: text }] },
      { profileUrl: text },
      { externalId: text },
      { [ENTERPRISE]: { costCenter: text } },
      { [CUSTOM]: { tags: [text] } },
    ]) {
      expect(refusal(() => coerce(body))).toMatchObject({ status: 400, scimType: 'invalidValue' });
    }
  });

  test.each([
    ['a string for an object', { name: 'Ann' }],
    ['an array for an object', { name: [{ givenName: 'a' }, { givenName: 'b' }] }],
    ['an object for an array', { emails: { value: 'x' } }],
    ['a string for an array', { emails: 'x' }],
    ['a string for an element', { emails: ['x'] }],
    ['an array for an element', { emails: [[{ value: 'x' }]] }],
    ['an object for a string', { title: { value: 'x' } }],
    ['a string for an extension', { [ENTERPRISE]: 'x' }],
    ['an array for an extension', { [ENTERPRISE]: ['x'] }],
    ['an object for a simple element', { [CUSTOM]: { tags: [{ value: 'x' }] } }],
  ])('refuses %s', (_, body) => {
    expect(refusal(() => coerce(body))).toMatchObject({ status: 400, scimType: 'invalidValue' });
  });

  test.each([null, 'x', 5, true, [], [{}]])('rejects %j as a body', (body) => {
    expect(refusal(() => coerceResource(user, body, strictDialect))).toMatchObject({
      scimType: 'invalidSyntax',
    });
  });

  test.each([
    undefined,
    null,
    [],
    CORE,
    {},
    [ENTERPRISE],
    ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    [CORE, 'urn:nosuch'],
    [CORE, 5],
    [CORE, null],
    [[CORE]],
    [CORE, { toString: 'x' }],
    [{ toString: 1, valueOf: 2 }],
    [CORE, JSON.parse('{"__proto__": null}')],
  ])('in strict mode refuses the schemas %j', (schemas) => {
    expect(refusal(() => coerceResource(user, { schemas, userName: 'ann' }, strictDialect))).toMatchObject({
      status: 400,
      scimType: 'invalidSyntax',
    });
  });

  test('compares schemas without regard to case, and does not ask that those of extensions be listed', () => {
    const body = { schemas: [CORE.toUpperCase(), ENTERPRISE.toUpperCase()], userName: 'ann' };
    expect(coerceResource(user, body, strictDialect)).toEqual({ userName: 'ann' });
    expect(coerce({ [ENTERPRISE]: { costCenter: 'x' } })).toHaveProperty([ENTERPRISE, 'costCenter'], 'x');
  });

  test('never fails otherwise than with 400, and what it returns it returns again', () => {
    const names = [
      'userName',
      'Name',
      'emails',
      'active',
      'schemas',
      'groups',
      'meta',
      'addresses',
      ENTERPRISE,
      CUSTOM,
      'givenName',
      'value',
      'manager',
      'moment',
      'things',
      'pair',
      'left',
      'primary',
      'toString',
      '__proto__',
      'constructor',
    ];
    const tree = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(
          fc.string(),
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
          fc.constantFrom('', 'True', CORE, '2026-01-31T09:30:00Z', '\0'),
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc
        .array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 5 })
        .map((entries) => Object.fromEntries(entries)),
    }));
    fc.assert(
      fc.property(tree.object, fc.constantFrom(strictDialect, tolerantDialect), (body, dialect) => {
        let resource: Record<string, unknown> | undefined;
        const error = refusal(() => {
          resource = coerceResource(user, { schemas: [CORE], ...body }, dialect);
          checkResource(user, resource);
        });
        expect(error?.status ?? 400).toBe(400);
        if (resource === undefined) return;
        expect(coerceResource(user, { schemas: [CORE], ...resource }, dialect)).toEqual(resource);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('checkResource', () => {
  const check = (resource: Record<string, unknown>) =>
    refusal(() => checkResource(user, { userName: 'ann', ...resource }));

  test.each([
    ['userName', { userName: undefined }],
    ['userName', { userName: '' }],
    [`${CUSTOM}:pair.left`, { [CUSTOM]: { pair: { right: 'x' } } }],
    [`${CUSTOM}:things.value`, { [CUSTOM]: { things: [{ value: 'x' }, { primary: true }] } }],
  ])('asks for the required %s', (path, resource) => {
    expect(check(resource)).toMatchObject({
      status: 400,
      scimType: 'invalidValue',
      message: `The attribute "${path}" is required.`,
    });
  });

  test('asks for nothing of what is not there', () => {
    expect(check({ [CUSTOM]: { text: 'x' } })).toBeUndefined();
  });

  test('lets one value be primary, not two', () => {
    const emails = (...primaries: boolean[]) => primaries.map((primary, n) => ({ value: `${n}@x`, primary }));
    expect(check({ emails: emails(true, false, false) })).toBeUndefined();
    expect(check({ emails: emails(true, false, true) })).toMatchObject({
      status: 400,
      scimType: 'invalidValue',
    });
    expect(check({ [CUSTOM]: { things: emails(true, true) } })).toMatchObject({ scimType: 'invalidValue' });
    expect(check({ emails: emails(true), phoneNumbers: emails(true) })).toBeUndefined();
  });
});

describe('coerceValue', () => {
  const emails = user.attributes.get('emails');
  if (emails === undefined) throw new Error('User has no emails.');

  test('keeps equal values once, whatever the order of their members', () => {
    const sent = [
      { value: 'a@x', type: 'work' },
      { type: 'work', value: 'a@x' },
      { type: 'home', value: 'a@x' },
    ];
    expect(coerceValue(emails, sent, strictDialect)).toEqual([sent[1], sent[2]]);
  });
});
