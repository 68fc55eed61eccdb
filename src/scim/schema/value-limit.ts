import { badRequest } from '../errors.ts';
import { isObject } from '../quirks/dialect.ts';
import { type Attribute, type AttributeTable, pathOf } from './attribute.ts';
import type { Resource } from './coerce.ts';
import type { ResourceType } from './resource-type.ts';

/** Values that a user has at most of one multi-valued attribute. */
const MAX_VALUES = 100;

/** Values that a request about a user has at most: to compare hundred thousands of them takes seconds. */
const MAX_SENT = 10_000;

/**
 * Limits the values that a client sends, before any of them is read.
 * @param body of a POST or PUT, or the values of the operations of a PATCH
 * @throws ScimError 400 `invalidValue`
 */
export function requireFewSent(body: unknown): void {
  let left = MAX_SENT;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      left -= value.length;
      if (left < 0) throw tooManySent();
    }
    if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) visit(each);
  };
  visit(body);
}

const tooManySent = () =>
  badRequest(
    'invalidValue',
    `The request has over ${MAX_SENT.toLocaleString('en')} values of multi-valued attributes, and a user has at most ${MAX_VALUES} of one attribute. Send fewer.`,
  );

/**
 * Limits how many values a user has of each multi-valued attribute. Who had more before the limit may keep them, so that
 * no deactivation fails on what it does not change.
 * @param before the user as stored; undefined for a new one. It is read now, and may be changed afterwards.
 * @returns a function that takes the user as it is to be stored and throws ScimError 400 `invalidValue`
 */
export function limitValues(type: ResourceType, before?: Resource): (after: Resource) => void {
  const present = before === undefined ? new Map<Attribute, number>() : countValues(type, before);
  return (after) => {
    for (const [attribute, count] of countValues(type, after)) {
      if (count <= Math.max(MAX_VALUES, present.get(attribute) ?? 0)) continue;
      throw badRequest(
        'invalidValue',
        `The attribute "${pathOf(attribute)}" has ${count} values: a user has at most ${MAX_VALUES} of one attribute. Send fewer.`,
      );
    }
  };
}

/** How many values there are of each multi-valued attribute, sub-attributes and those of extensions included. */
function countValues(type: ResourceType, resource: Resource): Map<Attribute, number> {
  const counts = new Map<Attribute, number>();
  const visit = (table: AttributeTable, holder: unknown): void => {
    if (!isObject(holder)) return;
    for (const attribute of table.values()) {
      const value = holder[attribute.name];
      const values = Array.isArray(value) ? value : [value];
      if (attribute.multiValued && Array.isArray(value))
        counts.set(attribute, Math.max(values.length, counts.get(attribute) ?? 0));
      if (attribute.subAttributes.size > 0) for (const each of values) visit(attribute.subAttributes, each);
    }
  };
  visit(type.attributes, resource);
  for (const { urn, attributes } of type.extensions.values()) visit(attributes, resource[urn]);
  return counts;
}
