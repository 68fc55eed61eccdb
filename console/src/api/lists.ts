import type { InfiniteData } from '@tanstack/react-query';
import { useMemo } from 'react';

/** A page of a list by cursor, as the API answers it. */
interface ListPage<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

/** What every query of a list by cursor says of its pages. */
export const byCursor = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }: Pick<ListPage<unknown>, 'nextCursor'>) => nextCursor ?? undefined,
};

/** The parameter that asks for a page: none for the first. */
export const cursorOf = (pageParam: string | undefined) =>
  pageParam === undefined ? {} : { cursor: pageParam };

interface LoadedList<Row> {
  readonly data: InfiniteData<{ readonly data: readonly Row[] }, unknown> | undefined;
}

/** @returns the rows of all pages that are loaded */
export const rowsOf = <Row>({ data }: LoadedList<Row>): Row[] =>
  data?.pages.flatMap((page) => page.data) ?? [];

/** The rows of all pages that are loaded: the same array until another page is. */
export function useRows<Row>({ data }: LoadedList<Row>): Row[] {
  return useMemo(() => rowsOf({ data }), [data]);
}

/** @returns what asks for the next page; undefined while that is loading, and at the end of the list */
export function moreOf(list: {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}): (() => void) | undefined {
  return list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined;
}
