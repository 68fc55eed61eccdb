import type { Cursors } from './cursor.ts';
import { findByCursor, type RequestedKind } from './cursor-list.ts';
import type { ScimAnswer, ScimRequest } from './exchange.ts';
import { isDescending, type ListHead, listHead, parseListRequest } from './list-request.ts';
import type { Found, Listable } from './listable.ts';
import { type ResourceType, resolvePath } from './schema/resource-type.ts';
import { findSorted } from './sorted-list.ts';

/** What lists need of the server. */
export interface ListContext {
  /** The SCIM base URL. */
  readonly base: string;
  readonly cursors: Cursors;
}

/** Lists one kind of resource (RFC 7644 §3.4.2, RFC 9865). */
export async function listOne(
  kind: Listable,
  request: ScimRequest,
  parameters: ReadonlyMap<string, string>,
  { base, cursors }: ListContext,
): Promise<ScimAnswer> {
  const list = parseListRequest(parameters, kind.type, [], request.dialect, base);
  if (parameters.has('cursor')) return answerByCursor([{ kind, list }], request, parameters, cursors);
  return answer(list.startIndex, await kind.find(request, list));
}

/**
 * Lists several kinds as one (RFC 7644 §3.4.2.1): each behind the one before it, unless an order mixes them.
 * What has no value comes last, or first when descending, so an order by what only one kind has mixes nothing.
 */
export async function listAll(
  kinds: readonly Listable[],
  request: ScimRequest,
  parameters: ReadonlyMap<string, string>,
  { base, cursors }: ListContext,
): Promise<ScimAnswer> {
  const parsed = kinds.map((kind) => {
    const others = kinds.filter((other) => other !== kind).map((other) => other.type);
    return { kind, list: parseListRequest(parameters, kind.type, others, request.dialect, base) };
  });
  if (parameters.has('cursor')) return answerByCursor(parsed, request, parameters, cursors);
  const startIndex = parsed[0]?.list.startIndex ?? 1;
  const sortBy = parameters.get('sortby') ?? '';
  const descending = isDescending(parameters);
  const [having, lacking] = [true, false].map((has) =>
    parsed.filter(({ kind }) => (sortBy !== '' && hasPath(kind.type, sortBy, request)) === has),
  ) as [typeof parsed, typeof parsed];
  if (having.length > 1) return answer(startIndex, await findSorted(having, request, sortBy, descending));
  const inOrder = descending ? [...lacking, ...having] : [...having, ...lacking];
  let total = 0;
  const resources: (string | AsyncIterable<string>)[] = [];
  for (const { kind, list } of inOrder) {
    const { offset, limit } = list.page;
    const page = { ...list.page, offset: Math.max(0, offset - total), limit: limit - resources.length };
    const found = await kind.find(request, { ...list, page });
    resources.push(...found.resources);
    total += found.total;
  }
  return answer(startIndex, { total, resources });
}

function hasPath(type: ResourceType, path: string, { dialect }: ScimRequest): boolean {
  return resolvePath(type, dialect.path(path, type)) !== undefined;
}

function answer(startIndex: number, { total, resources }: Found): ScimAnswer {
  return listResponse({ totalResults: total, startIndex, itemsPerPage: resources.length }, resources);
}

async function answerByCursor(
  kinds: readonly RequestedKind[],
  request: ScimRequest,
  parameters: ReadonlyMap<string, string>,
  cursors: Cursors,
): Promise<ScimAnswer> {
  const { total, resources, nextCursor } = await findByCursor(kinds, request, parameters, cursors);
  return listResponse({ totalResults: total, itemsPerPage: resources.length, nextCursor }, resources);
}

function listResponse(members: ListHead, resources: Found['resources']): ScimAnswer {
  const head = listHead(members);
  if (!resources.every((each) => typeof each === 'string')) {
    return { status: 200, body: inPieces(head, resources) };
  }
  const body = resources.map((text, index) => (index === 0 ? `${head}${text}` : `,${text}`));
  return { status: 200, body: [...(body.length === 0 ? [head] : body), ']}'] };
}

async function* inPieces(head: string, resources: Found['resources']): AsyncIterable<string> {
  let separator = head;
  for (const each of resources) {
    yield separator;
    if (typeof each === 'string') yield each;
    else yield* each;
    separator = ',';
  }
  yield ']}';
}
