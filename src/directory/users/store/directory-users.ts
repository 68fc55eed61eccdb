import type { Database } from '../../../platform/db/database.ts';
import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId, UserId } from '../../ids.ts';
import { ROLES } from '../../roles/rules/roles.ts';
import { type RightsRow, rightsColumns, toRights } from '../../roles/store.ts';
import { findTextHits, type TextHits } from '../../search/store/text-search.ts';
import { counted, displayNameKeyOf, displayNameOf, lockHolds } from '../../store/fragments.ts';
import type { DirectoryUser } from '../directory-user.ts';
import { toReference } from '../reference.ts';
import type { Role, UserSource } from '../user.ts';
import { conditionsOf, type UserFilter } from './filter.ts';

/** The columns of a User; `u` is users, `$1` the organization. */
const directoryUserColumns = (now: string) => `${rightsColumns(now)}, coalesce(u.email, u.user_name) as email,
  case when u.shared_email_key is not null then (
    select json_build_array('user', h.id, ${displayNameOf('h')}, coalesce(h.email, h.user_name))::text from users h
    where h.org_id = u.org_id and h.email_key = u.shared_email_key
  ) end as email_shared_with,
  ${displayNameOf('u')} as name, u.source, u.failed_logins,
  case when ${lockHolds(now)} then u.locked_at end as locked_at, u.last_login_at, u.last_active_at,
  u.created_at, u.updated_at, u.deleted_at, u.version,
  exists (select from user_links l where l.org_id = u.org_id and l.user_id = u.id) as managed,
  exists (
    select from user_links l join connections c on c.org_id = l.org_id and c.id = l.connection_id
    where l.org_id = u.org_id and l.user_id = u.id and c.role_source = 'scim_roles'
  ) as role_managed,
  (select json_build_array(c.email, c.expires_at)::text from email_changes c
    where c.org_id = u.org_id and c.user_id = u.id and c.expires_at > ${now}::timestamptz) as pending_email,
  case when u.status = 'pending' then (
    select json_build_array(i.id, i.expires_at)::text from invitations i
    where i.org_id = u.org_id and i.user_id = u.id and i.accepted_at is null and i.revoked_at is null
    order by i.id desc limit 1
  ) end as invitation`;

interface DirectoryUserRow extends RightsRow {
  readonly email: string;
  readonly email_shared_with: string | null;
  readonly name: string | null;
  readonly source: UserSource;
  readonly failed_logins: number;
  readonly locked_at: string | null;
  readonly last_login_at: string | null;
  readonly last_active_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly version: number;
  readonly managed: boolean;
  readonly role_managed: boolean;
  readonly pending_email: string | null;
  readonly invitation: string | null;
}

function toDirectoryUser(row: DirectoryUserRow): DirectoryUser {
  return {
    ...toRights(row),
    email: row.email,
    emailSharedWith: row.email_shared_with === null ? undefined : toReference(row.email_shared_with),
    name: row.name ?? undefined,
    source: row.source,
    managed: row.managed,
    isRoleManaged: row.role_managed,
    failedLogins: row.failed_logins,
    lockedAt: row.locked_at ?? undefined,
    lastLoginAt: row.last_login_at ?? undefined,
    lastActiveAt: row.last_active_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at ?? undefined,
    version: row.version,
    pendingEmail: toPendingEmail(row.pending_email),
    invitation: toInvitation(row.invitation),
  };
}

function toInvitation(text: string | null): DirectoryUser['invitation'] {
  if (text === null) return undefined;
  const [id, expiresAt] = JSON.parse(text) as [string, string];
  return { id, expiresAt: new Date(expiresAt).toISOString() };
}

function toPendingEmail(text: string | null): DirectoryUser['pendingEmail'] {
  if (text === null) return undefined;
  const [email, expiresAt] = JSON.parse(text) as [string, string];
  return { email, expiresAt: new Date(expiresAt).toISOString() };
}

const byId: Statement = {
  name: 'directory-user-by-id',
  text: `select ${directoryUserColumns('$3')} from users u where u.org_id = $1 and u.id = $2`,
};

/** One user, deleted or not. @param now ISO 8601 */
export async function findDirectoryUser(
  db: Executor,
  org: OrgId,
  id: UserId,
  now: string,
): Promise<DirectoryUser | undefined> {
  const [row] = await db.query<DirectoryUserRow>(byId, [org, id, now]);
  return row === undefined ? undefined : toDirectoryUser(row);
}

const byIds: Statement = {
  name: 'directory-users-by-ids',
  text: `select ${directoryUserColumns('$3')} from users u where u.org_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null`,
};

/** Several users in one query, unordered; missing ones are left out. @param now ISO 8601 */
export async function findDirectoryUsers(
  db: Executor,
  org: OrgId,
  ids: readonly UserId[],
  now: string,
): Promise<DirectoryUser[]> {
  return (await db.query<DirectoryUserRow>(byIds, [org, ids, now])).map(toDirectoryUser);
}

/** What users can be sorted by, and the column behind it. */
const sorts = {
  createdAt: { column: 'u.id', type: 'uuid', nulls: 'none' },
  name: { column: displayNameKeyOf('u'), type: 'text', nulls: 'last' },
  email: { column: 'u.email_key', type: 'text', nulls: 'last' },
  // Descending, users who never signed in come last: the index has that order.
  lastLoginAt: { column: 'u.last_login_at', type: 'timestamptz', nulls: 'first' },
  status: { column: 'u.status', type: 'text', nulls: 'none' },
} as const;

type ColumnSort = keyof typeof sorts;
/** By role means by the ladder, which is not how the texts sort. */
export type UserSort = ColumnSort | 'role';

/** Where a page of users begins: behind the row with these values. */
export interface UserCursor {
  readonly key: string | null;
  readonly id: string;
}

export type { UserFilter as PeopleFilter } from './filter.ts';

export interface UserPage {
  readonly filter: UserFilter;
  readonly sort: UserSort;
  readonly descending: boolean;
  readonly after: UserCursor | undefined;
  readonly limit: number;
}

export interface FoundUsers {
  readonly items: readonly (DirectoryUser & { readonly cursor: UserCursor })[];
  /** Known without counting, or not at all. */
  readonly total: number | undefined;
}

/** Searches users, planned for its values. Throws StatementTimeout after 10 s. @param now ISO 8601 */
export async function searchUsers(
  db: Database,
  org: OrgId,
  query: UserPage,
  now: string,
): Promise<FoundUsers> {
  const { text } = query.filter;
  const hits: TextHits = text === undefined ? [] : await findTextHits(db, org, text);
  const page = { ...query, hits };
  const { sort } = page;
  return sort === 'role' ? searchByRole(db, org, page, now) : searchSorted(db, org, { ...page, sort }, now);
}

type SearchedPage = UserPage & { readonly hits: TextHits };

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
  const values: unknown[] = [org, now];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const { column, type } = sorts[page.sort];
  const conditions = ['u.org_id = $1', ...conditionsOf(page.filter, bind, page.hits)];
  if (page.after !== undefined) conditions.push(behind(page, page.after, bind));
  const whole = conditions.length === 2 && page.filter.deleted !== true && page.filter.within === undefined;
  const direction = page.descending ? 'desc' : 'asc';
  const nulls = nullsOf(page) === undefined ? '' : `nulls ${nullsOf(page)}`;
  const order =
    column === 'u.id' ? `u.id ${direction}` : `${column} ${direction} ${nulls}, u.id ${direction}`;
  const total = whole ? `, ${counted('$1', 'users', '$1')} as total` : '';
  const text = `select ${directoryUserColumns('$2')}, ${type === 'timestamptz' ? `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` : `${column}::text`} as sort_key${total}
    from users u where ${conditions.join(' and ')} order by ${order} limit ${Math.trunc(page.limit)}`;
  type Row = DirectoryUserRow & { readonly sort_key: string | null; readonly total?: number };
  const rows = await db.search<Row>(text, values);
  return {
    items: rows.map((row) => ({ ...toDirectoryUser(row), cursor: { key: row.sort_key, id: row.id } })),
    total: rows[0]?.total,
  };
}

/** Where rows without a value are sorted: the index reads in both directions. */
function nullsOf({ sort, descending }: SortedPage): 'first' | 'last' | undefined {
  const { nulls } = sorts[sort];
  if (nulls === 'none') return undefined;
  return (nulls === 'last') === descending ? 'first' : 'last';
}

function behind(page: SortedPage, { key, id }: UserCursor, bind: (value: unknown) => string): string {
  const { column, type } = sorts[page.sort];
  const sign = page.descending ? '<' : '>';
  const last = `${bind(id)}::uuid`;
  if (column === 'u.id') return `u.id ${sign} ${last}`;
  const first = nullsOf(page) === 'first';
  if (key === null) {
    const rest = `(${column} is null and u.id ${sign} ${last})`;
    return first ? `(${rest} or ${column} is not null)` : rest;
  }
  const value = `${bind(key)}::${type}`;
  const beyond = `(${column} ${sign} ${value} or (${column} = ${value} and u.id ${sign} ${last}))`;
  // The range by itself is what the index can begin at.
  const range = `${column} ${sign}= ${value}`;
  if (sorts[page.sort].nulls === 'none') return `(${range} and ${beyond})`;
  return first ? `(${range} and ${beyond})` : `((${range} and ${beyond}) or ${column} is null)`;
}
