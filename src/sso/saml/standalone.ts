import type { XmlElement } from './xml.ts';

/**
 * An element as a document of its own: its text, with the namespaces of its ancestors declared on it. Exclusive
 * canonicalization gives both the same octets (Exclusive XML Canonicalization §2).
 * @param text what the element was parsed from
 */
export function standalone(text: string, element: XmlElement): string {
  const own = text.slice(element.start, element.end);
  const afterName = 1 + element.name.length;
  let declarations = '';
  for (const [prefix, uri] of inherited(element)) {
    declarations += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${uri.replaceAll('&', '&amp;')}"`;
  }
  return own.slice(0, afterName) + declarations + own.slice(afterName);
}

/** The namespaces that the ancestors declare and the element does not, the nearest first. */
export function inherited(element: XmlElement): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let each = element.parent; each !== undefined; each = each.parent) {
    for (const [prefix, uri] of each.declarations) {
      if (!element.declarations.has(prefix) && !found.has(prefix)) found.set(prefix, uri);
    }
  }
  return found;
}
