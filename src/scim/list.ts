import type { ScimAnswer, ScimRequest } from './exchange.ts';
import { type ListRequest, listHead, parseListRequest } from './list-request.ts';
import type { ResourceType } from './schema/resource-type.ts';

/** The resources of a page, as texts or, where one is large, as pieces of it, and how many there are in all. */
export interface Found {
  readonly total: number;
  readonly resources: readonly (string | AsyncIterable<string>)[];
}

/** One kind of resource that can be listed. */
export interface Listable {
  readonly type: ResourceType;
  find(request: ScimRequest, list: ListRequest): Promise<Found>;
}

/** Lists one kind of resource (RFC 7644 §3.4.2). */
export async function listOne(
  { type, find }: Listable,
  request: ScimRequest,
  parameters: ReadonlyMap<string, string>,
  base: string,
): Promise<ScimAnswer> {
  const list = parseListRequest(parameters, type, [], request.dialect, base);
  return answer(list.startIndex, await find(request, list));
}

/** Lists several kinds as one, each behind the one before it (RFC 7644 §3.4.2.1). */
export async function listAll(
  kinds: readonly Listable[],
  request: ScimRequest,
  parameters: ReadonlyMap<string, string>,
  base: string,
): Promise<ScimAnswer> {
  let [total, startIndex] = [0, 1];
  const resources: (string | AsyncIterable<string>)[] = [];
  for (const { type, find } of kinds) {
    const others = kinds.filter((kind) => kind.type !== type).map((kind) => kind.type);
    const list = parseListRequest(parameters, type, others, request.dialect, base);
    const { offset, limit } = list.page;
    const page = { ...list.page, offset: Math.max(0, offset - total), limit: limit - resources.length };
    const found = await find(request, { ...list, page });
    resources.push(...found.resources);
    total += found.total;
    startIndex = list.startIndex;
  }
  return answer(startIndex, { total, resources });
}

function answer(startIndex: number, { total, resources }: Found): ScimAnswer {
  const head = listHead(total, startIndex, resources.length);
  const whole = resources.every((each) => typeof each === 'string');
  return { status: 200, body: whole ? `${head}${resources.join()}]}` : inPieces(head, resources) };
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
