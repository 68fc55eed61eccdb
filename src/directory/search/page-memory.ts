import type { Position } from './predicate.ts';

/** Seconds for which an iteration over a list is remembered, and how many are. */
const LIFETIME_MS = 60_000;
const MAX_LISTS = 1_000;
const MAX_ENDS = 16;

interface RememberedList {
  readonly at: number;
  readonly total: number;
  /** Rows read so far → the last of them. */
  readonly ends: Map<number, Position>;
}

/**
 * Remembers where the last pages of a list ended, so that `startIndex` pages read in order cost the same at
 * the millionth row as at the first, and its total, so that it is counted once per iteration (ADR 0005).
 * Bounded; losing it costs time, never correctness.
 */
export class PageMemory {
  readonly #lists = new Map<string, RememberedList>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What is known about the page that starts behind `offset` rows. */
  recall(
    list: string,
    offset: number,
  ): { readonly total: number; readonly after: Position | undefined } | undefined {
    const known = this.#lists.get(list);
    if (known === undefined) return undefined;
    if (this.#now() - known.at > LIFETIME_MS) {
      this.#lists.delete(list);
      return undefined;
    }
    return { total: known.total, after: known.ends.get(offset) };
  }

  remember(list: string, end: number, last: Position, total: number): void {
    const ends = this.#lists.get(list)?.ends ?? new Map<number, Position>();
    ends.delete(end);
    ends.set(end, last);
    if (ends.size > MAX_ENDS) drop(ends);
    this.#lists.delete(list);
    this.#lists.set(list, { at: this.#now(), total, ends });
    if (this.#lists.size > MAX_LISTS) drop(this.#lists);
  }
}

function drop<Key>(oldestFirst: Map<Key, unknown>): void {
  for (const key of oldestFirst.keys()) {
    oldestFirst.delete(key);
    return;
  }
}
