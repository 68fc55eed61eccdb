import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { byCursor, cursorOf } from '../../../api/lists.ts';
import type { ScimRequest, ScimRequestWithBodies } from '../../../api/schema.d.ts';
import type { Search } from '../../../app/router.tsx';

const PAGE = 100;
const HOUR_MS = 3_600_000;

/** Spans that the address names, in hours. */
const SPANS: Readonly<Record<string, number>> = { '1h': 1, '24h': 24, '7d': 168 };

/** @returns what the log is asked for what the address says, the span aside */
function queryOf(search: Search) {
  const keys = ['status', 'method', 'q', 'user', 'partOf'];
  // The server says in a sentence which value of an address it does not take.
  return Object.fromEntries(
    keys.flatMap((key) => (search[key] === undefined ? [] : [[key, search[key]]])),
  ) as Readonly<Record<string, never>>;
}

/** The requests of a connection that an address describes, the newest first. */
export const requestsQuery = (connectionId: string, search: Search) => {
  const query = queryOf(search);
  const hours = SPANS[search['from'] ?? ''];
  return infiniteQueryOptions({
    queryKey: ['provisioning', 'connections', connectionId, 'requests', query, hours ?? null],
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      const from = hours === undefined ? {} : { from: new Date(Date.now() - hours * HOUR_MS).toISOString() };
      const page = await dataOf(
        api.GET('/scim/connections/{id}/requests', {
          params: { path: { id: connectionId }, query: { ...query, ...from, limit: PAGE, ...cursor } },
          signal,
        }),
      );
      return page as { data: ScimRequest[]; nextCursor: string | null };
    },
  });
};

export const requestQuery = (connectionId: string, requestId: string) =>
  queryOptions({
    queryKey: ['provisioning', 'connections', connectionId, 'requests', requestId],
    queryFn: async () =>
      (await dataOf(
        api.GET('/scim/connections/{id}/requests/{requestId}', {
          params: { path: { id: connectionId, requestId } },
        }),
      )) as ScimRequestWithBodies,
    staleTime: 60_000,
  });

/** @returns the class of a status for its tag */
export const toneOf = (status: number): 'success' | 'warning' | 'danger' =>
  status < 400 ? 'success' : status === 429 || status === 499 ? 'warning' : 'danger';

const SENTENCE = /^\p{Ll}/u;
/** @returns a summary as the beginning of a sentence: the API writes it for the middle of one */
export const sentence = (words: string): string =>
  words.replace(SENTENCE, (first) => first.toLocaleUpperCase('en'));
