import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf } from '../../api/lists.ts';
import type { Review, ReviewItem } from '../../api/schema.d.ts';
import type { Search } from '../../app/router.tsx';
import type { FilterField } from '../../components/filter-chips.tsx';
import { nameOf } from '../../components/person.tsx';
import { toast } from '../../components/toast.tsx';
import { capitalized } from '../../components/words.ts';

export type Decision = NonNullable<ReviewItem['decision']>;

export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ['reviews', id],
    queryFn: () => dataOf(api.GET('/reviews/{id}', { params: { path: { id } } })),
    // Its items are collected while one looks on.
    refetchInterval: ({ state }) => (state.data?.state === 'opening' ? 1_000 : false),
  });

const DECISIONS: FilterField['options'] = [
  { value: 'keep', label: 'Keep' },
  { value: 'change_role', label: 'Change the role' },
  { value: 'remove_group', label: 'Remove from a group' },
  { value: 'deactivate', label: 'Deactivate' },
];

/** What the items of a review can be narrowed by; the keys stand in the address. */
export const ITEM_FILTERS: readonly FilterField[] = [
  {
    key: 'risk',
    label: 'Risk',
    options: [
      { value: 'high', label: 'High' },
      { value: 'medium', label: 'Medium' },
      { value: 'low', label: 'Low' },
    ],
  },
  { key: 'suggestion', label: 'Suggestion', options: DECISIONS },
  { key: 'decision', label: 'Decision', options: DECISIONS },
  {
    key: 'subjectType',
    label: 'What',
    options: [
      { value: 'user', label: 'Users' },
      { value: 'service_account', label: 'Service accounts' },
      { value: 'api_key', label: 'API keys' },
    ],
  },
  { key: 'mine', label: 'Reviewer', options: [{ value: 'true', label: 'You' }] },
];

const LISTS = new Set(['risk', 'suggestion', 'decision', 'subjectType']);
const PAGE = 100;

/** The items that an address describes: undecided ones, unless it says otherwise. */
export const itemsQuery = (id: string, search: Search) => {
  const given = [...ITEM_FILTERS.map(({ key }) => key), 'q'].flatMap((key) => {
    const value = search[key];
    if (!value) return [];
    return [[key, LISTS.has(key) ? value.split(',') : value] as const];
  });
  const show = search['show'] ?? 'open';
  const decided = show === 'all' ? {} : { decided: show === 'decided' ? 'true' : 'false' };
  const query = { ...Object.fromEntries(given), ...decided } as Readonly<Record<string, never>>;
  return infiniteQueryOptions({
    queryKey: ['reviews', id, 'items', query],
    ...byCursor,
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET('/reviews/{id}/items', {
          params: {
            path: { id },
            query: { ...query, limit: PAGE, ...cursorOf(pageParam) },
          },
          signal,
        }),
      ),
    // What is decided stays in its place until the next visit.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
};

/** How many items of a review its list has. @param ownOnly where it lists only those that the reader is to decide */
export function itemCounts({ progress, mine }: Pick<Review, 'progress' | 'mine'>, ownOnly: boolean) {
  const { items, undecided } = ownOnly ? mine : progress;
  return { all: items, open: undecided, decided: items - undecided };
}

/** What someone decides about an item. */
export interface Choice {
  readonly decision: Decision;
  readonly role?: NonNullable<ReviewItem['role']>;
  readonly groupId?: string;
  readonly note?: string;
}

/** Decides about items of a review, and takes decisions back. A row that is decided stays where it is. */
export function useDecisions(reviewId: string) {
  const queries = useQueryClient();
  const replace = (item: ReviewItem) => {
    queries.setQueriesData(
      { queryKey: ['reviews', reviewId, 'items'] },
      (known: { pages?: { data: ReviewItem[] }[] } | undefined) =>
        known?.pages === undefined
          ? known
          : {
              ...known,
              pages: known.pages.map((page) => ({
                ...page,
                data: page.data.map((each) => (each.id === item.id ? item : each)),
              })),
            },
    );
    void refresh();
  };
  /** Everything but the items, which stay. */
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['reviews', reviewId], exact: true }),
      queries.invalidateQueries({ queryKey: ['reviews', reviewId, 'low-risk'] }),
      queries.invalidateQueries({ queryKey: ['reviews', reviewId, 'reviewers'] }),
      queries.invalidateQueries({ queryKey: ['reviews', 'mine'] }),
      queries.invalidateQueries({ queryKey: ['reviews', 'list'] }),
      ...[['users'], ['groups'], ['audit']].map((queryKey) => queries.invalidateQueries({ queryKey })),
    ]);
  const path = (itemId: string) => ({ path: { id: reviewId, itemId } });
  const decide = useMutation({
    mutationFn: ({ itemId, choice, force }: { itemId: string; choice: Choice; force?: boolean }) =>
      dataOf(
        api.PUT('/reviews/{id}/items/{itemId}', {
          params: { ...path(itemId), ...(force ? { query: { force: 'true' as const } } : {}) },
          body: choice,
        }),
      ),
    onSuccess: replace,
  });
  const undo = useMutation({
    mutationFn: (itemId: string) =>
      dataOf(api.POST('/reviews/{id}/items/{itemId}/undo', { params: path(itemId) })),
    onSuccess: (item) => {
      replace(item);
      toast(`The decision about ${nameOf(item.subject)} was undone.`);
    },
  });
  return { decide, undo, refresh };
}

/** @returns whom a review is about: `users with configure or admin, service accounts and API keys` */
export function scopeInWords({ scope }: Pick<Review, 'scope'>): string {
  const people = [
    scope.privileged ? 'people with configure or admin' : 'people',
    scope.groups === undefined
      ? ''
      : ` in ${scope.groups.length === 1 ? 'a group' : `${scope.groups.length} groups`}`,
    scope.inactiveDays === undefined ? '' : ` inactive for ${scope.inactiveDays} days`,
  ].join('');
  const whole = people === 'people' ? 'everyone' : people;
  const parts = [
    ...(scope.users ? [whole] : []),
    ...(scope.programs ? ['service accounts and API keys'] : []),
  ];
  const words = parts.join(', ');
  return capitalized(words);
}
