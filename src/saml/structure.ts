import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { DS, SAML, SAMLP, XENC } from './namespaces.ts';
import type { XmlElement } from './xml.ts';
import { is } from './xml-readers.ts';

const NONE: ReadonlySet<string> = new Set();

/** A child that an element may have: its namespace, its name, and how often. */
export type Slot = readonly [uri: string, local: string, times: 'once' | 'maybe' | 'any'];

/**
 * Checks that the children of an element are these, in this order, and that there is no text between them.
 * @param last what may follow in any order and number, by name
 * @throws SsoError structure_unexpected
 */
export function checkChildren(
  element: XmlElement,
  slots: readonly Slot[],
  last: ReadonlySet<string> = NONE,
): void {
  const rest = [...element.children];
  for (const [uri, local, times] of slots) {
    let found = 0;
    while (rest[0] !== undefined && is(rest[0], uri, local)) {
      rest.shift();
      found += 1;
    }
    if (found > 1 && times !== 'any') throw unexpected(element, `more than one ${local}`);
    if (found === 0 && times === 'once') throw unexpected(element, `no ${local}`);
  }
  const other = rest.find((each) => !last.has(nameOf(each)));
  if (other !== undefined) throw unexpected(element, other.local);
  if (element.text.trim() !== '') throw unexpected(element, 'text');
}

/** Where the elements may be that a verifier or a reader looks for, by parent. There is one Response: the root. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  [`{${SAMLP}}Status`, [`{${SAMLP}}Response`]],
  [`{${SAMLP}}StatusCode`, [`{${SAMLP}}Status`, `{${SAMLP}}StatusCode`]],
  [`{${SAMLP}}StatusMessage`, [`{${SAMLP}}Status`]],
  [`{${SAMLP}}StatusDetail`, [`{${SAMLP}}Status`]],
  [`{${SAML}}Assertion`, [`{${SAMLP}}Response`]],
  [`{${SAML}}EncryptedAssertion`, [`{${SAMLP}}Response`]],
  [`{${DS}}Signature`, [`{${SAMLP}}Response`, `{${SAML}}Assertion`]],
  [`{${XENC}}EncryptedData`, [`{${SAML}}EncryptedAssertion`]],
]);

/** What no sign-in needs, and what could hold a second identity. */
const REFUSED: ReadonlySet<string> = new Set([
  'Advice',
  'AssertionIDRef',
  'BaseID',
  'EncryptedAttribute',
  'EncryptedID',
]);

/**
 * Checks that messages, assertions and signatures are only where the profile allows them: every wrapping attack
 * needs a second place (docs/sso-design.md §1).
 * @param root a Response, or an assertion that was encrypted
 * @throws SsoError structure_unexpected
 */
export function checkPlaces(root: XmlElement): void {
  const open: XmlElement[] = [...root.children];
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    const parent = element.parent ?? root;
    const places = PLACES.get(nameOf(element));
    const refused = element.uri === SAMLP || (element.uri === SAML && REFUSED.has(element.local));
    if (places ? !places.includes(nameOf(parent)) : refused) throw unexpected(parent, element.local);
    open.push(...element.children);
  }
}

/** `{uri}local` */
function nameOf({ uri, local }: XmlElement): string {
  return `{${uri}}${local}`;
}

function unexpected(element: XmlElement, what: string): SsoError {
  return new SsoError('structure_unexpected', truncate(`${what} in ${element.local}`, 200));
}
