import type { OrgId } from '../ids.ts';

/**
 * The terms of a document, by which an index finds it (ADR 0039): a hash of each path that has something, and of each
 * path with a value. Elements of an array have the path of the array.
 */

/** A document with more terms has the overflow term alone and is a candidate of every search. */
const MAX_TERMS = 600;

/**
 * A text in the form in which terms compare it: at least as coarse as the case folding of the search, which is Postgres's
 * `lower` of ICU, so that a term misses nothing. Letters whose lower case a version of Unicode may still change, and
 * the sigma, whose lower case depends on its place, are all one.
 */
export function termKey(text: string): string {
  const lower = text.toLowerCase();
  return PLAIN.test(lower) ? lower : lower.replaceAll(VOLATILE, UNSURE).replaceAll('ς', 'σ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const PLAIN = /^[\x00-\x7f]*$/;
const VOLATILE =
  /[\u0180-\u02af\u0560-\u058f\u10a0-\u10ff\u13a0-\u13ff\u1c80-\u1cbf\u1d00-\u1dbf\u2c00-\u2dff\ua640-\ua7ff\uab30-\uabbf\u{10000}-\u{10ffff}]/gu;
const UNSURE = '\ufffd';

/** Whether texts with this key are equal without regard to case whatever the version of Unicode. */
export function isSureKey(key: string): boolean {
  return PLAIN.test(key) || (!key.includes(UNSURE) && !key.includes('σ'));
}

/** Hashes terms of one organization: those of another have nothing in common with them. */
export class TermHash {
  readonly #seeds: readonly [number, number];

  constructor(org: OrgId) {
    this.#seeds = hash(org, 0x9e3779b9, 0x85ebca6b);
  }

  /** The only term of a document that has too many. */
  overflow(): bigint {
    return this.#term('!');
  }

  /** The term of whatever has something at a path. */
  presence(path: readonly string[]): bigint {
    return this.#term(`?${path.join('\n')}`);
  }

  /** The term of a value at a path. */
  value(path: readonly string[], value: string): bigint {
    return this.#term(`=${path.join('\n')}\n${termKey(value)}`);
  }

  /** The term of whatever has a number at a path that Postgres may write otherwise than JavaScript. */
  otherNumber(path: readonly string[]): bigint {
    return this.#term(`~${path.join('\n')}`);
  }

  #term(text: string): bigint {
    const [high, low] = hash(text, ...this.#seeds);
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  }
}

/**
 * The terms of a document, as Postgres reads an array of bigint: in order, so that the same document has the same array.
 * @param document a profile, which is written as JSON
 */
export function termsOf(org: OrgId, document: Readonly<Record<string, unknown>>): string {
  const hashes = new TermHash(org);
  const terms = new Set<bigint>();
  collect(document, [], hashes, terms);
  return arrayOf(terms.size <= MAX_TERMS ? terms : [hashes.overflow()]);
}

/** Terms as Postgres reads an array of bigint. */
export function arrayOf(terms: Iterable<bigint>): string {
  return `{${BigInt64Array.from(terms).sort().join(',')}}`;
}

function collect(value: unknown, path: readonly string[], hashes: TermHash, terms: Set<bigint>): void {
  if (value === undefined || terms.size > MAX_TERMS) return;
  if (path.length > 0 && value !== '') terms.add(hashes.presence(path));
  if (Array.isArray(value)) {
    for (const each of value) collect(each, path, hashes, terms);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) collect(each, [...path, key], hashes, terms);
  } else if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    terms.add(hashes.otherNumber(path));
  } else if (value !== null) {
    terms.add(hashes.value(path, String(value)));
  }
}

/** Two hashes of 32 bits each, in the manner of MurmurHash3: nothing secret depends on them. */
function hash(text: string, first: number, second: number): [number, number] {
  let one = first;
  let other = second;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x9e3779b1);
    one = (one << 13) | (one >>> 19);
    other = Math.imul(other ^ unit, 0x5f356495);
    other = (other << 15) | (other >>> 17);
  }
  one ^= text.length;
  other ^= text.length;
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35);
  other = Math.imul(other ^ (other >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return [(one ^ (one >>> 16)) >>> 0, (other ^ (other >>> 16)) >>> 0];
}
