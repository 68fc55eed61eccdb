import type { Collection, Field, NamedField, ValueType } from '../../directory/search/predicate.ts';
import { type Attribute, pathOf } from '../schema/attribute.ts';
import type { ResourceType } from '../schema/resource-type.ts';

/** Attributes that are columns or derived, by path; every other one lives in the document. */
const named: Readonly<Record<ResourceType['name'], ReadonlyMap<string, NamedField>>> = {
  User: new Map<string, NamedField>([
    ['id', 'id'],
    ['externalId', 'externalId'],
    ['userName', 'userName'],
    ['displayName', 'displayName'],
    ['active', 'active'],
    // All of it has no value to compare, only presence, and everything has both.
    ['meta', 'id'],
    ['meta.created', 'createdAt'],
    ['meta.lastModified', 'updatedAt'],
    ['meta.resourceType', 'kind'],
    ['meta.location', 'location'],
  ]),
  Group: new Map<string, NamedField>([
    ['id', 'id'],
    ['externalId', 'externalId'],
    ['displayName', 'displayName'],
    ['meta', 'id'],
    ['meta.created', 'createdAt'],
    ['meta.lastModified', 'updatedAt'],
    ['meta.resourceType', 'kind'],
    ['meta.location', 'location'],
  ]),
};

/** Multi-valued attributes that are rows of their own. */
const derived: ReadonlyMap<string, 'groups' | 'members'> = new Map([
  ['groups', 'groups'],
  ['members', 'members'],
]);

const references: ReadonlyMap<string, NamedField> = new Map<string, NamedField>([
  ['value', 'value'],
  ['display', 'display'],
  ['type', 'type'],
  ['$ref', 'ref'],
]);

/**
 * True for what no query can ask about: what is never returned, since filters and orders would tell it piece by
 * piece, and the version, which is computed from what a query cannot see.
 */
export function isUnsearchable(attribute: Attribute): boolean {
  return attribute.returned === 'never' || pathOf(attribute) === 'meta.version';
}

/** True for a multi-valued attribute that is rows of its own. */
export function isDerived(attribute: Attribute): boolean {
  return derived.has(pathOf(attribute));
}

/** The collection that a multi-valued attribute is. */
export function collectionOf(attribute: Attribute): Collection {
  const name = derived.get(pathOf(attribute));
  return name === undefined ? { kind: 'document', keys: attribute.path } : { kind: 'named', name };
}

/** The field that a single-valued attribute is. */
export function fieldOf(attribute: Attribute, type: ResourceType): Field {
  const name = named[type.name].get(pathOf(attribute));
  return name === undefined
    ? { kind: 'document', keys: attribute.path, type: valueType(attribute), caseExact: attribute.caseExact }
    : { kind: 'named', name, type: valueType(attribute) };
}

/** The field that a sub-attribute is inside one element of its parent; the parent itself stands for a simple element. */
export function elementField(leaf: Attribute, parent: Attribute): Field {
  const name = derived.has(pathOf(parent)) ? references.get(leaf.name) : undefined;
  if (name !== undefined) return { kind: 'named', name, type: 'text' };
  const keys = leaf === parent ? [] : [leaf.name];
  return { kind: 'document', keys, type: valueType(leaf), caseExact: leaf.caseExact };
}

/** How an attribute's values compare. */
export function valueType(attribute: Attribute): ValueType {
  switch (attribute.type) {
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'decimal':
      return 'number';
    case 'dateTime':
      return 'instant';
    default:
      return 'text';
  }
}
