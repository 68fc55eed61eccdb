import type { Field, Predicate } from '../../directory/predicate.ts';
import { badRequest, quote } from '../errors.ts';
import type { Dialect } from '../quirks/dialect.ts';
import { type Attribute, defaultSub, pathOf } from '../schema/attribute.ts';
import { type ResourceType, resolvePath } from '../schema/resource-type.ts';
import { isDateTime, trimmed } from '../schema/simple-value.ts';
import type { Filter, Literal, Operator } from './ast.ts';
import { collectionOf, elementField, fieldOf, isUnsearchable, valueType } from './fields.ts';

/**
 * Turns a parsed filter into the directory's query language, by the attribute tables.
 * @param others types that are queried along with this one: an attribute that only they have is without a
 *   value here (RFC 7644 §3.4.2.1)
 * @throws ScimError 400 `invalidFilter` for an attribute that is not in the schemas, or an operator or value
 *   that its type does not have
 */
export function toPredicate(
  filter: Filter,
  type: ResourceType,
  dialect: Dialect,
  others: readonly ResourceType[] = [],
): Predicate {
  return translate(filter, { type, dialect, element: undefined, others });
}

/**
 * Turns the filter of a value path into a predicate on one element of the attribute.
 * @throws ScimError 400 `invalidFilter`
 */
export function toElementPredicate(
  filter: Filter,
  type: ResourceType,
  attribute: Attribute,
  dialect: Dialect,
): Predicate {
  return translate(filter, { type, dialect, element: attribute, others: [] });
}

interface Scope {
  readonly type: ResourceType;
  readonly dialect: Dialect;
  /** Inside brackets: the attribute whose elements are meant. */
  readonly element: Attribute | undefined;
  /** Types whose attributes are no mistake, though this type lacks them. */
  readonly others: readonly ResourceType[];
}

/** What no resource fulfils: there is none without an id. */
const nothing: Predicate = {
  kind: 'not',
  operand: { kind: 'present', field: { kind: 'named', name: 'id', type: 'text' } },
};

function isAnothers(path: string, { others }: Scope): boolean {
  return others.some((type) => resolvePath(type, path) !== undefined);
}

function translate(filter: Filter, scope: Scope): Predicate {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, all: flatten(filter, filter.kind).map((each) => translate(each, scope)) };
    case 'not':
      return { kind: 'not', operand: translate(filter.operand, scope) };
    case 'some':
      return bracketed(filter.path, filter.filter, scope);
    case 'present':
      return onAttribute(filter.path, scope, undefined);
    case 'compare':
      return comparison(filter.path, filter.operator, filter.value, scope);
  }
}

/** Operands of one connective in a row; a long chain must not become a deep tree. */
function flatten(filter: Filter, kind: 'and' | 'or'): Filter[] {
  const operands: Filter[] = [];
  let rest = filter;
  while (rest.kind === kind) {
    operands.push(rest.right);
    rest = rest.left;
  }
  return [rest, ...operands.reverse()];
}

/** `ne` is the opposite of `eq`; `eq null` asks for no value (RFC 7643 §2.5). */
function comparison(path: string, operator: Operator, value: Literal, scope: Scope): Predicate {
  if (value === null) {
    if (operator !== 'eq' && operator !== 'ne')
      throw invalid(path, `"${operator}" cannot compare with null.`);
    const present = onAttribute(path, scope, undefined);
    return operator === 'ne' ? present : { kind: 'not', operand: present };
  }
  if (operator === 'ne')
    return { kind: 'not', operand: onAttribute(path, scope, { comparator: 'eq', value }) };
  return onAttribute(path, scope, { comparator: operator, value });
}

interface Test {
  readonly comparator: Exclude<Operator, 'ne'>;
  readonly value: string | number | boolean;
}

/** `path op value`, or `path pr` without a test, on whatever the path leads to. */
function onAttribute(path: string, scope: Scope, test: Test | undefined): Predicate {
  if (scope.element !== undefined) return onElement(subOf(scope.element, path), scope, test);
  const target = resolvePath(scope.type, scope.dialect.path(path, scope.type));
  if (target === undefined) {
    if (isAnothers(path, scope)) return nothing;
    throw unknown(path, scope.type);
  }
  const { attribute, sub } = target;
  if (pathOf(attribute) === 'schemas') return onSchemas(path, scope.type, test);
  if (isUnsearchable(attribute) || isUnsearchable(sub ?? attribute)) throw unsearchable(path);
  if (attribute.multiValued) {
    const collection = collectionOf(attribute);
    if (sub === undefined && test === undefined) return { kind: 'some', collection, where: undefined };
    const leaf = attribute.type === 'complex' ? (sub ?? defaultSub(attribute)) : attribute;
    if (leaf === undefined) throw invalid(path, 'Name one of its sub-attributes.');
    return { kind: 'some', collection, where: onElement(leaf, { ...scope, element: attribute }, test) };
  }
  const leaf =
    sub ?? (attribute.type === 'complex' && test !== undefined ? defaultSub(attribute) : attribute);
  if (leaf === undefined || (leaf.type === 'complex' && test !== undefined)) {
    throw invalid(path, 'Name one of its sub-attributes.');
  }
  return leafPredicate(fieldOf(leaf, scope.type), leaf, scope, test);
}

const howToAskForSchemas = 'Compare it by eq with the URN of a schema in quotes.';

/** `schemas` is derived: everything has the core schema, and an extension's where its object is. */
function onSchemas(path: string, type: ResourceType, test: Test | undefined): Predicate {
  if (test === undefined) return { kind: 'not', operand: nothing };
  if (test.comparator !== 'eq' || typeof test.value !== 'string') {
    throw invalid(path, howToAskForSchemas);
  }
  const urn = test.value.toLowerCase();
  if (urn === type.schema.id.toLowerCase()) return { kind: 'not', operand: nothing };
  const extension = type.extensions.get(urn);
  if (extension === undefined) return nothing;
  return {
    kind: 'present',
    field: { kind: 'document', keys: [extension.urn], type: 'text', caseExact: true },
  };
}

function onElement(leaf: Attribute, scope: Scope, test: Test | undefined): Predicate {
  if (isUnsearchable(leaf)) throw unsearchable(pathOf(leaf));
  return leafPredicate(elementField(leaf, scope.element as Attribute), leaf, scope, test);
}

function leafPredicate(field: Field, leaf: Attribute, scope: Scope, test: Test | undefined): Predicate {
  if (test === undefined) return { kind: 'present', field };
  const value = fitting(leaf, test, scope.dialect);
  return { kind: 'compare', field, comparator: test.comparator, value };
}

function bracketed(path: string, inner: Filter, scope: Scope): Predicate {
  if (scope.element !== undefined) throw invalid(path, 'Brackets cannot be inside brackets.');
  const target = resolvePath(scope.type, scope.dialect.path(path, scope.type));
  if (target === undefined) {
    if (isAnothers(path, scope)) return nothing;
    throw unknown(path, scope.type);
  }
  const { attribute, sub } = target;
  if (pathOf(attribute) === 'schemas') throw invalid(path, howToAskForSchemas);
  if (sub !== undefined || (!attribute.multiValued && attribute.type !== 'complex')) {
    throw invalid(path, 'Only a multi-valued or complex attribute can have a filter in brackets.');
  }
  if (isUnsearchable(attribute)) throw unsearchable(path);
  if (attribute.multiValued) {
    return {
      kind: 'some',
      collection: collectionOf(attribute),
      where: translate(inner, { ...scope, element: attribute }),
    };
  }
  return translate(prefixed(inner, path), scope);
}

/** `name[givenName eq "x"]` is `name.givenName eq "x"`, since there is only one element. */
function prefixed(filter: Filter, path: string): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, left: prefixed(filter.left, path), right: prefixed(filter.right, path) };
    case 'not':
      return { ...filter, operand: prefixed(filter.operand, path) };
    default:
      return { ...filter, path: `${path}.${filter.path}` };
  }
}

function subOf(attribute: Attribute, path: string): Attribute {
  const sub = attribute.subAttributes.get(path.toLowerCase());
  if (sub !== undefined) return sub;
  if (attribute.type !== 'complex' && path.toLowerCase() === 'value') return attribute;
  throw invalid(path, `"${pathOf(attribute)}" has no such sub-attribute.`);
}

const textOnly = new Set<Operator>(['co', 'sw', 'ew']);
const ordered = new Set<Operator>(['gt', 'ge', 'lt', 'le']);

/** Checks that the attribute's type has the operator and the value (RFC 7644 §3.4.2.2). */
function fitting(
  attribute: Attribute,
  { comparator, value }: Test,
  dialect: Dialect,
): string | number | boolean {
  const path = pathOf(attribute);
  const type = valueType(attribute);
  const unordered = type === 'boolean' || attribute.type === 'binary';
  if (textOnly.has(comparator) && type !== 'text') throw invalid(path, `"${comparator}" is for strings.`);
  if (ordered.has(comparator) && unordered)
    throw invalid(path, `"${comparator}" needs an order, and it has none.`);
  const sent = value === '' ? value : dialect.value(value, attribute);
  const read = comparator === 'eq' ? trimmed(attribute, sent as typeof value) : sent;
  const matches = type === 'text' || type === 'instant' ? typeof read === 'string' : typeof read === type;
  if (!matches)
    throw invalid(
      path,
      `Compare it with a ${type === 'instant' ? 'date and time in quotes' : type === 'text' ? 'string in quotes' : type}.`,
    );
  if (type === 'instant' && !isDateTime(read as string)) {
    throw invalid(path, 'Compare it with a date and time with a zone, as 2026-01-31T09:30:00Z.');
  }
  return read as string | number | boolean;
}

function unknown(path: string, type: ResourceType): Error {
  return badRequest('invalidFilter', `${type.name} has no attribute ${quote(path)}.`);
}

function unsearchable(path: string): Error {
  return invalid(path, 'This attribute cannot be searched.');
}

function invalid(path: string, why: string): Error {
  return badRequest('invalidFilter', `${quote(path)}: ${why}`);
}
