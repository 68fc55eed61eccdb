import type { Predicate } from '../../directory/search/predicate.ts';
import { badRequest, quote } from '../errors.ts';
import type { Filter } from '../filter/ast.ts';
import { isDerived } from '../filter/fields.ts';
import { parsePath } from '../filter/parser.ts';
import { toElementPredicate } from '../filter/predicate.ts';
import {
  type Dialect,
  ignoreUnknown,
  isObject,
  MAX_REWRITTEN,
  member,
  type RawOperation,
  tooManyOperations,
} from '../quirks/dialect.ts';
import { type Attribute, pathOf } from '../schema/attribute.ts';
import { rejectUnknown } from '../schema/coerce.ts';
import {
  ambiguousName,
  type Extension,
  type ResourceType,
  resolveExtension,
  resolvePath,
} from '../schema/resource-type.ts';

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Operations that one PATCH may have. Those on members are folded into one change; clients send one a member. */
const MAX_OPERATIONS = 20_000;

/** Operations that are applied one after another, each to the whole resource as the one before it left it. */
const MAX_APPLIED = 1_000;

/** One operation, its target found in the attribute tables (RFC 7644 §3.5.2). Its value is still the client's. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
  /** The elements that the path selects. */
  readonly selection: Selection | undefined;
  readonly value: unknown;
}

export interface Selection {
  readonly filter: Filter;
  readonly predicate: Predicate;
}

/**
 * Reads a PATCH body: quirks first, then every target against the attribute tables.
 * @throws ScimError 400 `invalidSyntax`, `invalidPath`, `invalidFilter`, `noTarget`, `mutability`; 413
 */
export function parsePatch(body: unknown, type: ResourceType, dialect: Dialect): PatchOperation[] {
  const legal: RawOperation[] = [];
  for (const operation of rawOperations(body, dialect)) {
    const rewritten = dialect.operation(operation, type);
    const count = legal.length + rewritten.length;
    if (count > MAX_REWRITTEN) throw tooManyOperations(count, MAX_REWRITTEN);
    for (const each of rewritten) legal.push(each);
  }
  const operations = legal.flatMap((operation) => resolveOperation(operation, type, dialect));
  const applied = operations.filter(({ attribute }) => !isDerived(attribute)).length;
  if (applied > MAX_APPLIED) throw tooManyOperations(applied, MAX_APPLIED);
  return operations;
}

function rawOperations(body: unknown, dialect: Dialect): RawOperation[] {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object: a PatchOp.');
  const schemas = member(body, 'schemas');
  if (dialect.strict || schemas !== undefined) {
    if (!Array.isArray(schemas) || !schemas.some(isPatchSchema)) {
      throw badRequest('invalidSyntax', `"schemas" must be ["${PATCH_SCHEMA}"].`);
    }
  }
  const operations = member(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', '"Operations" must be an array with at least one operation.');
  }
  if (operations.length > MAX_OPERATIONS) throw tooManyOperations(operations.length, MAX_OPERATIONS);
  return operations.map(rawOperation);
}

function rawOperation(operation: unknown): RawOperation {
  if (!isObject(operation)) throw badRequest('invalidSyntax', 'Each operation must be a JSON object.');
  const [op, path] = [member(operation, 'op'), member(operation, 'path')];
  if (typeof op !== 'string')
    throw badRequest('invalidSyntax', 'Each operation needs "op": add, remove or replace.');
  if (path !== undefined && path !== null && typeof path !== 'string') {
    throw badRequest('invalidPath', '"path" must be a string.');
  }
  // An empty path is treated as missing: some clients always send it.
  return { op, path: path === null || path === '' ? undefined : path, value: member(operation, 'value') };
}

/** Schema URIs compare without regard to case (RFC 7643 §3.10). */
function isPatchSchema(uri: unknown): boolean {
  return typeof uri === 'string' && uri.toLowerCase() === PATCH_SCHEMA.toLowerCase();
}

function resolveOperation(
  { op, path, value }: RawOperation,
  type: ResourceType,
  dialect: Dialect,
): PatchOperation[] {
  if (op !== 'add' && op !== 'remove' && op !== 'replace') {
    throw badRequest('invalidSyntax', `${quote(op)} is not an operation: use add, remove or replace.`);
  }
  if (op === 'remove' && dialect.strict && value !== undefined && value !== null) {
    throw badRequest('invalidSyntax', 'A "remove" has no "value": name what to remove in its "path".');
  }
  if (path === undefined) {
    if (op === 'remove') throw badRequest('noTarget', 'A "remove" needs a "path".');
    if (dialect.strict) throw badRequest('invalidSyntax', 'In strict mode every operation needs a "path".');
    if (!isObject(value)) throw badRequest('invalidValue', 'Without "path", "value" must be a JSON object.');
    return membersOf(op, value, type, dialect);
  }
  const extension = resolveExtension(type, path);
  if (extension !== undefined) {
    if (op === 'remove')
      return [...extension.attributes.values()].map((attribute) => simple(op, attribute, undefined));
    if (!isObject(value))
      throw badRequest('invalidValue', `The value of ${extension.urn} must be a JSON object.`);
    return extensionMembers(op, value, extension, dialect);
  }
  const target = resolveTarget(op, path, value, type, dialect);
  if (target === undefined) return [];
  return pathOf(target.attribute) === 'schemas' ? onSchemas(op) : [target];
}

/** `schemas` is derived from the attributes and never stored, with a path as without. */
function onSchemas(op: PatchOperation['op']): [] {
  if (op === 'remove')
    throw badRequest('mutability', '"schemas" follows from the attributes: remove those of the schema.');
  return [];
}

/** @returns undefined if the path leads to nothing that the schemas have, and the dialect ignores that */
function resolveTarget(
  op: PatchOperation['op'],
  path: string,
  value: unknown,
  type: ResourceType,
  dialect: Dialect,
): PatchOperation | undefined {
  const parsed = parsePath(path, { bareWord: dialect.bareWord });
  const target = resolvePath(type, parsed.path);
  if (target === undefined) {
    const ambiguous = ambiguousName(parsed.path, type, 'invalidPath');
    if (ambiguous !== undefined) throw ambiguous;
    if (ignoreUnknown(dialect, parsed.path)) return undefined;
    throw badRequest('invalidPath', `${type.name} has no attribute ${quote(parsed.path)}.`);
  }
  const { attribute } = target;
  const sub = parsed.sub === undefined ? target.sub : attribute.subAttributes.get(parsed.sub.toLowerCase());
  if (parsed.sub !== undefined && (sub === undefined || target.sub !== undefined)) {
    if (ignoreUnknown(dialect, `${parsed.path}.${parsed.sub}`)) return undefined;
    throw badRequest('invalidPath', `"${pathOf(attribute)}" has no sub-attribute ${quote(parsed.sub)}.`);
  }
  if (parsed.filter !== undefined && (!attribute.multiValued || target.sub !== undefined)) {
    throw badRequest(
      'invalidPath',
      `"${pathOf(sub ?? attribute)}" is not multi-valued: leave out the brackets.`,
    );
  }
  if (dialect.strict && op !== 'remove' && parsed.filter !== undefined && sub === undefined) {
    throw badRequest('invalidPath', 'In strict mode a path with brackets must name a sub-attribute.');
  }
  if ((sub ?? attribute).mutability === 'readOnly' || attribute.mutability === 'readOnly') {
    throw badRequest('mutability', `"${pathOf(sub ?? attribute)}" is read-only.`);
  }
  const selection =
    parsed.filter === undefined
      ? undefined
      : { filter: parsed.filter, predicate: toElementPredicate(parsed.filter, type, attribute, dialect) };
  return { op, attribute, sub, selection, value };
}

/** A value without a path sets each attribute it names; `schemas` is ignored, since it is derived. */
function membersOf(
  op: 'add' | 'replace',
  value: Record<string, unknown>,
  type: ResourceType,
  dialect: Dialect,
): PatchOperation[] {
  return Object.entries(value).flatMap(([name, part]) => {
    const lower = name.toLowerCase();
    if (lower === 'schemas') return [];
    const extension = type.extensions.get(lower);
    if (extension !== undefined) {
      if (part === null)
        return [...extension.attributes.values()].map((each) => simple('remove', each, undefined));
      if (!isObject(part))
        throw badRequest('invalidValue', `The extension ${extension.urn} must be a JSON object.`);
      return extensionMembers(op, part, extension, dialect);
    }
    const attribute = type.attributes.get(lower);
    if (attribute === undefined) {
      rejectUnknown(name, type, dialect);
      return [];
    }
    return [simple(op, writable(attribute), part)];
  });
}

function extensionMembers(
  op: 'add' | 'replace',
  value: Record<string, unknown>,
  { urn, attributes }: Extension,
  dialect: Dialect,
): PatchOperation[] {
  return Object.entries(value).flatMap(([name, part]) => {
    const attribute = attributes.get(name.toLowerCase());
    if (attribute === undefined) {
      if (ignoreUnknown(dialect, name)) return [];
      throw badRequest('invalidSyntax', `The schema ${urn} has no attribute ${quote(name)}.`);
    }
    return [simple(op, writable(attribute), part)];
  });
}

function writable(attribute: Attribute): Attribute {
  if (attribute.mutability !== 'readOnly') return attribute;
  throw badRequest('mutability', `"${pathOf(attribute)}" is read-only.`);
}

function simple(op: PatchOperation['op'], attribute: Attribute, value: unknown): PatchOperation {
  return { op, attribute, sub: undefined, selection: undefined, value };
}
