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
