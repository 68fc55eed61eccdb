import { badRequest, quote, type ScimType } from '../errors.ts';

export type Token =
  | { readonly kind: '(' | ')' | '[' | ']' | 'end'; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'word'; readonly value: string; readonly at: number };

/** Characters that a filter or path may have: a hundred times what clients send. */
export const MAX_LENGTH = 8_192;

/** Characters of a filter that only lists the values of one attribute, as `id eq "…" or id eq "…"`. */
export const MAX_LIST_LENGTH = 65_536;

/**
 * Splits a filter or a path into tokens in one pass. Attribute names, operators, numbers and keywords are all
 * words here; the parser knows which is expected.
 * @throws ScimError 400 with the given keyword
 */
export function tokenize(text: string, scimType: ScimType, maxLength = MAX_LENGTH): Token[] {
  if (text.length > maxLength) throw tooLong(text, scimType, maxLength);
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === ' ' || character === '\t') {
      at += 1;
    } else if (character === '(' || character === ')' || character === '[' || character === ']') {
      tokens.push({ kind: character, at });
      at += 1;
    } else if (character === '"') {
      const end = endOfString(text, at, scimType);
      tokens.push({ kind: 'string', value: parseString(text.slice(at, end), at, scimType), at });
      at = end;
    } else {
      const end = endOfWord(text, at);
      tokens.push({ kind: 'word', value: storable(text.slice(at, end), at, scimType), at });
      at = end;
    }
  }
  tokens.push({ kind: 'end', at });
  return tokens;
}

/** @returns the error for a filter or path that is too long to be read */
export function tooLong(text: string, scimType: ScimType, maxLength = MAX_LENGTH): Error {
  return badRequest(scimType, `The filter has ${text.length} characters, and the limit is ${maxLength}.`);
}

function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !' \t()[]"'.includes(text[at] as string)) at += 1;
  return at;
}

function endOfString(text: string, start: number, scimType: ScimType): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  throw badRequest(scimType, `The string that starts at character ${start + 1} has no closing quote.`);
}

/** Strings are JSON's (RFC 7644 figure 1: compValue). */
function parseString(literal: string, at: number, scimType: ScimType): string {
  let value: unknown;
  try {
    value = JSON.parse(literal);
  } catch {
    throw badRequest(scimType, `The string ${quote(literal)} at character ${at + 1} is not a JSON string.`);
  }
  return storable(String(value), at, scimType);
}

/** Postgres has neither character, not even in a value that it only compares with. */
function storable(text: string, at: number, scimType: ScimType): string {
  if (!text.includes('\0') && text.isWellFormed()) return text;
  throw badRequest(
    scimType,
    `The text at character ${at + 1} has a NUL character or an unpaired surrogate, which are not allowed.`,
  );
}
