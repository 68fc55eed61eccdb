import { isObject } from '../quirks/dialect.ts';

/** One text for equal values, whatever the order of their members. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`).join()}}`;
}

/** What distinguishes a value from others of its list: type and value if it has a value, else all of it. */
export function identityOf(element: unknown): string {
  if (!isObject(element) || element['value'] === undefined) return canonicalText(element);
  return JSON.stringify([element['type'], element['value']]);
}

/** Keeps one of values that are sent twice, that is with the same type and value (RFC 7643 §2.4); the last sub-attributes win. */
export function withoutRepeats(elements: readonly unknown[]): unknown[] {
  if (elements.length < 2) return [...elements];
  const kept = new Map<string, unknown>();
  for (const element of elements) {
    const identity = identityOf(element);
    const before = kept.get(identity);
    kept.set(identity, isObject(before) && isObject(element) ? { ...before, ...element } : element);
  }
  return [...kept.values()];
}
