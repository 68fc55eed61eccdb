import { badRequest } from '../errors.ts';
import type { Filter } from '../filter/ast.ts';
import { createMissingElement, type Dialect, isObject } from '../quirks/dialect.ts';
import { type Attribute, pathOf } from '../schema/attribute.ts';
import { coerceSingle, coerceValue, isLabel, isUnassigned, type Resource } from '../schema/coerce.ts';
import { checkImmutable } from '../schema/immutable.ts';
import { asElement, type Element, joined, keptImmutable, onePrimary } from './elements.ts';
import { matches } from './matches.ts';
import type { PatchOperation } from './operation.ts';
import { createWorkLimit } from './work-limit.ts';

/**
 * Applies operations in their order to a resource that the caller owns (RFC 7644 §3.5.2). All or none: the
 * caller throws the resource away if this throws.
 * @throws ScimError 400 `mutability`, `noTarget`, `invalidValue`; 413
 */
export function applyPatch(
  resource: Resource,
  operations: readonly PatchOperation[],
  dialect: Dialect,
): void {
  const requireLittleWork = createWorkLimit();
  for (const operation of operations) {
    const { attribute } = operation;
    requireLittleWork(operation, holderOf(resource, attribute)[attribute.name]);
    applyOperation(resource, operation, dialect);
  }
  const labelled = operations.filter(
    ({ attribute, selection, sub }) => attribute.multiValued && (selection ?? sub) !== undefined,
  );
  for (const attribute of new Set(labelled.map((operation) => operation.attribute))) {
    dropLabels(resource, attribute);
  }
}

/**
 * An element that is left with a label and nothing labelled is no value. That shows at the end only: clients give a new
 * element its label first, and its value in the next operation.
 */
function dropLabels(resource: Resource, attribute: Attribute): void {
  const holder = holderOf(resource, attribute);
  const kept = listOf(asElements(holder[attribute.name]).filter(isSubstantial));
  if (kept === undefined) delete holder[attribute.name];
  else holder[attribute.name] = kept;
  dropIfEmpty(resource, attribute);
}

function applyOperation(resource: Resource, operation: PatchOperation, dialect: Dialect): void {
  const { attribute, op } = operation;
  const holder = holderOf(resource, attribute);
  const before = holder[attribute.name];
  const after = op === 'remove' ? removed(before, operation) : assigned(before, operation, dialect);
  checkImmutable(attribute, before, after);
  if (after === undefined) delete holder[attribute.name];
  else holder[attribute.name] = after;
  dropIfEmpty(resource, attribute);
}

/** The object that has the attribute: the resource, or its extension, made if it is not there. */
function holderOf(resource: Resource, attribute: Attribute): Record<string, unknown> {
  const [urn] = attribute.path;
  if (urn === undefined || attribute.path.length === 1) return resource;
  const present = resource[urn];
  if (isObject(present)) return present;
  const made: Record<string, unknown> = {};
  resource[urn] = made;
  return made;
}

function dropIfEmpty(resource: Resource, attribute: Attribute): void {
  const [urn] = attribute.path;
  if (urn === undefined || attribute.path.length === 1) return;
  if (Object.keys(resource[urn] as object).length === 0) delete resource[urn];
}

function assigned(before: unknown, operation: PatchOperation, dialect: Dialect): unknown {
  const { attribute } = operation;
  if (attribute.multiValued) return assignedElements(asElements(before), operation, dialect);
  if (operation.sub !== undefined) return withSub(asElement(before), operation.sub, operation.value, dialect);
  if (attribute.type !== 'complex') return coerceValue(attribute, operation.value, dialect);
  return mergedComplex(asElement(before), operation, dialect);
}

/** A complex value merges (RFC 7644 §3.5.2.3); the interoperability profile's replace takes its place whole. */
function mergedComplex(
  before: Element,
  { op, attribute, value: sent }: PatchOperation,
  dialect: Dialect,
): unknown {
  const value = dialect.value(sent, attribute);
  if (isUnassigned(value)) return undefined;
  if (op === 'replace' && dialect.strict) return coerceValue(attribute, value, dialect);
  if (!isObject(value)) return coerceSingle(attribute, value, dialect);
  coerceSingle(attribute, value, dialect);
  let merged: Element | undefined = before;
  for (const [name, part] of Object.entries(value)) {
    const sub = attribute.subAttributes.get(name.toLowerCase());
    if (sub !== undefined && sub.mutability !== 'readOnly')
      merged = withSub(merged ?? {}, sub, part, dialect);
  }
  return merged === undefined || Object.keys(merged).length === 0 ? undefined : merged;
}

/** @returns the element with one sub-attribute set or, if the value is unassigned, without it; undefined if empty */
function withSub(element: Element, sub: Attribute, sent: unknown, dialect: Dialect): Element | undefined {
  const value = coerceValue(sub, sent, dialect);
  const { [sub.name]: _, ...rest } = element;
  const result = value === undefined ? rest : { ...rest, [sub.name]: value };
  return Object.keys(result).length === 0 ? undefined : result;
}

function assignedElements(before: readonly unknown[], operation: PatchOperation, dialect: Dialect): unknown {
  const { attribute, op, selection, sub } = operation;
  if (selection === undefined && sub === undefined) {
    const sent = coerceValue(attribute, inArray(operation.value), dialect);
    const elements = Array.isArray(sent) ? sent : [];
    return listOf(op === 'replace' ? elements : joined(attribute, before, elements));
  }
  const selected = (element: unknown) => selection === undefined || matches(selection.predicate, element);
  const matching = before.filter(selected).length;
  if (matching === 0) return created(before, operation, dialect);
  if (dialect.strict && selection !== undefined && matching > 1) {
    throw badRequest(
      'invalidFilter',
      `The path selects ${matching} values of "${pathOf(attribute)}": in strict mode it must select one.`,
    );
  }
  const changed = before.filter(selected).map((element) => {
    if (sub !== undefined)
      return keptImmutable(attribute, element, withSub(asElement(element), sub, operation.value, dialect));
    const sent = coerceSingle(attribute, onlyOne(operation.value), dialect);
    if (op === 'replace') return sent;
    return isObject(sent)
      ? keptImmutable(attribute, element, { ...asElement(element), ...sent })
      : (sent ?? element);
  });
  const queue = [...changed];
  const merged = before.map((element) => (selected(element) ? queue.shift() : element));
  return listOf(onePrimary(merged.filter(isThere), changed));
}

/** A value path that selects nothing: an error by the RFC, a new element in the dialect of Entra ID. */
function created(before: readonly unknown[], operation: PatchOperation, dialect: Dialect): unknown {
  const { attribute, selection, sub } = operation;
  const seed = selection === undefined ? {} : seedOf(selection.filter);
  if (seed === undefined || !createMissingElement(dialect)) {
    throw badRequest('noTarget', `No value of "${pathOf(attribute)}" matches the path: add it first.`);
  }
  const part = sub === undefined ? onlyOne(operation.value) : { [sub.name]: operation.value };
  if (isUnassigned(operation.value)) return listOf(before);
  const element = coerceSingle(attribute, { ...seed, ...(isObject(part) ? part : {}) }, dialect);
  return listOf(element === undefined ? before : joined(attribute, before, [element]));
}

/**
 * What a new element must have to be what the path selects; undefined if the filter does not determine it. A filter
 * on the value itself selects existing elements only.
 */
function seedOf(filter: Filter): Element | undefined {
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path.toLowerCase() !== 'value') {
    return { [filter.path]: filter.value };
  }
  if (filter.kind !== 'and') return undefined;
  const [left, right] = [seedOf(filter.left), seedOf(filter.right)];
  return left === undefined || right === undefined ? undefined : { ...left, ...right };
}

function removed(before: unknown, operation: PatchOperation): unknown {
  const { attribute, sub, selection } = operation;
  const target = sub ?? attribute;
  if (target.required && (sub === undefined || !attribute.multiValued)) {
    throw badRequest('mutability', `"${pathOf(target)}" is required and cannot be removed.`);
  }
  if (!attribute.multiValued) return sub === undefined ? undefined : without(asElement(before), sub);
  if (selection === undefined && sub === undefined) return undefined;
  const kept = asElements(before).flatMap((element) => {
    if (selection !== undefined && !matches(selection.predicate, element)) return [element];
    return sub === undefined ? [] : [keptImmutable(attribute, element, without(asElement(element), sub))];
  });
  return listOf(kept.filter(isThere));
}

function without(element: Element, sub: Attribute): Element | undefined {
  const { [sub.name]: _, ...rest } = element;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function isThere(element: unknown): boolean {
  return element !== undefined;
}

function isSubstantial(element: unknown): boolean {
  return isObject(element) ? !isLabel(element) : isThere(element);
}

function listOf(elements: readonly unknown[]): readonly unknown[] | undefined {
  return elements.length === 0 ? undefined : elements;
}

function asElements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A single value may replace an array of one. */
function inArray(value: unknown): unknown {
  return isUnassigned(value) || Array.isArray(value) ? value : [value];
}

function onlyOne(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
