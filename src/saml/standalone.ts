import type { XmlElement } from './xml.ts';

/** Namespaces by prefix. */
export type Scope = ReadonlyMap<string, string>;

/**
 * An element as a document of its own: its text, with the namespaces of its ancestors declared on it. Exclusive
 * canonicalization gives both the same octets (Exclusive XML Canonicalization §2).
 * @param text what the element was parsed from
 */
export function standalone(text: string, element: XmlElement): string {
  const own = text.slice(element.start, element.end);
  const afterName = 1 + element.name.length;
  const inherited = [...scopeOf(element)].filter(([prefix]) => !element.declarations.has(prefix));
  return own.slice(0, afterName) + declare(new Map(inherited)) + own.slice(afterName);
}

/** The attributes that declare namespaces, each behind a space. */
export function declare(scope: Scope): string {
  const one = ([prefix, uri]: readonly [string, string]) =>
    ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${uri.replaceAll('&', '&amp;')}"`;
  return [...scope].map(one).join('');
}

/** The namespaces that are declared on an element and above it; the nearest declaration of a prefix wins. */
export function scopeOf(element: XmlElement): Scope {
  const found = new Map<string, string>();
  for (let each: XmlElement | undefined = element; each !== undefined; each = each.parent) {
    for (const [prefix, uri] of each.declarations) if (!found.has(prefix)) found.set(prefix, uri);
  }
  return found;
}
