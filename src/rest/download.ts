import { truncate } from '../platform/truncate.ts';

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  zip: 'application/zip',
} as const;
/** File systems give a name 255 bytes; a character has up to three bytes for each of its UTF-16 units. */
const LONGEST = 72;

/**
 * The headers of a file to download. Its name says what is in it, in lower case, letters and digits of any script
 * between hyphens: `members-of-engineering-2026-11-30.csv`. Clients that know `filename` only get the ASCII letters of
 * it (RFC 6266, appendix D).
 * @param holds what is in the file, in words, at least one of which is ASCII
 * @param at ISO 8601; its day, in UTC, ends the name
 */
export function downloadHeaders(
  format: keyof typeof TYPES,
  holds: string,
  at?: string,
): Readonly<Record<string, string>> {
  const end = `${at === undefined ? '' : `-${at.slice(0, 10)}`}.${format}`;
  const words = holds.normalize('NFC').toLowerCase();
  const name = hyphenated(words, /[^\p{L}\p{M}\p{N}]+/gu) + end;
  const ascii = hyphenated(words.normalize('NFKD').replaceAll(/\p{M}/gu, ''), /[^a-z0-9]+/g) + end;
  const exact = name === ascii ? '' : `; filename*=UTF-8''${encodeURIComponent(name)}`;
  return {
    'Content-Type': TYPES[format],
    'Content-Disposition': `attachment; filename="${ascii}"${exact}`,
  };
}

/** @param others what a hyphen stands for */
const hyphenated = (words: string, others: RegExp): string =>
  truncate(words.replaceAll(others, '-').replace(/^-/, ''), LONGEST).replace(/-$/, '');
