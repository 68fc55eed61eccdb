import type { CursorQuery, CursorStart, Cursors } from './cursor.ts';
import { badRequest } from './errors.ts';
import type { ScimRequest } from './exchange.ts';
import type { ListRequest } from './list-request.ts';
import type { Found, Listable } from './listable.ts';

/** One kind of resource and its query. */
export interface RequestedKind {
  readonly kind: Listable;
  readonly list: ListRequest;
}

/** A page that was found by a cursor. */
export interface CursorPage {
  /** Undefined where it would have to be counted for a page other than the first (RFC 9865 §2). */
  readonly total: number | undefined;
  readonly resources: Found['resources'];
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined;
}

/**
 * Finds the page that a cursor starts, an empty one the first (RFC 9865 §2). Of several kinds, each follows the one
 * before it.
 * @throws ScimError 400 `invalidCursor`, `expiredCursor`; `invalidCount` for another count than the first page's;
 *   `invalidValue` for a `startIndex` beside the cursor, and for an order of several kinds
 */
export async function findByCursor(
  kinds: readonly RequestedKind[],
  request: ScimRequest,
  parameters: ReadonlyMap<string, string>,
  cursors: Cursors,
): Promise<CursorPage> {
  checkParameters(kinds, parameters);
  const query = queryOf(kinds, request, parameters);
  const start = cursors.read(query, parameters.get('cursor') ?? '');
  const { limit } = query;
  const isFirstPage = start.kind === 0 && start.after === undefined;
  const resources: Found['resources'][number][] = [];
  const totals: (number | undefined)[] = [];
  let next: CursorStart | undefined;
  for (const [index, { kind, list }] of kinds.entries()) {
    if (index < start.kind) continue;
    const room = next === undefined ? limit - resources.length : 0;
    if (room === 0 && limit > 0) {
      next ??= { kind: index, after: undefined };
      if (!isFirstPage) break;
    }
    const after = index === start.kind ? start.after : undefined;
    const found = await kind.findAfter(request, { ...list, page: { ...list.page, limit: room } }, after);
    resources.push(...found.resources);
    totals.push(found.total);
    if (found.next !== undefined) next = { kind: index, after: found.next };
  }
  return {
    total: isFirstPage || kinds.length === 1 ? sum(totals) : undefined,
    resources,
    nextCursor: next === undefined ? undefined : cursors.write(query, next),
  };
}

function checkParameters(kinds: readonly RequestedKind[], parameters: ReadonlyMap<string, string>): void {
  // Clients that always send a startIndex of 1 mean the first page, too.
  if (kinds.some(({ list }) => list.startIndex > 1)) {
    throw badRequest('invalidValue', 'Give "cursor" or "startIndex", not both.');
  }
  if (kinds.length > 1 && (parameters.get('sortby') ?? '') !== '') {
    throw badRequest(
      'invalidValue',
      'Users and groups together are sorted without a cursor only: leave out "cursor", or list /Users or /Groups.',
    );
  }
}

function queryOf(
  kinds: readonly RequestedKind[],
  { by }: ScimRequest,
  parameters: ReadonlyMap<string, string>,
): CursorQuery {
  const [first] = kinds;
  return {
    by,
    endpoint: kinds.length === 1 && first !== undefined ? first.kind.type.endpoint : '/',
    limit: first?.list.page.limit ?? 0,
    parameters: [
      // As they were understood: the same filter may be written in several ways.
      kinds.map(({ list: { page } }) => [page.where ?? null, page.sort ?? null]),
      parameters.get('attributes') ?? '',
      parameters.get('excludedattributes') ?? '',
    ],
  };
}

function sum(totals: readonly (number | undefined)[]): number | undefined {
  return totals.reduce(
    (total, each) => (total === undefined || each === undefined ? undefined : total + each),
    0,
  );
}
