import { truncate } from '../platform/truncate.ts';

/** A query string that is not percent-encoded UTF-8. */
export class MalformedQuery extends Error {
  constructor(name: string) {
    super(`The query parameter ${JSON.stringify(truncate(name, 40))} is not percent-encoded UTF-8.`);
    this.name = 'MalformedQuery';
  }
}

/**
 * Reads a query string; names without regard to case, the first of equal names counts.
 * `+` is a space only where no `%20` is written: a client that knows `%20` means a plus by `+`
 * (`userName eq "ann+test@example.com"`), a form encoder writes all its spaces as `+`.
 * @param url the request's target
 * @throws MalformedQuery
 */
export function parseQuery(url: string): ReadonlyMap<string, string> {
  const start = url.indexOf('?');
  const query = new Map<string, string>();
  if (start === -1) return query;
  const text = url.slice(start + 1);
  const plusIsSpace = !text.includes('%20');
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals), 'query', plusIsSpace).toLowerCase();
    if (query.has(name)) continue;
    query.set(name, equals === -1 ? '' : decode(part.slice(equals + 1), name, plusIsSpace));
  }
  return query;
}

function decode(text: string, name: string, plusIsSpace: boolean): string {
  const spaced = plusIsSpace && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new MalformedQuery(name);
  }
}
