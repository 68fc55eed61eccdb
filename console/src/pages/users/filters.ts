import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf } from '../../api/lists.ts';
import type { User } from '../../api/schema.d.ts';
import type { Search } from '../../app/router.tsx';
import type { FilterField } from '../../components/filter-chips.tsx';
import { ROLES, TIERS } from '../../components/role.tsx';

const options = (pairs: readonly (readonly [value: string, label: string])[]) =>
  pairs.map(([value, label]) => ({ value, label }));

/** What the list of users can be narrowed by; the keys stand in the address. */
export const USER_FILTERS: readonly FilterField[] = [
  {
    key: 'status',
    label: 'Status',
    options: options([
      ['active', 'Active'],
      ['pending', 'Pending'],
      ['inactive', 'Inactive'],
    ]),
  },
  {
    key: 'effectiveRole',
    label: 'Role',
    options: ROLES.map((role) => ({ value: role, label: `${role} (${TIERS[role]})` })),
  },
  {
    key: 'source',
    label: 'Source',
    options: options([
      ['scim', 'SCIM'],
      ['sso', 'SSO'],
      ['invitation', 'Invited'],
      ['import', 'CSV'],
      ['admin', 'Manual'],
    ]),
  },
  { key: 'locked', label: 'Account', options: options([['true', 'Locked']]) },
  { key: 'owner', label: 'Owners', options: options([['true', 'Only owners']]) },
  {
    key: 'inactiveDays',
    label: 'Last active',
    one: true,
    options: options([
      ['30', '30 days ago or more'],
      ['90', '90 days ago or more'],
      ['180', '180 days ago or more'],
    ]),
  },
  { key: 'neverLoggedIn', label: 'Sign-ins', options: options([['true', 'Never signed in']]) },
  {
    key: 'passwordAlone',
    label: 'Second factor',
    options: options([['true', 'Password alone']]),
  },
  {
    key: 'outsideSso',
    label: 'Single sign-on',
    one: true,
    options: options([
      ['true', 'Outside'],
      ['false', 'Linked'],
    ]),
  },
  { key: 'includeDeleted', label: 'Deleted', options: options([['true', 'Included']]) },
];

const LISTS = new Set(['status', 'effectiveRole', 'source', 'group']);
const PAGE = 100;

/** @returns what the API is asked for what the address says */
function queryOf(search: Search) {
  const keys = [...USER_FILTERS.map(({ key }) => key), 'q', 'group', 'lastLoginBefore', 'lastLoginAfter'];
  const set: readonly (readonly [string, unknown])[] = keys.flatMap((key) => {
    const value = search[key];
    if (value === undefined || value === '') return [];
    return [[key, LISTS.has(key) ? value.split(',') : value] as const];
  });
  // The server says in a sentence which value of an address it does not take.
  return Object.fromEntries([...set, ['sort', search['sort'] ?? 'name']]) as Readonly<Record<string, never>>;
}

/** The pages of the list of users that an address describes. */
export const usersQuery = (search: Search) => {
  const query = queryOf(search);
  return infiniteQueryOptions({
    queryKey: ['users', 'list', query],
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      const page = await dataOf(
        api.GET('/users', { params: { query: { ...query, limit: PAGE, ...cursor } }, signal }),
      );
      return page as { data: User[]; nextCursor: string | null; total?: number };
    },
  });
};

/** How many users an address describes, or that there are more than so many: counting them holds up no page. */
export const usersCountQuery = (search: Search) => {
  const { sort: _, ...query } = queryOf(search);
  return queryOptions({
    queryKey: ['users', 'count', query],
    queryFn: async ({ signal }) => {
      const asked = { ...query, count: 'true' as const, limit: 1 };
      const page = await dataOf(api.GET('/users', { params: { query: asked }, signal }));
      return page as { total?: number; totalOver?: number };
    },
  });
};

/** Every user that an address describes, page by page. @param onPage hears how many there are so far */
export async function allUsersOf(
  search: Search,
  onPage: (count: number) => void,
  signal: AbortSignal,
): Promise<User[]> {
  const found: User[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...queryOf(search), limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const page = await dataOf(api.GET('/users', { params: { query }, signal }));
    found.push(...(page.data as User[]));
    onPage(found.length);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** Combinations that people come back to; a browser can keep more of its own. */
export const STANDARD_VIEWS: readonly { readonly name: string; readonly search: Search }[] = [
  { name: 'Everyone', search: {} },
  { name: 'Invited, not arrived', search: { status: 'pending' } },
  { name: 'Managers and admins', search: { effectiveRole: 'configure,admin' } },
  { name: 'Inactive for 90 days', search: { status: 'active', inactiveDays: '90' } },
  { name: 'Locked', search: { locked: 'true' } },
  { name: 'Deactivated', search: { status: 'inactive' } },
];
