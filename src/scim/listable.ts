import type { Position } from '../directory/search/predicate.ts';
import type { ScimRequest } from './exchange.ts';
import type { ListRequest } from './list-request.ts';
import type { ResourceType } from './schema/resource-type.ts';

/** The resources of a page, as texts or, where one is large, as pieces of it, and how many there are in all. */
export interface Found {
  readonly total: number;
  readonly resources: readonly (string | AsyncIterable<string>)[];
}

/** The resources of a page that starts after a position; `next` is undefined on the last page. */
export interface FoundAfter {
  readonly total: number | undefined;
  readonly resources: Found['resources'];
  readonly next: Position | undefined;
}

/** One kind of resource that can be listed. */
export interface Listable {
  readonly type: ResourceType;
  find(request: ScimRequest, list: ListRequest): Promise<Found>;
  findAfter(request: ScimRequest, list: ListRequest, after: Position | undefined): Promise<FoundAfter>;
}
