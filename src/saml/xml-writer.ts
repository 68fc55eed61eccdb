/**
 * What src/saml sends, first part: writing XML. Every value is escaped by the one function that writes elements.
 */

declare const written: unique symbol;

/** XML that `element` has written: everything in it is escaped. */
export type WrittenXml = string & { readonly [written]: true };

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader would make spaces or line feeds of these.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** What no XML 1.0 document can contain, even escaped: control characters, U+FFFE and U+FFFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Writes an element; names are ours and written as they are, values are escaped.
 * @param attributes those that are undefined are left out; namespace declarations are attributes too
 * @throws RangeError if a value contains a character that XML does not allow
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  content: string | readonly (WrittenXml | undefined)[] = [],
): WrittenXml {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : ` ${key}="${escapeValue(value)}"`))
    .join('');
  const inner = typeof content === 'string' ? escapeValue(content) : content.join('');
  return (inner === '' ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>`) as WrittenXml;
}

function escapeValue(value: string): string {
  if (UNWRITABLE.test(value) || !value.isWellFormed()) {
    throw new RangeError('XML cannot hold a character of this value.');
  }
  return value.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}
