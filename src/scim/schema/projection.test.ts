import { describe, expect, test } from '@jest/globals';
import { ScimError } from '../errors.ts';
import { strictDialect, tolerantDialect } from '../quirks/index.ts';
import { readSchemas } from './definition.ts';
import { defaultProjection, parseProjection, project } from './projection.ts';
import { attributeOf, compileResourceTypes } from './resource-type.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ACME = 'urn:acme:scim:User';

const { user } = compileResourceTypes([
  ...readSchemas('scim-schemas'),
  {
    id: ACME,
    name: 'Acme',
    description: '',
    attributes: [
      attributeOf('always', { returned: 'always' }),
      attributeOf('never', { returned: 'never' }),
      attributeOf('onRequest', { returned: 'request' }),
      attributeOf('usual'),
      attributeOf('mixed', {
        type: 'complex',
        subAttributes: [
          attributeOf('always', { returned: 'always' }),
          attributeOf('never', { returned: 'never' }),
          attributeOf('onRequest', { returned: 'request' }),
          attributeOf('usual'),
        ],
      }),
    ],
  },
]);

const resource = {
  schemas: [CORE, ENTERPRISE, ACME],
  id: '1',
  userName: 'ann',
  name: { givenName: 'Ann', familyName: 'Lee' },
  emails: [{ value: 'a@x', type: 'work' }, { type: 'home' }],
  [ENTERPRISE]: { employeeNumber: '7', manager: { value: 'm', displayName: 'Max' } },
  [ACME]: {
    always: 'a',
    never: 'n',
    onRequest: 'r',
    usual: 'u',
    mixed: { always: 'a', never: 'n', onRequest: 'r', usual: 'u' },
  },
  meta: { resourceType: 'User', version: 'W/"1"' },
};

const answer = (attributes?: string, excluded?: string, dialect = strictDialect) =>
  project(resource, user, parseProjection(user, attributes, excluded, dialect) ?? defaultProjection);

/** What every answer has: the attributes that are returned always. */
const always = { schemas: resource.schemas, id: '1', [ACME]: { always: 'a' } };

describe('an answer without attributes or excludedAttributes', () => {
  test('has what is returned always or by default, and nothing else', () => {
    expect(answer()).toEqual({
      ...resource,
      [ACME]: { always: 'a', usual: 'u', mixed: { always: 'a', usual: 'u' } },
    });
  });
});

describe('attributes', () => {
  test.each([
    ['userName', { userName: 'ann' }],
    ['USERNAME', { userName: 'ann' }],
    [' userName , id,,', { userName: 'ann' }],
    [`${CORE}:userName`, { userName: 'ann' }],
    ['name', { name: resource.name }],
    ['name.givenName', { name: { givenName: 'Ann' } }],
    ['name.givenName,name', { name: resource.name }],
    ['name,name.givenName', { name: resource.name }],
    [`${CORE.toUpperCase()}:NAME.GIVENNAME`, { name: { givenName: 'Ann' } }],
    ['emails.value', { emails: [{ value: 'a@x' }] }],
    ['meta.version', { meta: { version: 'W/"1"' } }],
    [`${ENTERPRISE}:employeeNumber`, { [ENTERPRISE]: { employeeNumber: '7' } }],
    [`${ENTERPRISE}:manager.value`, { [ENTERPRISE]: { manager: { value: 'm' } } }],
    [ENTERPRISE, { [ENTERPRISE]: resource[ENTERPRISE] }],
    [`${ACME}:onRequest`, { [ACME]: { always: 'a', onRequest: 'r' } }],
    [`${ACME}:mixed.onRequest`, { [ACME]: { always: 'a', mixed: { always: 'a', onRequest: 'r' } } }],
    [`${ACME}:mixed.usual`, { [ACME]: { always: 'a', mixed: { always: 'a', usual: 'u' } } }],
    [`${ACME}:never`, {}],
    [`${ACME}:mixed.never`, { [ACME]: { always: 'a', mixed: { always: 'a' } } }],
    ['password', {}],
    ['nosuch', {}],
    ['__proto__', {}],
    ['constructor,toString', {}],
    ['title', {}],
  ])('%s gives that, and what is returned always', (attributes, expected) => {
    expect(answer(attributes)).toEqual({ ...always, ...expected });
  });
});

describe('names', () => {
  test('mean the attribute before a filter in brackets, and the sub-attribute behind it', () => {
    expect(answer('emails[type eq "work"]')).toEqual(answer('emails'));
    expect(answer('emails[type eq "a,b"].value,userName')).toEqual(answer('emails.value,userName'));
    expect(answer(undefined, 'emails[type eq "work"]')).toEqual(answer(undefined, 'emails'));
  });

  test('of an extension need no URN, except in strict mode', () => {
    expect(answer('department', undefined, tolerantDialect)).toEqual(answer(`${ENTERPRISE}:department`));
    expect(answer('department')).toEqual(always);
  });
});

describe('excludedAttributes', () => {
  test.each([
    ['userName', 'userName'],
    ['EMAILS', 'emails'],
    [`${CORE}:name`, 'name'],
    ['meta', 'meta'],
    [ENTERPRISE, ENTERPRISE],
  ] as const)('%s leaves %s out of the usual answer', (excluded, gone) => {
    const { [gone]: _, ...rest } = answer();
    expect(answer(undefined, excluded)).toEqual(rest);
  });

  test('leaves out sub-attributes, and an element that is left with none', () => {
    expect(answer(undefined, 'name.givenName')['name']).toEqual({ familyName: 'Lee' });
    expect(answer(undefined, 'emails.type')['emails']).toEqual([{ value: 'a@x' }]);
    expect(answer(undefined, `${ENTERPRISE}:manager.displayName`)[ENTERPRISE]).toEqual({
      employeeNumber: '7',
      manager: { value: 'm' },
    });
  });

  test.each([
    'id',
    'schemas',
    'ID',
    `${ACME}:always`,
    ACME,
    `${ACME}:mixed.always`,
    'nosuch',
    '__proto__',
    'name.nosuch',
  ])('%s leaves out nothing that is returned always', (excluded) => {
    expect(answer(undefined, excluded)).toMatchObject(always);
  });

  test('brings nothing that is returned never or on request only', () => {
    expect(answer(undefined, 'userName')[ACME]).toEqual(answer()[ACME]);
    expect(answer(undefined, `${ACME}:usual`)[ACME]).toEqual({
      always: 'a',
      mixed: { always: 'a', usual: 'u' },
    });
  });
});

describe('parseProjection', () => {
  test('rejects both together as 400 invalidSyntax', () => {
    expect(() => parseProjection(user, 'userName', 'name', strictDialect)).toThrow(
      expect.objectContaining({ name: ScimError.name, status: 400, scimType: 'invalidSyntax' }),
    );
  });

  test('takes an empty list for none', () => {
    expect(parseProjection(user, '', ' , ', strictDialect)).toBeUndefined();
    expect(parseProjection(user, undefined, undefined, strictDialect)).toBeUndefined();
  });
});

describe('a resource type', () => {
  test('reports hidden stored attributes exactly if a schema has one that is not returned by default', () => {
    expect(user.hidesStoredAttributes).toBe(true);
    expect(compileResourceTypes(readSchemas('scim-schemas')).user.hidesStoredAttributes).toBe(false);
  });
});
