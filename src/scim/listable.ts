import type { ScimRequest } from './exchange.ts';
import type { ListRequest } from './list-request.ts';
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
