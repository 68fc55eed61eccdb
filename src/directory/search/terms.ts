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

/** A hash that goes on: the same texts in one piece or in several have the same. */
interface Hash {
  readonly high: number;
  readonly low: number;
  readonly length: number;
}

/** Two hashes of 32 bits each, in the manner of MurmurHash3: nothing secret depends on them. */
function add({ high, low, length }: Hash, text: string): Hash {
  let one = high;
  let other = low;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x9e3779b1);
    one = (one << 13) | (one >>> 19);
    other = Math.imul(other ^ unit, 0x5f356495);
    other = (other << 15) | (other >>> 17);
  }
  return { high: one, low: other, length: length + text.length };
}

function end({ high, low, length }: Hash): readonly [high: number, low: number] {
  let one = high ^ length;
  let other = low ^ length;
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35);
  other = Math.imul(other ^ (other >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return [one ^ (one >>> 16), other ^ (other >>> 16)];
}

function seedOf(org: OrgId): Hash {
  const [high, low] = end(add({ high: 0x9e3779b9, low: 0x85ebca6b, length: 0 }, org));
  return { high, low, length: 0 };
}

/** Hashes terms of one organization: those of another have nothing in common with them. */
export class TermHash {
  readonly #seed: Hash;

  constructor(org: OrgId) {
    this.#seed = seedOf(org);
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
    const [high, low] = end(add(this.#seed, text));
    return (BigInt(high) << 32n) | BigInt(low >>> 0);
  }
}

/**
 * The terms of a document, as Postgres reads an array of bigint: in order, so that the same document has the same array.
 * @param document a profile, which is written as JSON
 */
export function termsOf(org: OrgId, document: Readonly<Record<string, unknown>>): string {
  const seed = seedOf(org);
  const root = { presence: add(seed, '?'), value: add(seed, '='), other: add(seed, '~'), depth: 0 };
  const terms = new TermList();
  collect(document, root, terms);
  return terms.toArray() ?? arrayOf([new TermHash(org).overflow()]);
}

/** Terms as Postgres reads an array of bigint. */
export function arrayOf(terms: Iterable<bigint>): string {
  return `{${BigInt64Array.from(terms).sort().join(',')}}`;
}

/** Collects terms as pairs of halves, since each write of a profile has dozens. */
class TermList {
  /** Beyond the most terms, for those that repeat. */
  readonly #halves = new Int32Array(8 * MAX_TERMS);
  #length = 0;

  add(hash: Hash): void {
    if (this.#length >= this.#halves.length) return;
    const [high, low] = end(hash);
    this.#halves[this.#length++] = low;
    this.#halves[this.#length++] = high;
  }

  /** @returns undefined if there are too many */
  toArray(): string | undefined {
    if (this.#length >= this.#halves.length) return undefined;
    const sorted = new BigInt64Array(this.#halves.buffer, 0, this.#length / 2).sort();
    const terms = sorted.filter((term, index) => term !== sorted[index - 1]);
    return terms.length <= MAX_TERMS ? `{${terms.join(',')}}` : undefined;
  }
}

/** The beginnings of the terms at a path. */
interface Place {
  readonly presence: Hash;
  readonly value: Hash;
  readonly other: Hash;
  readonly depth: number;
}

function below({ presence, value, other, depth }: Place, key: string): Place {
  const text = depth === 0 ? key : `\n${key}`;
  return {
    presence: add(presence, text),
    value: add(value, text),
    other: add(other, text),
    depth: depth + 1,
  };
}

function collect(value: unknown, place: Place, terms: TermList): void {
  if (value === undefined) return;
  if (place.depth > 0 && value !== '') terms.add(place.presence);
  if (Array.isArray(value)) {
    for (const each of value) collect(each, place, terms);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) collect(each, below(place, key), terms);
  } else if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    terms.add(place.other);
  } else if (value !== null) {
    terms.add(add(place.value, `\n${termKey(String(value))}`));
  }
}
