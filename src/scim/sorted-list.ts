import { badRequest } from './errors.ts';
import type { ScimRequest } from './exchange.ts';
import { type ListRequest, MAX_COUNT } from './list-request.ts';
import type { Found, Listable } from './listable.ts';
import type { Resource } from './schema/coerce.ts';
import { parseProjection } from './schema/projection.ts';
import { type ResourceType, resolvePath } from './schema/resource-type.ts';

/** Resources of several kinds that are put in one order: the keys of all before a page are read for it. */
const MAX_SORTED = MAX_COUNT;

/** One kind of resource, and the page of all kinds together as if there were no other. */
export interface SortedKind {
  readonly kind: Listable;
  readonly list: ListRequest;
}

/**
 * Finds a page of several kinds in one order. Each kind is in order already: the keys of its first resources tell
 * which part of it is on the page.
 * @throws ScimError 400 `invalidValue` for a page behind the first 1,000 resources
 */
export async function findSorted(
  kinds: readonly SortedKind[],
  request: ScimRequest,
  sortBy: string,
  descending: boolean,
): Promise<Found> {
  const { offset = 0, limit = 0 } = kinds[0]?.list.page ?? {};
  const end = Math.min(offset + limit, MAX_SORTED);
  let total = 0;
  const entries: Entry[] = [];
  for (const [kind, each] of kinds.entries()) {
    const found = await readKeys(each, request, sortBy, end);
    total += found.total;
    entries.push(...found.keys.map((key) => ({ ...key, kind })));
  }
  if (offset >= MAX_SORTED && total > offset) {
    throw badRequest(
      'invalidValue',
      `Users and groups together are sorted up to the first ${MAX_SORTED}: sort /Users or /Groups instead.`,
    );
  }
  const order = entries.sort((left, right) => compare(left, right, descending)).map(({ kind }) => kind);
  const [before, onPage] = [order.slice(0, offset), order.slice(offset, end)];
  const queues: Found['resources'][number][][] = [];
  for (const [at, { kind, list }] of kinds.entries()) {
    const count = (of: readonly number[]) => of.filter((each) => each === at).length;
    const page = { ...list.page, offset: count(before), limit: count(onPage) };
    const found = page.limit === 0 ? [] : (await kind.find(request, { ...list, page })).resources;
    queues.push([...found]);
  }
  const resources = onPage.flatMap((kind) => queues[kind]?.shift() ?? []);
  return { total, resources };
}

interface Key {
  readonly id: string;
  readonly value: string | undefined;
}

interface Entry extends Key {
  readonly kind: number;
}

/** The sort keys of the first resources of a kind, in its order. */
async function readKeys(
  { kind, list }: SortedKind,
  request: ScimRequest,
  sortBy: string,
  limit: number,
): Promise<{ readonly total: number; readonly keys: readonly Key[] }> {
  const projection = parseProjection(kind.type, sortBy, undefined, request.dialect);
  const page = { ...list.page, offset: 0, limit };
  const { total, resources } = await kind.find(request, { ...list, projection, page });
  const texts = resources.filter((each) => typeof each === 'string');
  const path = request.dialect.path(sortBy, kind.type);
  return { total, keys: texts.map((text) => keyOf(JSON.parse(text) as Resource, kind.type, path)) };
}

/** What several kinds have are simple attributes, and parts of `meta`. */
function keyOf(resource: Resource, type: ResourceType, path: string): Key {
  const target = resolvePath(type, path);
  const leaf = target?.sub ?? target?.attribute;
  let value: unknown = resource;
  for (const key of leaf?.path ?? []) value = (value as Record<string, unknown> | undefined)?.[key];
  const text = typeof value === 'string' ? value : undefined;
  return {
    id: String(resource['id']),
    value: leaf?.caseExact === true ? text : text?.normalize('NFC').toLowerCase(),
  };
}

/** Resources without a value come last in ascending order (RFC 7644 §3.4.2.3); ties are in the order of ids. */
function compare(left: Key, right: Key, descending: boolean): number {
  if (left.value === right.value) return left.id < right.id ? -1 : 1;
  const isBefore = right.value === undefined || (left.value !== undefined && left.value < right.value);
  return isBefore === descending ? 1 : -1;
}
