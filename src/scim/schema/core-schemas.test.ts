import { describe, expect, test } from '@jest/globals';
import SCIMMY from 'scimmy';
import { type AttributeDefinition, readSchemas, type SchemaDefinition } from './definition.ts';

/*
 * scimmy's definitions of the core schemas are the oracle; ours may differ from them only where listed here,
 * each with its reason. If either side changes, a line of a table below fails.
 */

type Characteristics = Readonly<Record<string, unknown>>;
type Difference = readonly [characteristic: string, ours: unknown, scimmys: unknown];

const ours = readSchemas('scim-schemas');
const { User, Group, EnterpriseUser } = SCIMMY.Schemas;
const oracles = [User, Group, EnterpriseUser].map(
  ({ definition }) => JSON.parse(JSON.stringify(definition.describe())) as SchemaDefinition,
);

/** Every attribute and sub-attribute by its path, descriptions apart: those are prose. */
function flatten(definitions: readonly AttributeDefinition[], parent = ''): Map<string, Characteristics> {
  return new Map(
    definitions.flatMap(
      ({ name, description: _, subAttributes = [], ...rest }): [string, Characteristics][] => [
        [`${parent}${name}`, rest],
        ...flatten(subAttributes, `${parent}${name}.`),
      ],
    ),
  );
}

function differences(left: Characteristics, right: Characteristics): Difference[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]))
    .map((name) => [name, left[name], right[name]]);
}

/** Our reasons for what differs, by schema and path. */
const deliberate: Readonly<Record<string, readonly Difference[]>> = {
  // Erratum 6004: a complex attribute has no uniqueness of its own.
  'User name': [['uniqueness', undefined, 'none']],
  'User emails': [['uniqueness', undefined, 'none']],
  'User addresses': [['uniqueness', undefined, 'none']],
  // RFC 7643 §2.3.7: a reference is case-exact.
  'User profileUrl': [['caseExact', true, false]],
  'User photos.value': [['caseExact', true, false]],
  // Errata 8471: a group's reference leads to a group; and there are no groups inside groups here.
  'User groups.$ref': [
    ['caseExact', true, false],
    ['referenceTypes', ['Group'], ['User', 'Group']],
  ],
  'User groups.type': [['canonicalValues', ['direct'], ['direct', 'indirect']]],
  // The interoperability profile asks each "type" for canonicalValues; for these every value is as good.
  'User entitlements.type': [['canonicalValues', [], undefined]],
  // Unique in an organization, which the server enforces.
  'Group displayName': [['uniqueness', 'server', 'none']],
  'Group members.value': [['required', true, false]],
  'Group members.$ref': [
    ['caseExact', true, false],
    ['referenceTypes', ['User'], ['User', 'Group']],
  ],
  'Group members.type': [['canonicalValues', ['User'], ['User', 'Group']]],
  // Derived from the user, so it is read-only.
  'Group members.display': [['mutability', 'readOnly', 'immutable']],
  // Erratum 8472: the manager is named by an id, and ids are case-exact.
  'EnterpriseUser manager.value': [['caseExact', true, false]],
  'EnterpriseUser manager.$ref': [['caseExact', true, false]],
};

describe('the core schema files', () => {
  test('are those of scimmy: same ids, same names', () => {
    const identity = ({ id, name }: { id: string; name: string }) => `${name} ${id}`;
    expect(ours.map(identity).sort()).toEqual(oracles.map(identity).sort());
  });

  test('differ from the definitions of scimmy exactly where we mean it', () => {
    const found = oracles.flatMap((oracle) => {
      const schema = ours.find(({ id }) => id === oracle.id);
      const mine = flatten(schema?.attributes ?? []);
      const theirs = flatten(oracle.attributes);
      expect([...mine.keys()].sort()).toEqual([...theirs.keys()].sort());
      return [...mine].flatMap(([path, characteristics]): [string, Difference[]][] => {
        const differ = differences(characteristics, theirs.get(path) ?? {});
        return differ.length === 0 ? [] : [[`${oracle.name} ${path}`, differ]];
      });
    });
    expect(Object.fromEntries(found)).toEqual(deliberate);
  });
});

describe('the verified errata of RFC 7643', () => {
  const attributesOf = (name: string) =>
    flatten(ours.find((schema) => schema.name === name)?.attributes ?? []);
  const [user, group, enterprise] = [
    attributesOf('User'),
    attributesOf('Group'),
    attributesOf('EnterpriseUser'),
  ];

  test('8415: no complex attribute has a complex sub-attribute', () => {
    for (const schema of ours) {
      for (const { subAttributes = [] } of schema.attributes) {
        expect(subAttributes.filter(({ type }) => (type as string) === 'complex')).toEqual([]);
      }
    }
  });

  test('5606 and 8435: a certificate is binary', () => {
    expect(user.get('x509Certificates.value')).toMatchObject({ type: 'binary', caseExact: true });
  });

  test('6004: complex attributes have no uniqueness and no caseExact', () => {
    for (const attributes of [user, group, enterprise]) {
      for (const characteristics of attributes.values()) {
        if (characteristics['type'] !== 'complex') continue;
        expect(characteristics).not.toHaveProperty('uniqueness');
        expect(characteristics).not.toHaveProperty('caseExact');
      }
    }
  });

  test('5368: a group needs a displayName', () => {
    expect(group.get('displayName')).toMatchObject({ required: true });
  });

  test("8471 and 8472: a user's group is a Group, a manager's id is case-exact", () => {
    expect(user.get('groups.$ref')).toMatchObject({ referenceTypes: ['Group'] });
    expect(enterprise.get('manager.value')).toMatchObject({ caseExact: true });
  });
});
