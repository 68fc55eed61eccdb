import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf } from '../../api/lists.ts';
import type { HistoryChange } from '../../api/schema.d.ts';
import type { Search } from '../../app/router.tsx';

const DAY = 86_400_000;

export const KINDS = [
  ['user', 'Roles and status'],
  ['membership', 'Memberships'],
  ['elevation', 'Temporary roles'],
  ['group', 'Groups'],
  ['grants', 'Rights of groups'],
] as const;

export interface Span {
  readonly from: string;
  /** Undefined: now. */
  readonly to: string | undefined;
}

/** The two moments of the address; a month back from now where it names none, as far as history reaches. */
export function spanOf(search: Search, completeSince: string): Span {
  const begin = Date.parse(completeSince);
  const month = new Date(Math.max(begin, Date.now() - 30 * DAY));
  // To the minute: the same question has the same answer for a while.
  month.setSeconds(0, 0);
  const from = search['from'] ?? new Date(Math.max(month.getTime(), begin)).toISOString();
  return { from, to: search['to'] };
}

export const completeSinceQuery = queryOptions({
  queryKey: ['history', 'completeSince'],
  staleTime: 60_000,
  queryFn: () => dataOf(api.GET('/history')),
});

const moments = ({ from, to }: Span) => ({ from, ...(to === undefined ? {} : { to }) });

export const summaryQuery = (span: Span) =>
  queryOptions({
    queryKey: ['history', 'summary', span],
    staleTime: 60_000,
    queryFn: () => dataOf(api.GET('/history/differences/summary', { params: { query: moments(span) } })),
  });

export interface DifferenceFilters extends Span {
  readonly userId: string | undefined;
  readonly kinds: readonly string[];
}

/** @returns what lists and exports of differences are asked for */
export const differenceQuery = ({ userId, kinds, ...span }: DifferenceFilters) => ({
  ...moments(span),
  ...(userId === undefined ? {} : { userId }),
  ...(kinds.length === 0 ? {} : { kind: kinds as HistoryChange['kind'][] }),
});

export const differencesQuery = (filters: DifferenceFilters) =>
  infiniteQueryOptions({
    queryKey: ['history', 'differences', filters],
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      const query = { ...differenceQuery(filters), limit: 100, ...cursor };
      return dataOf(api.GET('/history/differences', { params: { query }, signal }));
    },
  });
