import { SsoError } from '../sso/sso-error.ts';
import type { XmlElement } from './xml.ts';

/** Also what no NCName is but real identifiers are: one that begins with a digit. */
const ID = /^[\w.:-]{1,256}$/;

/** Whether a text can be the ID of a message, an assertion or a request. */
export function isId(text: string | undefined): text is string {
  return text !== undefined && ID.test(text);
}

/**
 * No two elements may have one ID, whatever the attribute is called, and no ID may be in a namespace: what a
 * signature refers to is then one element for every reader.
 * @throws SsoError ids_not_unique
 */
export function checkIds(root: XmlElement): void {
  const seen = new Set<string>();
  const open: XmlElement[] = [root];
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    let own = 0;
    for (const [name, value] of element.attributes) {
      if (!/(^|\})id$/i.test(name)) continue;
      own += 1;
      if (name.startsWith('{') || own > 1)
        throw new SsoError('ids_not_unique', `an ID like no other: ${element.local}`);
      if (seen.has(value)) throw new SsoError('ids_not_unique', `one ID twice: ${element.local}`);
      seen.add(value);
    }
    open.push(...element.children);
  }
}
