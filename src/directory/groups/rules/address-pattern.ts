import { caseKey } from '../../rules/comparison-keys.ts';

/** Wildcards that a pattern may have, and characters: those of the longest address. */
const MAX_WILDCARDS = 5;
const MAX_PATTERN_LENGTH = 254;

/** What a pattern has to be. */
export const PATTERN_RULE = `must be an address with 1 to ${MAX_WILDCARDS} wildcards, such as *@eng.acme.example: at most ${MAX_PATTERN_LENGTH} characters, no spaces, one @, and behind it more than wildcards.`;

const ONLY_WILDCARDS = /^[*.]*$/;
const UNPRINTABLE = /[\s\p{C}]/u;

/**
 * Reads a pattern of sign-in addresses, in which `*` stands for any characters and the rest for itself.
 * @returns it in the form in which addresses are compared; undefined for what is no pattern
 */
export function readAddressPattern(text: string): string | undefined {
  const pattern = caseKey(text.trim());
  const parts = pattern.split('@');
  const wildcards = pattern.split('*').length - 1;
  const isRead =
    [...pattern].length <= MAX_PATTERN_LENGTH &&
    wildcards >= 1 &&
    wildcards <= MAX_WILDCARDS &&
    parts.length === 2 &&
    parts[0] !== '' &&
    !ONLY_WILDCARDS.test(parts[1] ?? '') &&
    !UNPRINTABLE.test(pattern);
  return isRead ? pattern : undefined;
}

/** Whether a sign-in address matches a pattern; SQL asks the same with `likeOf` (../store/patterns.ts). */
export function matchesAddressPattern(pattern: string, address: string): boolean {
  const text = caseKey(address);
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of others) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** A part of an index of addresses: read forwards, or backwards from their ends. */
export interface AddressRange {
  readonly backwards: boolean;
  /** The first key that may match. */
  readonly from: string;
  /** The first key behind those that may match. */
  readonly to: string;
}

/** A beginning so long finds fewer people than a domain. */
const TELLING = 4;
const BEHIND_ALL = '\u{10FFFF}'.repeat(2);

/** Where the addresses are that may match a pattern: all that match are within, but not all within need match. */
export function rangeOfPattern(pattern: string): AddressRange {
  const beginning = pattern.slice(0, pattern.indexOf('*'));
  const end = pattern.slice(pattern.lastIndexOf('*') + 1);
  const backwards = end !== '' && [...beginning].length < TELLING;
  const from = backwards ? [...end].reverse().join('') : beginning;
  return { backwards, from, to: behind(from) };
}

/** The first text behind all that begin with another one, by code points. */
function behind(beginning: string): string {
  const points = [...beginning];
  for (let at = points.length - 1; at >= 0; at -= 1) {
    const next = (points[at]?.codePointAt(0) ?? 0) + 1;
    if (next > 0x10_ff_ff) continue;
    // Surrogates are no characters.
    return points.slice(0, at).join('') + String.fromCodePoint(next === 0xd8_00 ? 0xe0_00 : next);
  }
  return BEHIND_ALL;
}
