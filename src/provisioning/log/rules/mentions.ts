import { caseKey } from '../../../directory/rules/comparison-keys.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/iy;
const UUID_LENGTH = 36;
const FIRST_HYPHEN = 8;
const NAMED = /"(?:userName|externalId|value)"\s*:\s*("(?:[^"\\]|\\.){1,200}")/gi;
/** What ends an address, besides blanks. */
const STOPS = new Set([...'"<>\\,;:()[]/=&'].map((character) => character.charCodeAt(0)));
const QUOTED = /"(?:[^"\\]|\\.){1,200}"/g;

const MOST = 1_000;

/**
 * Finds whom a request is about: ids, userNames, external ids and addresses. By these a search finds the row, and
 * erasure empties it.
 * @param bodies texts of JSON @param path whose last part may be a name @param query decoded; its quoted values are names
 * @returns in the form in which names are compared, each once
 */
export function mentionsIn(bodies: readonly string[], path: string, query: string): string[] {
  const found = new Set<string>();
  const [, , id] = path.split('/');
  if (id !== undefined) add(found, id);
  for (const text of bodies) {
    if (text === '') continue;
    const searched = withoutGroups(text);
    addIds(found, searched);
    for (const [, quoted = '""'] of searched.matchAll(NAMED)) add(found, unquote(quoted));
    addAddresses(found, searched);
    if (found.size > MOST) break;
  }
  for (const [quoted] of query.matchAll(QUOTED)) add(found, unquote(quoted));
  addIds(found, query);
  addAddresses(found, query);
  return [...found].slice(0, MOST);
}

/** An answer about a user without its groups: they can be many, and they identify no user. A quote inside a JSON string is escaped, so no value looks like these markers. */
function withoutGroups(text: string): string {
  const start = text.indexOf('"groups":[{"value":"');
  const end = start === -1 ? -1 : text.indexOf('"type":"direct"}]', start);
  return end === -1 ? text : text.slice(0, start) + text.slice(end);
}

/** Looks only where there is a hyphen, which is faster than trying each position. */
function addIds(found: Set<string>, text: string): void {
  let from = 0;
  for (let at = text.indexOf('-'); at !== -1; at = text.indexOf('-', from)) {
    from = at + 1;
    UUID.lastIndex = at - FIRST_HYPHEN;
    if (at < FIRST_HYPHEN || !UUID.test(text)) continue;
    found.add(text.slice(at - FIRST_HYPHEN, at - FIRST_HYPHEN + UUID_LENGTH).toLowerCase());
    from = at - FIRST_HYPHEN + UUID_LENGTH;
  }
}

/** Goes outwards from each "@", which a pattern that begins anywhere does not do in good time. */
function addAddresses(found: Set<string>, text: string): void {
  const stops = (at: number): boolean => {
    const code = text.charCodeAt(at);
    return code <= 0x20 || STOPS.has(code);
  };
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let [start, end] = [at, at + 1];
    while (start > 0 && at - start < 64 && !stops(start - 1)) start -= 1;
    while (end < text.length && end - at < 256 && !stops(end)) end += 1;
    while (text[end - 1] === '.') end -= 1;
    if (start < at && end > at + 1) add(found, text.slice(start, end));
  }
}

function add(found: Set<string>, name: string): void {
  const key = caseKey(name).replaceAll('\0', '');
  if (key !== '') found.add(key.toWellFormed());
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
