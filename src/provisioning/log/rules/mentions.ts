import { caseKey } from '../../../directory/rules/comparison-keys.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const NAMED = /"(?:userName|externalId|value)"\s*:\s*("(?:[^"\\]|\\.){1,200}")/gi;
const ADDRESS = /[^\s"<>\\,;:()[\]/=&]{1,64}@[^\s"<>\\,;:()[\]/&]{0,254}[^\s"<>\\,;:()[\]/&.]/g;
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
    for (const [id] of text.matchAll(UUID)) found.add(id.toLowerCase());
    for (const [, quoted = '""'] of text.matchAll(NAMED)) add(found, unquote(quoted));
    if (text.includes('@')) for (const [address] of text.matchAll(ADDRESS)) add(found, address);
    if (found.size > MOST) break;
  }
  for (const [quoted] of query.matchAll(QUOTED)) add(found, unquote(quoted));
  for (const [id] of query.matchAll(UUID)) found.add(id.toLowerCase());
  for (const [address] of query.matchAll(ADDRESS)) add(found, address);
  return [...found].slice(0, MOST);
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
