/**
 * Step 3 of src/saml: where elements and IDs may be.
 * Decides, before any signature is looked at, that there is one place for each assertion and signature and one element
 * for each ID, so that a wrapping attack has nowhere to put a second one. Also cuts an element out of its text, as a
 * document of its own, for the steps that verify it.
 */
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { DS, is, SAML, SAMLP, XENC, type XmlElement } from './xml.ts';

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

/** What no sign-in needs, and what could contain a second identity. */
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
