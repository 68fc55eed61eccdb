import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from './client.ts';

/** What needs attention now, for the first page and the menu. */
export const attentionQuery = queryOptions({
  queryKey: ['attention'],
  queryFn: () => dataOf(api.GET('/attention')),
  staleTime: 30_000,
  refetchInterval: 60_000,
});
