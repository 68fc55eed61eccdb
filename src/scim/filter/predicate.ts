import type { Field, Predicate } from '../../directory/search/predicate.ts';
import { badRequest, quote } from '../errors.ts';
import type { Dialect } from '../quirks/dialect.ts';
import { type Attribute, defaultSub, pathOf } from '../schema/attribute.ts';
import { ambiguousName, type Extension, type ResourceType, resolvePath } from '../schema/resource-type.ts';
import { anyOf } from './any-of.ts';
import type { Filter, Literal, Operator } from './ast.ts';
import { comparedValue, invalid, type Test } from './compared-value.ts';
import { collectionOf, elementField, fieldOf, isUnsearchable } from './fields.ts';

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

/** A predicate that no resource fulfils: every resource has an id. */
const nothing: Predicate = {
  kind: 'not',
  operand: { kind: 'present', field: { kind: 'named', name: 'id', type: 'text' } },
};

/** What every resource fulfils. */
const everything: Predicate = { kind: 'not', operand: nothing };

function isAnothers(path: string, { others }: Scope): boolean {
  return others.some((type) => resolvePath(type, path) !== undefined);
}

function translate(filter: Filter, scope: Scope): Predicate {
  switch (filter.kind) {
    case 'and':
      return { kind: 'and', all: flatten(filter, 'and').map((each) => translate(each, scope)) };
    case 'or':
      return anyOf(flatten(filter, 'or').map((each) => translate(each, scope)));
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

/** `eq null` asks for no value (RFC 7643 §2.5). */
function comparison(path: string, operator: Operator, value: Literal, scope: Scope): Predicate {
  if (value === null) {
    if (operator !== 'eq' && operator !== 'ne')
      throw invalid(path, `"${operator}" cannot compare with null.`);
    const present = onAttribute(path, scope, undefined);
    return operator === 'ne' ? present : { kind: 'not', operand: present };
  }
  const isNegated = operator === 'ne';
  return onAttribute(path, scope, { comparator: isNegated ? 'eq' : operator, isNegated, value });
}

/** `path op value`, or `path pr` without a test, on whatever the path leads to. */
function onAttribute(path: string, scope: Scope, test: Test | undefined): Predicate {
  if (scope.element !== undefined) return onElement(subOf(scope.element, path), scope, test);
  const target = resolvePath(scope.type, scope.dialect.path(path, scope.type));
  if (target === undefined) {
    if (isAnothers(path, scope)) return test?.isNegated === true ? everything : nothing;
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
  if (test === undefined) return everything;
  if (test.comparator !== 'eq' || typeof test.value !== 'string') {
    throw invalid(path, howToAskForSchemas);
  }
  const urn = test.value.toLowerCase();
  const isCore = urn === type.schema.id.toLowerCase();
  if (test.isNegated) {
    if (!isCore) return everything;
    return type.extensions.size === 0 ? nothing : anyOf([...type.extensions.values()].map(hasExtension));
  }
  if (isCore) return everything;
  const extension = type.extensions.get(urn);
  return extension === undefined ? nothing : hasExtension(extension);
}

function hasExtension({ urn }: Extension): Predicate {
  return { kind: 'present', field: { kind: 'document', keys: [urn], type: 'text', caseExact: true } };
}

function onElement(leaf: Attribute, scope: Scope, test: Test | undefined): Predicate {
  if (isUnsearchable(leaf)) throw unsearchable(pathOf(leaf));
  return leafPredicate(elementField(leaf, scope.element as Attribute), leaf, scope, test);
}

function leafPredicate(field: Field, leaf: Attribute, scope: Scope, test: Test | undefined): Predicate {
  if (test === undefined) return { kind: 'present', field };
  const { comparator, isNegated } = test;
  const value = comparedValue(leaf, test, scope.dialect);
  const compared = comparedWith(
    field,
    comparator,
    value,
    scope.element !== undefined && leaf.name === 'primary',
  );
  return isNegated ? { kind: 'not', operand: compared } : compared;
}

function comparedWith(
  field: Field,
  comparator: Test['comparator'],
  value: Test['value'],
  isPrimary: boolean,
): Predicate {
  // An element without `primary` is not primary (RFC 7643 §2.4).
  if (isPrimary && value === false)
    return { kind: 'not', operand: { kind: 'compare', field, comparator, value: true } };
  // Ids are lower-case UUIDs, and `id` is caseExact: the store would read another case as the same UUID.
  if (field.kind === 'named' && field.name === 'id' && typeof value === 'string' && comparator === 'eq') {
    if (value !== value.toLowerCase()) return nothing;
  }
  // The ids of members and groups are the same UUIDs, and their schemas say that case does not matter.
  if (field.kind === 'named' && field.name === 'value' && typeof value === 'string') {
    return { kind: 'compare', field, comparator, value: value.toLowerCase() };
  }
  return { kind: 'compare', field, comparator, value };
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
  throw invalid(path, `"${pathOf(attribute)}" does not have this sub-attribute.`);
}

function unknown(path: string, type: ResourceType): Error {
  return (
    ambiguousName(path, type, 'invalidFilter') ??
    badRequest('invalidFilter', `${type.name} has no attribute ${quote(path)}.`)
  );
}

function unsearchable(path: string): Error {
  return invalid(path, 'This attribute cannot be searched.');
}
