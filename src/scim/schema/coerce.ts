import { badRequest, quote } from '../errors.ts';
import { type Dialect, ignoreUnknown, isObject } from '../quirks/dialect.ts';
import { type Attribute, type AttributeTable, pathOf } from './attribute.ts';
import { withoutRepeats } from './equal-values.ts';
import { ambiguousName, type ResourceType } from './resource-type.ts';
import { parseSimple, trimmed } from './simple-value.ts';

/** A resource as it is stored: names as the schemas spell them, nothing unassigned, nothing read-only. */
export type Resource = Record<string, unknown>;

/** `null`, `[]` and an absent attribute are one state, unassigned (RFC 7643 §2.5). */
export function isUnassigned(value: unknown): value is null | undefined | [] {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/**
 * Reads the body of a POST or PUT by the attribute tables: read-only attributes are ignored (RFC 7644 §3.3),
 * unassigned ones dropped, the rest checked.
 * @throws ScimError 400 `invalidSyntax` for attributes and schemas that are not there, `invalidValue` for
 *   values that do not fit
 */
export function coerceResource(type: ResourceType, body: unknown, dialect: Dialect): Resource {
  if (!isObject(body)) throw badRequest('invalidSyntax', `The body must be a JSON object: a ${type.name}.`);
  const raw = dialect.resource(withSchemasKey(body), type);
  checkSchemas(raw, type, dialect);
  const resource: Resource = {};
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(raw)) {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw badRequest('invalidSyntax', `The attribute ${quote(name)} is given twice.`);
    seen.add(lower);
    const extension = type.extensions.get(lower);
    if (extension !== undefined) {
      const assigned = coerceExtension(value, extension.urn, extension.attributes, dialect);
      if (assigned !== undefined) resource[extension.urn] = assigned;
      continue;
    }
    const attribute = type.attributes.get(lower);
    if (attribute === undefined) {
      rejectUnknown(name, type, dialect);
      continue;
    }
    if (attribute.mutability === 'readOnly' || lower === 'schemas') continue;
    const assigned = coerceValue(attribute, value, dialect);
    if (assigned !== undefined) resource[attribute.name] = assigned;
  }
  return resource;
}

/** The body with `schemas` as the quirks look for it: the names of attributes have no case (RFC 7643 §2.1). */
function withSchemasKey(body: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(body).filter((name) => name.toLowerCase() === 'schemas');
  const [key] = keys;
  if (key === undefined || key === 'schemas') return body;
  if (keys.length > 1) throw badRequest('invalidSyntax', `The attribute ${quote(key)} is given twice.`);
  const { [key]: schemas, ...rest } = body;
  return { schemas, ...rest };
}

/** Refuses a resource that lacks what its schemas require, or has two primaries (RFC 7643 §2.2, §2.4). */
export function checkResource(type: ResourceType, resource: Resource): void {
  checkRequired(type.attributes, resource);
  for (const [, extension] of type.extensions) {
    const part = resource[extension.urn];
    if (isObject(part)) checkRequired(extension.attributes, part);
  }
}

function checkRequired(table: AttributeTable, holder: Record<string, unknown>): void {
  for (const attribute of table.values()) {
    const value = holder[attribute.name];
    if (attribute.required && (value === undefined || value === '')) {
      throw badRequest('invalidValue', `The attribute "${pathOf(attribute)}" is required.`);
    }
    if (attribute.multiValued && Array.isArray(value)) checkElements(attribute, value);
    else if (isObject(value)) checkRequired(attribute.subAttributes, value);
  }
}

function checkElements(attribute: Attribute, elements: readonly unknown[]): void {
  if (attribute.subAttributes.size === 0) return;
  let primaries = 0;
  for (const element of elements) {
    if (!isObject(element)) continue;
    checkRequired(attribute.subAttributes, element);
    if (element['primary'] === true) primaries += 1;
  }
  if (primaries > 1) {
    throw badRequest(
      'invalidValue',
      `Only one value of "${pathOf(attribute)}" may be primary; ${primaries} are.`,
    );
  }
}

/**
 * Reads one attribute's value as a client sends it.
 * @returns the value to store, or undefined if it leaves the attribute unassigned
 * @throws ScimError 400 `invalidValue` or `invalidSyntax`
 */
export function coerceValue(attribute: Attribute, sent: unknown, dialect: Dialect): unknown {
  const rewritten = dialect.value(sent, attribute);
  const value = attribute.multiValued ? dialect.list(rewritten, attribute) : rewritten;
  if (isUnassigned(value)) return undefined;
  if (!attribute.multiValued) return coerceSingle(attribute, value, dialect);
  if (!Array.isArray(value)) {
    throw badRequest('invalidValue', `The attribute "${pathOf(attribute)}" is multi-valued: send an array.`);
  }
  const elements = value.flatMap((element) => {
    const assigned = coerceSingle(attribute, element, dialect);
    return assigned === undefined ? [] : [assigned];
  });
  return elements.length === 0 ? undefined : withoutRepeats(elements);
}

/** Reads one element of a multi-valued attribute, or the value of a single-valued one. @returns undefined for no value */
export function coerceSingle(attribute: Attribute, sent: unknown, dialect: Dialect): unknown {
  const value = attribute.multiValued ? dialect.value(sent, attribute) : sent;
  if (isUnassigned(value)) return undefined;
  return attribute.type === 'complex'
    ? coerceComplex(attribute, value, dialect)
    : withoutBlanks(attribute, parseSimple(attribute, value));
}

/** A name of nothing but white space is no name. */
function withoutBlanks(attribute: Attribute, value: string | number | boolean) {
  const text = trimmed(attribute, value);
  return text === '' && text !== value ? undefined : text;
}

function coerceComplex(
  attribute: Attribute,
  value: unknown,
  dialect: Dialect,
): Record<string, unknown> | undefined {
  if (!isObject(value)) {
    throw badRequest('invalidValue', `The attribute "${pathOf(attribute)}" is complex: send a JSON object.`);
  }
  const unknown = (name: string) =>
    badRequest('invalidSyntax', `"${pathOf(attribute)}" has no sub-attribute ${quote(name)}.`);
  const [firstName] = Object.keys(value);
  const isUnknown = !Object.keys(value).some((name) => attribute.subAttributes.has(name.toLowerCase()));
  // Ignored, it would empty the list that it was to fill.
  if (attribute.multiValued && firstName !== undefined && isUnknown) throw unknown(firstName);
  const members = coerceMembers(
    value,
    attribute.subAttributes,
    dialect,
    unknown,
    (name) => `${pathOf(attribute)}.${name}`,
  );
  const emptied =
    members === undefined
      ? Object.keys(value).length > 0 || attribute.multiValued
      : attribute.multiValued && isLabel(members) && !isLabel(value);
  if (!emptied) return members;
  // What is left out of a value that was sent must not make the value vanish.
  checkRequired(attribute.subAttributes, members ?? {});
  return undefined;
}

const labels = new Set(['type', 'primary', 'display']);

/** True for an element that only has the kind of a value, and no value. */
export function isLabel(element: Record<string, unknown>): boolean {
  return Object.keys(element).every((name) => labels.has(name.toLowerCase()));
}

function coerceExtension(value: unknown, urn: string, table: AttributeTable, dialect: Dialect) {
  if (isUnassigned(value)) return undefined;
  if (!isObject(value)) throw badRequest('invalidValue', `The extension ${urn} must be a JSON object.`);
  return coerceMembers(value, table, dialect, (name) =>
    badRequest('invalidSyntax', `The schema ${urn} has no attribute ${quote(name)}.`),
  );
}

function coerceMembers(
  value: Record<string, unknown>,
  table: AttributeTable,
  dialect: Dialect,
  unknown: (name: string) => Error,
  pathOfName: (name: string) => string = (name) => name,
): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const [name, member] of Object.entries(value)) {
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw badRequest('invalidSyntax', `The attribute ${quote(name)} is given twice.`);
    seen.add(lower);
    const attribute = table.get(lower);
    if (attribute === undefined) {
      if (!ignoreUnknown(dialect, pathOfName(name))) throw unknown(name);
      continue;
    }
    if (attribute.mutability === 'readOnly') continue;
    const assigned = coerceValue(attribute, member, dialect);
    if (assigned !== undefined) result[attribute.name] = assigned;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function checkSchemas(body: Record<string, unknown>, type: ResourceType, dialect: Dialect): void {
  const schemas = body['schemas'];
  const isCore = (uri: unknown) =>
    typeof uri === 'string' && uri.toLowerCase() === type.schema.id.toLowerCase();
  const known = (uri: unknown) =>
    isCore(uri) || (typeof uri === 'string' && type.extensions.has(uri.toLowerCase()));
  if (!Array.isArray(schemas) || !schemas.some(isCore)) {
    throw badRequest('invalidSyntax', `"schemas" must be an array that contains "${type.schema.id}".`);
  }
  for (const uri of schemas) {
    if (known(uri) || (typeof uri === 'string' && ignoreUnknown(dialect, uri))) continue;
    const shown = quote(typeof uri === 'string' ? uri : JSON.stringify(uri));
    throw badRequest('invalidSyntax', `${shown} in "schemas" is not a schema of ${type.name}.`);
  }
}

/**
 * Leaves out an attribute that no schema of the type has.
 * @throws ScimError 400 `invalidSyntax` in strict mode, and if several schemas have the attribute
 */
export function rejectUnknown(name: string, type: ResourceType, dialect: Dialect): void {
  const ambiguous = ambiguousName(name, type, 'invalidSyntax');
  if (ambiguous !== undefined) throw ambiguous;
  if (ignoreUnknown(dialect, name)) return;
  throw badRequest(
    'invalidSyntax',
    `${type.name} has no attribute ${quote(name)}. Check its spelling, or add its schema to scim-schemas/.`,
  );
}
