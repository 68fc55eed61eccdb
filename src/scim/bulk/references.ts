import { isObject } from '../quirks/dialect.ts';

/** A value, or the end of a `$ref`, that stands for the id of what another operation creates (RFC 7644 §3.7.2). */
const VALUE = /^bulkId:(.*)$/is;
const LINK = /(?<=\/)bulkId:([^/]*)$/i;
/** The same in the path of a PATCH operation, as `members[value eq "bulkId:ann"]` has it. */
const COMPARED = /"bulkId:((?:[^"\\]|\\.)*)"/gi;

/** Gives the id for a bulkId. */
type IdOf = (bulkId: string) => string;

/** Replaces what one text refers to. @param name of the member that has it; undefined in a path of a request */
function replaceIn(text: string, name: string | undefined, idOf: IdOf): string {
  if (!text.includes(':')) return text;
  const [, bulkId] = VALUE.exec(text) ?? [];
  if (bulkId !== undefined) return idOf(bulkId);
  if (name === '$ref') return text.replace(LINK, (_, id: string) => idOf(id));
  if (name !== 'path') return text;
  return text.replaceAll(COMPARED, (_, quoted: string) => JSON.stringify(idOf(unquote(quoted))));
}

function unquote(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** The bulkIds to which the body of an operation refers, at any depth. */
export function referencesIn(data: unknown): Set<string> {
  const found = new Set<string>();
  const add = (bulkId: string): string => {
    found.add(bulkId);
    return '';
  };
  const walk = (value: unknown, name: string | undefined): void => {
    if (typeof value === 'string') replaceIn(value, name, add);
    else if (Array.isArray(value)) for (const element of value) walk(element, name);
    else if (isObject(value)) for (const key of Object.keys(value)) walk(value[key], key.toLowerCase());
  };
  walk(data, undefined);
  return found;
}

/** @returns the body with ids in place of references; what has none is not copied */
export function resolveReferences(data: unknown, idOf: IdOf, name?: string): unknown {
  if (typeof data === 'string') return replaceIn(data, name, idOf);
  if (Array.isArray(data)) {
    let copy: unknown[] | undefined;
    for (const [index, element] of data.entries()) {
      const resolved = resolveReferences(element, idOf, name);
      if (resolved === element) continue;
      copy ??= [...data];
      copy[index] = resolved;
    }
    return copy ?? data;
  }
  if (!isObject(data)) return data;
  const entries = Object.entries(data);
  let isChanged = false;
  const resolved = entries.map(([key, value]): [string, unknown] => {
    const next = resolveReferences(value, idOf, key.toLowerCase());
    if (next !== value) isChanged = true;
    return [key, next];
  });
  // A member may be called __proto__, which an assignment would not make one.
  return isChanged ? Object.fromEntries(resolved) : data;
}

/** @returns the bulkId that the last part of an operation's path has, as in `/Groups/bulkId:tour`, if it has one */
export function referenceInPath(lastPart: string): string | undefined {
  try {
    return VALUE.exec(decodeURIComponent(lastPart))?.[1];
  } catch {
    return undefined;
  }
}

/** An operation of the PATCH that sets what was left out. */
export interface AddOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

/** The body of a POST in two parts. */
export interface SplitData {
  /** Without the values that refer to what is not there yet. */
  readonly now: unknown;
  /** Sets these values. */
  readonly later: readonly AddOperation[];
}

/**
 * Takes out of the body of a POST the values that refer to some bulkIds: of an attribute with several values those that
 * refer to them, any other attribute whole.
 */
export function splitReferences(data: unknown, deferred: ReadonlySet<string>): SplitData {
  const refers = (value: unknown) => [...referencesIn(value)].some((id) => deferred.has(id));
  const split = (resource: Record<string, unknown>, prefix: string): SplitData => {
    const now: [string, unknown][] = [];
    const later: AddOperation[] = [];
    for (const [name, value] of Object.entries(resource)) {
      const path = `${prefix}${name}`;
      if (!refers(value)) now.push([name, value]);
      else if (isObject(value) && /^urn:/i.test(name)) {
        const extension = split(value, `${name}:`);
        now.push([name, extension.now]);
        later.push(...extension.later);
      } else if (Array.isArray(value)) {
        now.push([name, value.filter((element) => !refers(element))]);
        later.push({ op: 'add', path, value: value.filter(refers) });
      } else later.push({ op: 'add', path, value });
    }
    return { now: Object.fromEntries(now), later };
  };
  return isObject(data) ? split(data, '') : { now: data, later: [] };
}
