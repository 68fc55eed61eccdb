import { badRequest } from '../errors.ts';
import { type Dialect, isObject } from '../quirks/dialect.ts';
import type { Attribute, AttributeTable } from './attribute.ts';
import type { Resource } from './coerce.ts';
import { type ResourceType, resolveExtension, resolvePath } from './resource-type.ts';

/** Which attributes an answer has (RFC 7644 §3.9). */
export interface Projection {
  /** Whether the answer has an attribute, all of it or some sub-attributes. */
  has(attribute: Attribute): boolean;
  /** Whether it has a sub-attribute of an attribute that it has. */
  hasSub(attribute: Attribute, sub: Attribute): boolean;
}

/**
 * Reads `attributes` and `excludedAttributes`. Names that are in no schema select nothing.
 * @returns undefined if the answer is to have what it has by default
 * @throws ScimError 400 `invalidSyntax` if both are given
 */
export function parseProjection(
  type: ResourceType,
  attributes: string | undefined,
  excluded: string | undefined,
  dialect: Dialect,
): Projection | undefined {
  if (attributes === undefined && excluded === undefined) return undefined;
  const [included, left] = [namesOf(attributes), namesOf(excluded)];
  if (included.length > 0 && left.length > 0) {
    throw badRequest('invalidSyntax', 'Give "attributes" or "excludedAttributes", not both.');
  }
  if (included.length > 0) return including(selectionOf(type, included, dialect));
  if (left.length > 0) return excluding(selectionOf(type, left, dialect));
  return undefined;
}

/** The projection of an answer that names nothing. */
export const defaultProjection: Projection = {
  has: ({ returned }) => returned === 'always' || returned === 'default',
  hasSub: (_, { returned }) => returned === 'always' || returned === 'default',
};

/** Whole attributes, and of others the sub-attributes that are named. */
type Selection = ReadonlyMap<Attribute, 'whole' | ReadonlySet<Attribute>>;

function including(selection: Selection): Projection {
  return {
    has: (attribute) =>
      attribute.returned === 'always' || (attribute.returned !== 'never' && selection.has(attribute)),
    hasSub: (attribute, sub) => {
      if (sub.returned === 'never') return false;
      const chosen = selection.get(attribute);
      if (chosen === undefined || chosen === 'whole') return sub.returned !== 'request';
      return sub.returned === 'always' || chosen.has(sub);
    },
  };
}

function excluding(selection: Selection): Projection {
  return {
    has: (attribute) => {
      if (attribute.returned !== 'default') return attribute.returned === 'always';
      return selection.get(attribute) !== 'whole';
    },
    hasSub: (attribute, sub) => {
      if (sub.returned !== 'default') return sub.returned === 'always';
      const chosen = selection.get(attribute);
      return chosen === undefined || chosen === 'whole' || !chosen.has(sub);
    },
  };
}

/** Names, without the filters that Entra ID writes behind them: `emails[type eq "work"].value` is `emails.value`. */
function namesOf(list: string | undefined): string[] {
  return (list ?? '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function selectionOf(type: ResourceType, names: readonly string[], dialect: Dialect): Selection {
  const selection = new Map<Attribute, 'whole' | Set<Attribute>>();
  for (const name of names) {
    const extension = resolveExtension(type, name);
    for (const attribute of extension?.attributes.values() ?? []) selection.set(attribute, 'whole');
    const target = extension === undefined ? resolvePath(type, dialect.path(name, type)) : undefined;
    if (target === undefined) continue;
    const chosen = selection.get(target.attribute);
    if (target.sub === undefined) selection.set(target.attribute, 'whole');
    else if (chosen === undefined) selection.set(target.attribute, new Set([target.sub]));
    else if (chosen !== 'whole') chosen.add(target.sub);
  }
  return selection;
}

/** Leaves of a resource what a projection has. */
export function project(resource: Resource, type: ResourceType, projection: Projection): Resource {
  const result = pick(resource, type.attributes, projection);
  for (const { urn, attributes } of type.extensions.values()) {
    const part = resource[urn];
    if (!isObject(part)) continue;
    const picked = pick(part, attributes, projection);
    if (Object.keys(picked).length > 0) result[urn] = picked;
  }
  return result;
}

function pick(
  holder: Record<string, unknown>,
  table: AttributeTable,
  projection: Projection,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const attribute of table.values()) {
    const value = holder[attribute.name];
    if (value === undefined || !projection.has(attribute)) continue;
    const picked = attribute.type === 'complex' ? pickSubs(value, attribute, projection) : value;
    if (picked !== undefined) result[attribute.name] = picked;
  }
  return result;
}

function pickSubs(value: unknown, attribute: Attribute, projection: Projection): unknown {
  if (Array.isArray(value)) {
    const elements = value
      .map((element) => pickSubs(element, attribute, projection))
      .filter((each) => each !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isObject(value)) return undefined;
  return pickElement(value, attribute, projection);
}

/** Leaves of one complex value the sub-attributes that a projection has; undefined if none is left. */
export function pickElement(
  value: Record<string, unknown>,
  attribute: Attribute,
  projection: Projection,
): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  for (const sub of attribute.subAttributes.values()) {
    const part = value[sub.name];
    if (part !== undefined && projection.hasSub(attribute, sub)) result[sub.name] = part;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}
