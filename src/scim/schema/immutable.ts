import { badRequest } from '../errors.ts';
import { isObject } from '../quirks/dialect.ts';
import { type Attribute, type AttributeTable, pathOf } from './attribute.ts';
import type { Resource } from './coerce.ts';
import { canonicalText } from './equal-values.ts';
import type { ResourceType } from './resource-type.ts';

/**
 * Refuses to change what is set once (RFC 7643 §2.2): the attribute, or a sub-attribute of a single value.
 * @throws ScimError 400 `mutability`
 */
export function checkImmutable(attribute: Attribute, before: unknown, after: unknown): void {
  if (before === undefined) return;
  if (attribute.mutability === 'immutable' && canonicalText(before) !== canonicalText(after)) {
    throw badRequest('mutability', `"${pathOf(attribute)}" is immutable: it is set once.`);
  }
  if (!isObject(before)) return;
  for (const sub of attribute.subAttributes.values()) {
    checkImmutable(sub, before[sub.name], isObject(after) ? after[sub.name] : undefined);
  }
}

/**
 * Carries over what is set once into a resource that replaces another: omitted values stay, sent values must
 * be the same (RFC 7644 §3.5.1).
 * @throws ScimError 400 `mutability`
 */
export function keepImmutable(type: ResourceType, before: Resource, after: Resource): Resource {
  const result = keepIn(type.attributes, before, after);
  for (const { urn, attributes } of type.extensions.values()) {
    const [held, sent] = [before[urn], after[urn]];
    if (!isObject(held)) continue;
    const kept = keepIn(attributes, held, isObject(sent) ? sent : {});
    if (Object.keys(kept).length > 0) result[urn] = kept;
  }
  return result;
}

function keepIn(table: AttributeTable, before: Resource, after: Resource): Resource {
  const result = { ...after };
  for (const attribute of table.values()) {
    const [held, sent] = [before[attribute.name], after[attribute.name]];
    if (held === undefined) continue;
    if (sent === undefined) {
      if (attribute.mutability === 'immutable') result[attribute.name] = held;
    } else if (isObject(held) && isObject(sent)) {
      result[attribute.name] = keepIn(attribute.subAttributes, held, sent);
    }
    if (sent !== undefined) checkImmutable(attribute, held, result[attribute.name]);
  }
  return result;
}
