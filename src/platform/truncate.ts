/**
 * Cuts a text to a number of UTF-16 units. The result contains no half of a surrogate pair, which Postgres rejects, also
 * where the text had one before.
 */
export function truncate(text: string, length: number): string;
export function truncate(text: string | undefined, length: number): string | undefined;
export function truncate(text: string | undefined, length: number): string | undefined {
  if (text === undefined) return undefined;
  const cut = text.length <= length ? text : text.slice(0, endOf(text, length));
  return cut.toWellFormed();
}

/** Before a pair that the cut would split. */
const endOf = (text: string, length: number): number =>
  (text.codePointAt(length - 1) ?? 0) > 0xffff ? length - 1 : length;
