/**
 * Reading order of src/saml: response.ts lists it. This is step 1, from text to a tree.
 * Decides which XML is read at all: one strict parser, which accepts only what no two parsers read in two ways, and
 * the few functions with which every later step looks at its tree. Nothing outside src/saml parses XML.
 */
import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';

/** How much XML is read, and whether comments are dropped instead of rejected. */
export interface XmlLimits {
  /** UTF-16 units of the whole text. */
  readonly characters: number;
  readonly depth: number;
  readonly elements: number;
  /** Of one element, namespace declarations included. */
  readonly attributes: number;
  readonly attributesInAll: number;
  /** Character and entity references. */
  readonly references: number;
  /** Namespace declarations of an element and its ancestors together. */
  readonly declarations: number;
  /** Never for a message: a comment is where one parser ends a name and another reads on (CVE-2017-11428). */
  readonly comments: boolean;
}

/** A message: several times what any provider was seen to send; thousands of groups fit (docs/sso-design.md §1). */
export const MESSAGE_LIMITS: XmlLimits = {
  characters: 256 * 1024,
  depth: 32,
  elements: 5_000,
  attributes: 32,
  attributesInAll: 6_000,
  references: 5_000,
  declarations: 64,
  comments: false,
};

/** An element of a document that `parseXml` has read. */
export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string;
  readonly local: string;
  /** Empty for an element in no namespace. */
  readonly uri: string;
  /** By `local`, or `{uri}local` for one in a namespace; without namespace declarations. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The namespaces that this element declares, by prefix; the default one under the empty prefix. */
  readonly declarations: ReadonlyMap<string, string>;
  readonly parent: XmlElement | undefined;
  readonly children: readonly XmlElement[];
  /** Its own text, not that of its children; white space as it is. */
  readonly text: string;
  /** Where it begins and ends in the text that was parsed, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
  end: number;
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';

const NONE: Map<string, string> = new Map();

/** All names of SAML. Parsers disagree about the rest of Unicode, and saxes lets a local name begin with a digit. */
const NAME = /^([A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*$/;

/** Relative namespaces are what makes a canonicaliser give up, and its empty answer verify (CVE-2025-66568). */
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/;

/** The canonical form repeats a namespace wherever it is used, so that a long one makes a small text a huge one. */
const LONGEST_URI = 256;

/**
 * Reads XML strictly: well-formed XML 1.0 with namespaces, UTF-8 only, and nothing that two parsers could read in
 * two ways. No DOCTYPE, processing instruction, CDATA, comment, relative namespace or byte order mark.
 * @returns the root element
 * @throws SsoError message_too_large, xml_forbidden, message_malformed
 */
export function parseXml(text: string, limits: XmlLimits = MESSAGE_LIMITS): XmlElement {
  if (text.length > limits.characters) throw new SsoError('message_too_large');
  // Well-formed XML has `<!` only in these, so that no parser can find what is not there.
  if (!limits.comments && text.includes('<!')) throw forbidden('a DOCTYPE, a comment or CDATA');
  if (text.indexOf('<?', 1) !== -1) throw forbidden('a processing instruction');
  if (count(text, '&') > limits.references) throw forbidden(`more than ${limits.references} references`);
  // Half a surrogate pair swallows the character that follows it; a byte order mark hides the declaration.
  if (!text.isWellFormed() || text.startsWith('\uFEFF')) throw new SsoError('message_malformed', 'not UTF-8');
  try {
    return read(text, limits);
  } catch (error) {
    if (error instanceof SsoError) throw error;
    const detail = error instanceof Error ? truncate(error.message, 200) : undefined;
    throw new SsoError('message_malformed', detail);
  }
}

function read(text: string, limits: XmlLimits): XmlElement {
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  let root: OpenElement | undefined;
  let current: OpenElement | undefined;
  let elements = 0;
  let attributes = 0;
  let attributesInAll = 0;
  let depth = 0;
  let start = 0;
  const scopes: number[] = [0];

  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') throw forbidden('another version of XML than 1.0');
    if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8')
      throw forbidden('another encoding than UTF-8');
  });
  parser.on('doctype', () => {
    throw forbidden('a DOCTYPE');
  });
  parser.on('processinginstruction', () => {
    throw forbidden('a processing instruction');
  });
  parser.on('cdata', () => {
    throw forbidden('CDATA');
  });
  parser.on('comment', () => {
    if (!limits.comments) throw forbidden('a comment');
  });
  parser.on('opentagstart', () => {
    // The parser's position is after the name, which contains no `<`.
    start = text.lastIndexOf('<', parser.position - 1);
    elements += 1;
    depth += 1;
    attributes = 0;
    if (elements > limits.elements) throw forbidden(`more than ${limits.elements} elements`);
    if (depth > limits.depth) throw forbidden(`elements deeper than ${limits.depth}`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    attributesInAll += 1;
    if (attributes > limits.attributes || attributesInAll > limits.attributesInAll) {
      throw forbidden(`more than ${limits.attributes} attributes, or ${limits.attributesInAll} in all`);
    }
  });
  parser.on('opentag', (tag) => {
    const element = openElement(tag, current, start);
    const scope = (scopes.at(-1) ?? 0) + element.declarations.size;
    if (scope > limits.declarations) throw forbidden(`more than ${limits.declarations} namespaces`);
    scopes.push(scope);
    root ??= element;
    current?.children.push(element);
    current = element;
  });
  parser.on('text', (piece) => {
    if (current !== undefined) current.text += piece;
  });
  parser.on('closetag', () => {
    if (current === undefined) return;
    current.end = parser.position;
    current = current.parent as OpenElement | undefined;
    scopes.pop();
    depth -= 1;
  });
  parser.write(text).close();
  if (root === undefined) throw new SsoError('message_malformed', 'no element');
  return root;
}

function openElement(tag: SaxesTagNS, parent: OpenElement | undefined, start: number): OpenElement {
  const { name, local, uri } = tag;
  if (!NAME.test(name)) throw forbidden('a name that no element or attribute of SAML has');
  const written = Object.values<SaxesAttributeNS>(tag.attributes);
  const attributes = written.length === 0 ? NONE : new Map<string, string>();
  const declarations = written.length === 0 ? NONE : new Map<string, string>();
  for (const { name, prefix, local, uri, value } of written) {
    if (!NAME.test(name)) throw forbidden('a name that no element or attribute of SAML has');
    if (uri !== XMLNS) {
      attributes.set(uri === '' ? local : `{${uri}}${local}`, value);
    } else {
      if (value.length > LONGEST_URI || !ABSOLUTE_URI.test(value))
        throw forbidden('a namespace that is no absolute URI, or a long one');
      declarations.set(prefix === '' ? '' : local, value);
    }
  }
  return { name, local, uri, attributes, declarations, parent, children: [], text: '', start, end: start };
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

function forbidden(what: string): SsoError {
  return new SsoError('xml_forbidden', what);
}

/** Whether an element has this name. */
export function is(element: XmlElement, uri: string, local: string): boolean {
  return element.local === local && element.uri === uri;
}

/** The children of this name, in their order. */
export function children(element: XmlElement, uri: string, local: string): readonly XmlElement[] {
  return element.children.filter((each) => is(each, uri, local));
}

/**
 * The one child of this name.
 * @throws SsoError structure_unexpected if there are several
 */
export function child(element: XmlElement, uri: string, local: string): XmlElement | undefined {
  const [first, second] = children(element, uri, local);
  if (second !== undefined)
    throw new SsoError('structure_unexpected', `more than one ${local} in ${element.local}`);
  return first;
}

/** An attribute in no namespace, where SAML's own attributes are. */
export function attribute(element: XmlElement, local: string): string | undefined {
  return element.attributes.get(local);
}

/**
 * The text of an element that contains nothing else, trimmed.
 * @throws SsoError structure_unexpected if it has elements
 */
export function textOf(element: XmlElement): string {
  if (element.children.length > 0) throw new SsoError('structure_unexpected', `elements in ${element.local}`);
  return element.text.trim();
}

/** The XML namespaces of SAML 2.0 and of what it is signed and encrypted with. */
export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const XENC = 'http://www.w3.org/2001/04/xmlenc#';
export const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
export const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';

/**
 * Takes away the blanks that XML and HTTP know (XML 1.0 §2.3) at both ends of a text. JavaScript's `trim()` takes
 * others, too, such as a byte order mark: with it two identifiers of a provider would become one.
 */
export function trimBlanks(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '');
}

/**
 * Whether an identifier could be mistaken for another one: it has characters that do not show, or begins or ends with
 * a blank. No provider sends such on purpose.
 */
export function isDeceptive(identifier: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(identifier) || identifier !== identifier.trim();
}

const GROUPS = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The bytes of base64 as XML writes it: white space anywhere, otherwise strict (RFC 4648 §3.5), so that one value has
 * one text.
 * @returns undefined for anything else, and for nothing
 */
export function decodeBase64(text: string): Buffer | undefined {
  const packed = text.replace(/[ \t\r\n]+/g, '');
  if (packed === '' || packed.length % 4 !== 0 || !GROUPS.test(packed)) return undefined;
  const bytes = Buffer.from(packed, 'base64');
  return bytes.toString('base64') === packed ? bytes : undefined;
}
