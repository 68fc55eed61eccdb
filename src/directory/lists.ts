import type { Database } from '../platform/db.ts';
import { StatementTimeout } from '../platform/unavailable.ts';
import { Refusal } from './errors.ts';
import type { GroupRecord, MemberPage } from './groups/group.ts';
import type { GroupId, UserId } from './ids.ts';
import { PageMemory } from './page-memory.ts';
import type { Page } from './predicate.ts';
import { type Access, accessOf } from './rights-of-users.ts';
import { findGroupRecord, findMembersAfter } from './store/group-rows.ts';
import { type Asker, createSearch, type Slice, type Start } from './store/search.ts';
import { findUserRecord } from './store/user-rows.ts';
import type { UserRecord } from './users/user.ts';

export type { Asker } from './store/search.ts';

export interface Listed<Item> {
  /** All that match, not only this page's. */
  readonly total: number;
  readonly items: readonly Item[];
}

/** The directory's questions. All of them throw DatabaseUnavailable if Postgres is away. */
export interface DirectoryQueries {
  findUser(asker: Asker, id: UserId): Promise<UserRecord | undefined>;
  /** @throws Refusal `too_costly` if no index serves the filter and the organization is large */
  listUsers(asker: Asker, page: Page): Promise<Listed<UserRecord>>;
  /** What some users may do at this moment. */
  accessOf(asker: Asker, ids: readonly UserId[]): Promise<ReadonlyMap<UserId, Access>>;
  findGroup(asker: Asker, id: GroupId, members: boolean): Promise<GroupRecord | undefined>;
  /** @throws Refusal `too_costly` */
  listGroups(asker: Asker, page: Page, members: boolean): Promise<Listed<GroupRecord>>;
  /** All members of a group, page by page, beginning with the page that is already there. */
  memberPages(asker: Asker, group: GroupId, first: MemberPage): AsyncIterable<MemberPage['items']>;
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
    asker: Asker,
    page: Page,
    find: (start: Start) => Promise<Slice<Item>>,
    count: () => Promise<number>,
  ): Promise<Listed<Item>> => {
    if (page.limit === 0) return { total: await count(), items: [] };
    const key = JSON.stringify([name, asker.org, asker.connection, page.where, page.sort]);
    const known = memory.recall(key, page.offset);
    const start =
      page.sort === undefined && known?.after !== undefined
        ? { after: known.after }
        : { offset: page.offset };
    const { items, total: told } = await find(start);
    const last = items.at(-1);
    if (last === undefined) return { total: page.offset === 0 ? 0 : await count(), items };
    const end = page.offset + items.length;
    if (items.length < page.limit) return { total: end, items };
    const total = Math.max(end, told ?? known?.total ?? (await count()));
    memory.remember(key, end, last.id, total);
    return { total, items };
  };

  return {
    findUser: (asker, id) => findUserRecord(db, asker.org, asker.connection, id),

    accessOf: ({ org }, ids) => accessOf(db, org, ids, now().toISOString()),

    listUsers: (asker, page) =>
      inTime(
        () => search.isCostly(asker, page),
        list(
          'users',
          asker,
          page,
          (start) => search.users(asker, page, start),
          () => search.countUsers(asker, page),
        ),
      ),

    findGroup: (asker, id, members) => findGroupRecord(db, asker.org, asker.connection, id, members),

    listGroups: (asker, page, members) =>
      inTime(
        () => search.isCostly(asker, page),
        list(
          'groups',
          asker,
          page,
          (start) => search.groups(asker, page, start, members),
          () => search.countGroups(asker, page),
        ),
      ),

    memberPages: async function* (asker, group, first) {
      yield first.items;
      for (let page = first; page.more; ) {
        const last = page.items.at(-1);
        if (last === undefined) return;
        page = await findMembersAfter(db, asker.org, group, last.id);
        yield page.items;
      }
    },
  };
}

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
    throw new Refusal(
      'too_costly',
      'The filter takes too long to search: add a condition on userName, externalId, an e-mail or id.',
    );
  }
}
