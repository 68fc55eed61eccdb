import type { Database } from '../../platform/db/database.ts';
import { StatementTimeout } from '../../platform/db/unavailable.ts';
import { DomainError } from '../errors.ts';
import type { GroupRecord, MemberPage } from '../groups/group.ts';
import { findGroupRecord, findMembersAfter } from '../groups/store/rows.ts';
import type { GroupId, UserId } from '../ids.ts';
import { type Access, accessOf } from '../roles/rights-of-users.ts';
import { findUserRecord } from '../users/store/users.ts';
import type { UserRecord } from '../users/user.ts';
import { PageMemory } from './page-memory.ts';
import type { Page, Position } from './predicate.ts';
import { simplify } from './simplify.ts';
import type { Start } from './store/keyset.ts';
import { createSearch, type Slice, type Viewer } from './store/search.ts';

export type { Viewer } from './store/search.ts';

export interface Listed<Item> {
  /** All that match, not only this page's. */
  readonly total: number;
  readonly items: readonly Item[];
}

/** A page that starts after a position. */
export interface ListedAfter<Item> {
  /** All that match; undefined where that would have to be counted for a page other than the first. */
  readonly total: number | undefined;
  readonly items: readonly Item[];
  /** The last item's position if there are more; undefined on the last page. */
  readonly next: Position | undefined;
}

/** The directory's questions. All of them throw DatabaseUnavailable if Postgres is away. */
export interface DirectoryQueries {
  findUser(viewer: Viewer, id: UserId): Promise<UserRecord | undefined>;
  /** @throws DomainError `too_costly` if no index serves the filter and the organization is large */
  listUsers(viewer: Viewer, page: Page): Promise<Listed<UserRecord>>;
  /** What some users may do at this moment. */
  accessOf(viewer: Viewer, ids: readonly UserId[]): Promise<ReadonlyMap<UserId, Access>>;
  /**
   * A page that starts after a position of the same filter and order, whatever was created or deleted since; without a
   * position, the first. The offset of `page` does not count.
   * @throws DomainError `too_costly`
   */
  listUsersAfter(viewer: Viewer, page: Page, after: Position | undefined): Promise<ListedAfter<UserRecord>>;
  findGroup(viewer: Viewer, id: GroupId, members: boolean): Promise<GroupRecord | undefined>;
  /** @throws DomainError `too_costly` */
  listGroups(viewer: Viewer, page: Page, members: boolean): Promise<Listed<GroupRecord>>;
  /** The same as `listUsersAfter`. @throws DomainError `too_costly` */
  listGroupsAfter(
    viewer: Viewer,
    page: Page,
    members: boolean,
    after: Position | undefined,
  ): Promise<ListedAfter<GroupRecord>>;
  /** All members of a group, page by page, beginning with the page that is already there. */
  memberPages(viewer: Viewer, group: GroupId, first: MemberPage): AsyncIterable<MemberPage['items']>;
}

/** Builds the directory's questions. */
export function createQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): DirectoryQueries {
  const search = createSearch(db);
  const memory = new PageMemory(() => now().getTime());

  const list = async <Item extends { readonly id: string }>(
    name: string,
    viewer: Viewer,
    page: Page,
    find: (start: Start) => Promise<Slice<Item>>,
    count: () => Promise<number>,
  ): Promise<Listed<Item>> => {
    if (page.limit === 0) return { total: await count(), items: [] };
    const keyOf = () => JSON.stringify([name, viewer.org, viewer.connection, page.where, page.sort]);
    const known = page.offset === 0 ? undefined : memory.recall(keyOf(), page.offset);
    const isContinued = page.offset === 0 || known?.after !== undefined;
    const start = isContinued ? { after: known?.after } : { offset: page.offset };
    const { items, keys, total: reportedTotal } = await find(start);
    const last = items.at(-1);
    if (last === undefined) return { total: page.offset === 0 ? 0 : await count(), items };
    const end = page.offset + items.length;
    if (items.length < page.limit) return { total: end, items };
    const total = Math.max(end, reportedTotal ?? known?.total ?? (await count()));
    memory.remember(keyOf(), end, { id: last.id, key: keys[items.length - 1] }, total);
    return { total, items };
  };

  /** One row more than the page holds tells whether another page follows. */
  const listAfter = async <Item extends { readonly id: string }>(
    page: Page,
    after: Position | undefined,
    find: (page: Page, start: Start) => Promise<Slice<Item>>,
    count: () => Promise<number>,
  ): Promise<ListedAfter<Item>> => {
    if (page.limit === 0) return { total: await count(), items: [], next: undefined };
    const found = await find({ ...page, limit: page.limit + 1 }, { after });
    const items = found.items.slice(0, page.limit);
    const last = found.items.length > page.limit ? items.at(-1) : undefined;
    if (last === undefined) {
      return { total: after === undefined ? items.length : found.total, items, next: undefined };
    }
    const total = found.total ?? (after === undefined ? await count() : undefined);
    return { total, items, next: { id: last.id, key: found.keys[items.length - 1] } };
  };

  return {
    findUser: (viewer, id) => findUserRecord(db, viewer.org, viewer.connection, id),

    accessOf: ({ org }, ids) => accessOf(db, org, ids, now().toISOString()),

    listUsers: (viewer, given) => {
      const page = simplified(given, 'User');
      return inTime(
        () => search.isCostly(viewer, page),
        list(
          'users',
          viewer,
          page,
          (start) => search.users(viewer, page, start),
          () => search.countUsers(viewer, page),
        ),
      );
    },

    listUsersAfter: (viewer, given, after) => {
      const page = simplified(given, 'User');
      return inTime(
        () => search.isCostly(viewer, page),
        listAfter(
          page,
          after,
          (longer, start) => search.users(viewer, longer, start),
          () => search.countUsers(viewer, page),
        ),
      );
    },

    findGroup: (viewer, id, members) => findGroupRecord(db, viewer.org, viewer.connection, id, members),

    listGroups: (viewer, given, members) => {
      const page = simplified(given, 'Group');
      return inTime(
        () => search.isCostly(viewer, page),
        list(
          'groups',
          viewer,
          page,
          (start) => search.groups(viewer, page, start, members),
          () => search.countGroups(viewer, page),
        ),
      );
    },

    listGroupsAfter: (viewer, given, members, after) => {
      const page = simplified(given, 'Group');
      return inTime(
        () => search.isCostly(viewer, page),
        listAfter(
          page,
          after,
          (longer, start) => search.groups(viewer, longer, start, members),
          () => search.countGroups(viewer, page),
        ),
      );
    },

    memberPages: async function* (viewer, group, first) {
      yield first.items;
      for (let page = first; page.more; ) {
        const last = page.items.at(-1);
        if (last === undefined) return;
        page = await findMembersAfter(db, viewer.org, group, last.id);
        yield page.items;
      }
    },
  };
}

const simplified = (page: Page, kind: 'User' | 'Group'): Page => ({
  ...page,
  where: simplify(page.where, { kind, baseUrl: page.baseUrl }),
});

/**
 * A search that ran into its time limit is the client's to change only if its filter is the reason: it would be in a
 * large organization. Elsewhere the database was busy, and the same request is right in a moment. (A search that waits
 * for a lock ends before this limit, as unavailable.)
 */
async function inTime<Result>(isCostly: () => Promise<boolean>, search: Promise<Result>): Promise<Result> {
  try {
    return await search;
  } catch (error) {
    if (!(error instanceof StatementTimeout) || !(await isCostly())) throw error;
    throw new DomainError(
      'too_costly',
      'The filter takes too long to search: add a condition on userName, externalId, an e-mail or id.',
    );
  }
}
