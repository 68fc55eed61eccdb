import { truncate } from '../platform/truncate.ts';

/** A query string that is not percent-encoded UTF-8. */
export class MalformedQuery extends Error {
  constructor(name: string) {
    super(`The query parameter ${JSON.stringify(truncate(name, 40))} is not percent-encoded UTF-8.`);
    this.name = 'MalformedQuery';
  }
}

/**
 * Reads a query string; names without regard to case, of equal names the first is used.
 * `+` is a space only where no `%20` is written: a client that knows `%20` means a plus by `+`
 * (`userName eq "ann+test@example.com"`), a form encoder writes all its spaces as `+`.
 * @param url the request's target
 * @throws MalformedQuery
 */
export function parseQuery(url: string): ReadonlyMap<string, string> {
  return new Map([...parseRepeatedQuery(url)].map(([name, [first = '']]) => [name, first]));
}

/** The same with every value of a name that is there several times, in their order. @throws MalformedQuery */
export function parseRepeatedQuery(url: string): ReadonlyMap<string, readonly string[]> {
  const start = url.indexOf('?');
  const query = new Map<string, string[]>();
  if (start === -1) return query;
  const text = url.slice(start + 1);
  const plusIsSpace = !text.includes('%20');
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals), 'query', plusIsSpace).toLowerCase();
    const value = equals === -1 ? '' : decode(part.slice(equals + 1), name, plusIsSpace);
    const values = query.get(name);
    if (values === undefined) query.set(name, [value]);
    else values.push(value);
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
