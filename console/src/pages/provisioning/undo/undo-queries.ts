import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { byCursor, cursorOf } from '../../../api/lists.ts';
import type { Undo, UndoItem } from '../../../api/schema.d.ts';

const RUNNING_MS = 1_000;

export const undoQuery = (id: string) =>
  queryOptions({
    queryKey: ['undos', id],
    queryFn: async () => (await dataOf(api.GET('/undos/{id}', { params: { path: { id } } }))) as Undo,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? RUNNING_MS : false),
  });

/** Those that were started, of a connection. */
export const undosQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ['undos', 'list', connectionId],
    queryFn: async () => {
      const { data } = await dataOf(api.GET('/undos', { params: { query: { limit: 100 } } }));
      return (data as Undo[]).filter(({ batch }) => batch.id === connectionId);
    },
  });

export type ItemResult = UndoItem['result'];

export const undoItemsQuery = (id: string, result: ItemResult | undefined, state: Undo['state']) =>
  infiniteQueryOptions({
    queryKey: ['undos', id, 'items', result ?? 'all', state],
    ...byCursor,
    queryFn: async ({ pageParam }) => {
      const query = {
        limit: 50,
        ...(result === undefined ? {} : { result }),
        ...cursorOf(pageParam),
      };
      const page = await dataOf(api.GET('/undos/{id}/items', { params: { path: { id }, query } }));
      return page as { data: UndoItem[]; nextCursor: string | null };
    },
  });
