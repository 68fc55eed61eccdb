import type { Sort } from '../../directory/search/predicate.ts';
import { badRequest, quote } from '../errors.ts';
import { defaultSub, pathOf } from '../schema/attribute.ts';
import { type ResourceType, resolvePath } from '../schema/resource-type.ts';
import { collectionOf, elementField, fieldOf, isDerived, isUnsearchable } from './fields.ts';

/** Searched, but computed: nothing to put rows in order by. */
const orderless = new Set(['schemas', 'meta.location']);

/**
 * Turns `sortBy` and `sortOrder` into the directory's order (RFC 7644 §3.4.2.3).
 * @throws ScimError 400 `invalidValue` for what cannot be sorted by
 */
export function toSort(path: string, descending: boolean, type: ResourceType): Sort | undefined {
  const target = resolvePath(type, path);
  const reject = (why: string) => badRequest('invalidValue', `sortBy ${quote(path)}: ${why}`);
  if (target === undefined) throw reject(`${type.name} does not have this attribute.`);
  const { attribute, sub } = target;
  const leaf = sub ?? (attribute.type === 'complex' ? defaultSub(attribute) : attribute);
  if (leaf === undefined) throw reject('name one of its sub-attributes.');
  if (
    isDerived(attribute) ||
    isUnsearchable(attribute) ||
    isUnsearchable(leaf) ||
    orderless.has(pathOf(leaf))
  ) {
    throw reject('lists cannot be sorted by it.');
  }
  const field = attribute.multiValued ? elementField(leaf, attribute) : fieldOf(leaf, type);
  if (field.kind === 'named' && field.name === 'id' && !descending) return undefined;
  return { field, collection: attribute.multiValued ? collectionOf(attribute) : undefined, descending };
}
