import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { GroupGrantsResponse } from '../../api/schema.d.ts';

export type Grant = GroupGrantsResponse['data'][number];

export const grantsQuery = (id: string) =>
  queryOptions({
    queryKey: ['groups', id, 'grants'],
    queryFn: () => dataOf(api.GET('/groups/{id}/grants', { params: { path: { id } } })),
  });

/** @returns what a grant is about: `Invoice Agent`, or `every agent tagged returns` */
export const grantName = ({ resourceType, resourceName, resourceId, tag }: Grant): string =>
  tag === undefined
    ? (resourceName ?? resourceId ?? resourceType)
    : `every ${resourceType.replaceAll('_', ' ')} tagged ${tag}`;
