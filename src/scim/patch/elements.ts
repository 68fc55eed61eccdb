import { isObject } from '../quirks/dialect.ts';
import type { Attribute } from '../schema/attribute.ts';
import { canonicalText, identityOf } from '../schema/equal-values.ts';
import { checkImmutable } from '../schema/immutable.ts';

/** One value of a multi-valued complex attribute, or a single complex value. */
export type Element = Record<string, unknown>;

/** @returns one value of a list as it becomes. @throws ScimError 400 `mutability` if it was to lose what is set once */
export function keptImmutable<Next>({ subAttributes }: Attribute, before: unknown, after: Next): Next {
  for (const sub of subAttributes.values()) {
    checkImmutable(sub, asElement(before)[sub.name], asElement(after)[sub.name]);
  }
  return after;
}

/** Identities of values, which no operation changes in place: each of a thousand additions looks at all of them. */
const identities = new WeakMap<object, string>();

function rememberedIdentity(element: unknown): string {
  if (!isObject(element)) return identityOf(element);
  const known = identities.get(element);
  if (known !== undefined) return known;
  const identity = identityOf(element);
  identities.set(element, identity);
  return identity;
}

/**
 * Adds what is not there yet; equal values change nothing (RFC 7644 §3.5.2.1), and what has the type and value of
 * one that is there is the same one, updated: no two may have both (RFC 7643 §2.4).
 * @throws ScimError 400 `mutability`
 */
export function joined(
  attribute: Attribute,
  before: readonly unknown[],
  added: readonly unknown[],
): unknown[] {
  const result = [...before];
  const places = new Map(result.map((element, place) => [rememberedIdentity(element), place]));
  const fresh = added.map((element) => {
    const identity = rememberedIdentity(element);
    const place = places.get(identity) ?? result.length;
    places.set(identity, place);
    const present = result[place];
    result[place] =
      isObject(present) && isObject(element)
        ? keptImmutable(attribute, present, { ...present, ...element })
        : element;
    return place;
  });
  return onePrimary(
    result,
    fresh.map((place) => result[place]),
  );
}

/** A new primary value makes the others not so (RFC 7644 §3.5.2). */
export function onePrimary(elements: readonly unknown[], fresh: readonly unknown[]): unknown[] {
  const texts = new Set(fresh.filter(isPrimary).map(canonicalText));
  if (texts.size === 0) return [...elements];
  return elements.map((element) =>
    isPrimary(element) && !texts.has(canonicalText(element))
      ? { ...(element as Element), primary: false }
      : element,
  );
}

function isPrimary(element: unknown): boolean {
  return isObject(element) && element['primary'] === true;
}

/** The value if it is an object, else an empty one. */
export function asElement(value: unknown): Element {
  return isObject(value) ? value : {};
}
