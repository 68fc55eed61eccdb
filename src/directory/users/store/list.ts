import type { Database } from '../../../platform/db/database.ts';
import { builder, type Cursor, pageAfter, parameters, runQuery } from '../../../platform/db/query-builder.ts';
import type { Statement } from '../../../platform/db/statement.ts';
import type { OrgId } from '../../ids.ts';
import { ROLES } from '../../roles/rules/roles.ts';
import { counted, displayNameKeyOf } from '../../store/fragments.ts';
import type { DirectoryUser, Role } from '../user.ts';
import { applyFilter, type FilterHits, findFilterHits, type UserFilter } from './filter.ts';
import { type DirectoryUserRow, directoryUser } from './rows.ts';

/** What users can be sorted by, and the column behind it. */
const sorts = {
  createdAt: { column: undefined, type: 'text', nulls: undefined },
  name: { column: displayNameKeyOf('u'), type: 'text', nulls: 'last' },
  email: { column: 'u.email_key', type: 'text', nulls: 'last' },
  // Descending, users who never signed in come last: the index has that order.
  lastLoginAt: { column: 'u.last_login_at', type: 'timestamptz', nulls: 'first' },
  status: { column: 'u.status', type: 'text', nulls: undefined },
} as const;

type ColumnSort = keyof typeof sorts;
/** By role means by the ladder, which is not how the texts sort. */
export type UserSort = ColumnSort | 'role';

export interface UserPage {
  readonly filter: UserFilter;
  readonly sort: UserSort;
  readonly descending: boolean;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/** How many users there are; counted one by one no further than `MOST_COUNTED`. */
export interface UserTotal {
  /** Undefined where it is not known. */
  readonly total: number | undefined;
  /** Set instead where there are more than so many. */
  readonly totalOver?: number;
}

export interface FoundUsers extends UserTotal {
  readonly items: readonly (DirectoryUser & { readonly cursor: Cursor })[];
}

const MOST_COUNTED = 100_000;

/**
 * Searches users, planned for its values. Throws StatementTimeout after 10 s.
 * @returns also how many there are, where that is known without counting
 * @param now ISO 8601
 */
export async function searchUsers(
  db: Database,
  org: OrgId,
  query: UserPage,
  now: string,
): Promise<FoundUsers> {
  const hits = await findFilterHits(db, org, query.filter);
  const page = { ...query, hits };
  const { sort } = page;
  const found =
    sort === 'role'
      ? await searchByRole(db, org, page, now)
      : await searchSorted(db, org, { ...page, sort }, now);
  const isAll = page.after === undefined && found.items.length < page.limit;
  return isAll ? { ...found, total: found.items.length } : found;
}

/** Whether a filter has all users that are not deleted, whose number a counter knows. */
function isWhole({ deleted, ...conditions }: UserFilter): boolean {
  return deleted !== true && Object.values(conditions).every((condition) => condition === undefined);
}

const all: Statement = { name: 'users-total', text: `select ${counted('$1', 'users', '$1')} as total` };

/** Counts users, those of a filter up to `MOST_COUNTED`. Throws StatementTimeout after 10 s. @param now ISO 8601 */
export async function countUsers(
  db: Database,
  org: OrgId,
  filter: UserFilter,
  now: string,
): Promise<UserTotal> {
  if (isWhole(filter)) return { total: (await db.query<{ total: number }>(all, [org]))[0]?.total };
  const hits = await findFilterHits(db, org, filter);
  const { values, bind } = parameters(org, now);
  const found = builder({ u: 'users' })
    .select(builder.raw('1'))
    // Not every filter asks for the time.
    .whereRaw('u.org_id = $1 and $2::timestamptz is not null')
    .limit(MOST_COUNTED + 1);
  applyFilter(found, filter, bind, hits);
  const query = builder.select(builder.raw('count(*)::integer as total')).from(found.as('found'));
  const [row] = await runQuery<{ total: number }>(db, values, query);
  const total = row?.total ?? 0;
  return total > MOST_COUNTED ? { total: undefined, totalOver: MOST_COUNTED } : { total };
}

type SearchedPage = UserPage & { readonly hits: FilterHits };

/** Reads the users of each role in turn, until the page is full: each has an index in the order of ids. */
async function searchByRole(db: Database, org: OrgId, page: SearchedPage, now: string): Promise<FoundUsers> {
  const ladder = page.descending ? [...ROLES].reverse() : ROLES;
  const start = page.after === undefined ? 0 : ladder.indexOf(page.after.key as Role);
  const items: FoundUsers['items'][number][] = [];
  for (const [index, role] of ladder.slice(Math.max(start, 0)).entries()) {
    if (items.length >= page.limit || page.filter.role?.includes(role) === false) continue;
    const after = index === 0 ? page.after : undefined;
    const filter = { ...page.filter, role: [role] };
    const part = { ...page, sort: 'createdAt', filter, after, limit: page.limit - items.length } as const;
    const found = await searchSorted(db, org, part, now);
    items.push(...found.items.map((item) => ({ ...item, cursor: { key: role, id: item.id } })));
  }
  return { items, total: undefined };
}

type SortedPage = SearchedPage & { readonly sort: ColumnSort };

async function searchSorted(db: Database, org: OrgId, page: SortedPage, now: string): Promise<FoundUsers> {
  const { values, bind } = parameters(org, now);
  const { filter, descending } = page;
  const { column, type, nulls } = sorts[page.sort];
  const key = column ?? 'u.id';
  const query = builder({ u: 'users' })
    .select(builder.raw(directoryUser.columns('$2')))
    .select(builder.raw(`${type === 'timestamptz' ? timeText(key) : `${key}::text`} as "sortKey"`))
    .whereRaw('u.org_id = $1');
  applyFilter(query, filter, bind, page.hits);
  if (isWhole(filter) && page.after === undefined)
    query.select(builder.raw(`${counted('$1', 'users', '$1')} as total`));
  const order = { column, type, nulls: nullsIn(nulls, descending), id: 'u.id', descending };
  pageAfter(query, order, page.after, page.limit);
  type Row = DirectoryUserRow & { readonly sortKey: string | null; readonly total?: number };
  const rows = await runQuery<Row>(db, values, query);
  return {
    items: rows.map((row) => ({ ...directoryUser.toUser(row), cursor: { key: row.sortKey, id: row.id } })),
    total: rows[0]?.total,
  };
}

const timeText = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Where rows without a value are sorted: the index reads in both directions. */
function nullsIn(ascending: 'first' | 'last' | undefined, descending: boolean): 'first' | 'last' | undefined {
  if (ascending === undefined || !descending) return ascending;
  return ascending === 'first' ? 'last' : 'first';
}
