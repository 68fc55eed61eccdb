import { badRequest, quote, type ScimType } from '../errors.ts';
import type { Attribute, AttributeTable } from './attribute.ts';
import type { AttributeDefinition, SchemaDefinition } from './definition.ts';

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** One of the two resource types, compiled: its schema, its extensions, and a table for each (RFC 7643 §6). */
export interface ResourceType {
  readonly name: 'User' | 'Group';
  readonly endpoint: '/Users' | '/Groups';
  readonly schema: SchemaDefinition;
  readonly attributes: AttributeTable;
  /** By lower-cased URN, since schema URIs compare without regard to case (RFC 7643 §3.10). */
  readonly extensions: ReadonlyMap<string, Extension>;
  /** Whether the stored document may contain something that an answer without `attributes` must leave out. */
  readonly hidesStoredAttributes: boolean;
}

export interface Extension {
  readonly urn: string;
  readonly definition: SchemaDefinition;
  readonly attributes: AttributeTable;
}

export interface ResourceTypes {
  readonly user: ResourceType;
  readonly group: ResourceType;
  readonly schemas: readonly SchemaDefinition[];
}

/** Where an attribute path leads: the attribute, and the sub-attribute if the path names one. */
export interface Target {
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
}

/**
 * Compiles schema files into the two resource types. A schema extends the type that ends its URN
 * (`urn:…:User` extends User): dropping a file is all it takes to add attributes.
 * @throws Error if the two core schemas are not among them, or a URN ends in neither `:User` nor `:Group`
 */
export function compileResourceTypes(schemas: readonly SchemaDefinition[]): ResourceTypes {
  const extensions = schemas.filter((schema) => schema.id !== USER_SCHEMA && schema.id !== GROUP_SCHEMA);
  for (const { id } of extensions) {
    if (!/:(User|Group)$/.test(id)) {
      throw new Error(`The schema ${id} extends nothing: let its id end in ":User" or ":Group".`);
    }
  }
  return {
    user: compileType('User', '/Users', schemas, extensions),
    group: compileType('Group', '/Groups', schemas, extensions),
    schemas,
  };
}

function compileType(
  name: ResourceType['name'],
  endpoint: ResourceType['endpoint'],
  schemas: readonly SchemaDefinition[],
  extensions: readonly SchemaDefinition[],
): ResourceType {
  const schema = schemas.find(({ id }) => id === `urn:ietf:params:scim:schemas:core:2.0:${name}`);
  if (schema === undefined) throw new Error(`scim-schemas/ has no file for the core schema of ${name}.`);
  const own = extensions.filter(({ id }) => id.endsWith(`:${name}`));
  const attributes = compileTable([...commonAttributes, ...schema.attributes], []);
  const compiled = new Map(
    own.map((definition): [string, Extension] => [
      definition.id.toLowerCase(),
      { urn: definition.id, definition, attributes: compileTable(definition.attributes, [definition.id]) },
    ]),
  );
  const all = [attributes, ...[...compiled.values()].map((extension) => extension.attributes)];
  return {
    name,
    endpoint,
    schema,
    attributes,
    extensions: compiled,
    hidesStoredAttributes: all.some((table) => [...table.values()].some(isHidden)),
  };
}

/** Core's `password` is never stored in the document, so it is ignored here. */
function isHidden(attribute: Attribute): boolean {
  const own = attribute.returned === 'never' || attribute.returned === 'request';
  return (
    (own && !(attribute.path.length === 1 && attribute.name === 'password')) ||
    [...attribute.subAttributes.values()].some(isHidden)
  );
}

/** What every resource has and no schema file lists (RFC 7643 §3.1). */
const commonAttributes: readonly AttributeDefinition[] = [
  attributeOf('schemas', { type: 'reference', multiValued: true, returned: 'always' }),
  attributeOf('id', { caseExact: true, mutability: 'readOnly', returned: 'always' }),
  attributeOf('externalId', { caseExact: true }),
  attributeOf('meta', {
    type: 'complex',
    mutability: 'readOnly',
    subAttributes: [
      attributeOf('resourceType', { caseExact: true, mutability: 'readOnly' }),
      attributeOf('created', { type: 'dateTime', mutability: 'readOnly' }),
      attributeOf('lastModified', { type: 'dateTime', mutability: 'readOnly' }),
      attributeOf('location', { type: 'reference', mutability: 'readOnly' }),
      attributeOf('version', { caseExact: true, mutability: 'readOnly' }),
    ],
  }),
];

/** An attribute with the characteristics that RFC 7643 §2.2 gives by default, except those of `rest`. */
export function attributeOf(name: string, rest: Partial<AttributeDefinition> = {}): AttributeDefinition {
  return {
    name,
    type: 'string',
    multiValued: false,
    description: '',
    required: false,
    mutability: 'readWrite',
    returned: 'default',
    ...rest,
  };
}

function compileTable(
  definitions: readonly AttributeDefinition[],
  parent: readonly string[],
): AttributeTable {
  return new Map(
    definitions.map((definition): [string, Attribute] => {
      const path = [...parent, definition.name];
      const compiled: Attribute = {
        name: definition.name,
        path,
        type: definition.type,
        multiValued: definition.multiValued,
        required: definition.required,
        caseExact: definition.caseExact ?? (definition.type === 'reference' || definition.type === 'binary'),
        mutability: definition.mutability,
        returned: definition.returned,
        subAttributes: compileTable(definition.subAttributes ?? [], path),
      };
      return [definition.name.toLowerCase(), compiled];
    }),
  );
}

/**
 * Resolves `attr`, `attr.sub`, `urn:…:attr.sub` (RFC 7644 §3.10), names and URNs without regard to case.
 * @returns undefined if the schemas have no such attribute
 */
export function resolvePath(type: ResourceType, path: string): Target | undefined {
  const { table, rest } = splitSchema(type, path);
  const [name = '', subName, ...more] = rest.toLowerCase().split('.');
  const attribute = table?.get(name);
  if (attribute === undefined || more.length > 0) return undefined;
  if (subName === undefined) return { attribute, sub: undefined };
  const sub = attribute.subAttributes.get(subName);
  return sub === undefined ? undefined : { attribute, sub };
}

/** The extension that a path names as a whole (`urn:…:enterprise:2.0:User`), if it is one. */
export function resolveExtension(type: ResourceType, path: string): Extension | undefined {
  return type.extensions.get(path.toLowerCase());
}

/**
 * The extensions with an attribute of this name. A name of the core schema is in no extension, since it is found there.
 * @param name without a URN
 */
export function extensionsWith(name: string, type: ResourceType): Extension[] {
  const lower = name.toLowerCase();
  if (type.attributes.has(lower)) return [];
  return [...type.extensions.values()].filter(({ attributes }) => attributes.has(lower));
}

/** @returns the error for a path without a URN whose attribute several extensions have; undefined for other paths */
export function ambiguousName(path: string, type: ResourceType, scimType: ScimType): Error | undefined {
  const [name = ''] = path.split('.');
  const [first, second] = extensionsWith(name, type);
  if (first === undefined || second === undefined) return undefined;
  return badRequest(
    scimType,
    `${quote(name)} is ambiguous: write ${first.urn}:${name} or ${second.urn}:${name}.`,
  );
}

/** A URN has dots and colons of its own (`2.0`), so the known schemas are what splits it from the name. */
function splitSchema(type: ResourceType, path: string): { table: AttributeTable | undefined; rest: string } {
  const lower = path.toLowerCase();
  if (!lower.startsWith('urn:')) return { table: type.attributes, rest: path };
  const core = `${type.schema.id.toLowerCase()}:`;
  if (lower.startsWith(core)) return { table: type.attributes, rest: path.slice(core.length) };
  for (const [urn, extension] of type.extensions) {
    if (lower.startsWith(`${urn}:`)) return { table: extension.attributes, rest: path.slice(urn.length + 1) };
  }
  return { table: undefined, rest: path };
}
