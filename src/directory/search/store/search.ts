import { createHash } from 'node:crypto';
import type { Database } from '../../../platform/db/database.ts';
import { DomainError } from '../../errors.ts';
import type { GroupRecord } from '../../groups/group.ts';
import { groupSource, groupSourceById } from '../../groups/store/rows.ts';
import type { ConnectionId, OrgId } from '../../ids.ts';
import { counted } from '../../store/fragments.ts';
import type { UserRecord } from '../../users/user.ts';
import type { Page } from '../predicate.ts';
import { findByEmailPart } from './email-parts.ts';
import { findGroupPage } from './group-pages.ts';
import { countByIndex, groupOf } from './index-counts.ts';
import { isIndexed, type KeysetPart, orderBy, partsOf, type Start, sortKey } from './keyset.ts';
import {
  foundUserListing,
  groupListing,
  groupListingWithMembers,
  indexedUserPageListing,
  type Listing,
  userListing,
  userPageListing,
} from './listings.ts';
import { findByNamePart } from './name-parts.ts';
import { predicateSql } from './predicate-sql.ts';
import { asksUnindexed, comparesExternalId, isLookup, mayScan } from './search-cost.ts';
import { BASE } from './search-schemas.ts';
import type { Bindings, SqlSchema } from './sql-schema.ts';
import { CommonConditions, countByTerms, findByTerms, type TermPage } from './term-search.ts';

/** What a row of a page has besides its own columns. */
interface PageColumns {
  readonly total?: number;
  readonly shared?: string | null;
  readonly sortKey?: string | null;
}

/** Who calls: the organization that is searched, and the connection whose external ids are meant. */
export interface Viewer {
  readonly org: OrgId;
  readonly connection: ConnectionId;
}

/** The rows of a page. */
export interface Slice<Item> {
  readonly items: readonly Item[];
  /** What the items are sorted by, if the page starts after a position and is sorted. */
  readonly keys: readonly (string | null | undefined)[];
  /** All there are, if the statement could tell for nothing: without a filter, a counter knows. */
  readonly total: number | undefined;
}

export interface Search {
  users(viewer: Viewer, page: Page, start: Start): Promise<Slice<UserRecord>>;
  groups(viewer: Viewer, page: Page, start: Start, members: boolean): Promise<Slice<GroupRecord>>;
  countUsers(viewer: Viewer, page: Page): Promise<number>;
  countGroups(viewer: Viewer, page: Page): Promise<number>;
  /** Whether a page may take as long as a statement is given also while nothing else runs. */
  isCostly(viewer: Viewer, page: Page): Promise<boolean>;
}

/** Users of an organization that a filter or an order without an index searches in time: it takes 1 to 3 seconds. */
const SEARCHABLE_USERS = 1_000_000;

/** Users of an organization that are sorted by what no index has: it takes up to half a second. */
const SORTABLE_USERS = 100_000;

/** Users of an organization whose documents are searched for what no index has: it takes up to two seconds. */
const UNINDEXED_USERS = 250_000;

/** Shapes of lookups that stay prepared on each pipelined connection; clients send a handful. */
const MAX_PREPARED = 256;

/**
 * Builds the search over users and groups.
 * Its methods throw StatementTimeout if a filter that no index serves takes too long.
 */
export function createSearch(db: Database): Search {
  const names = new Map<string, string>();
  const common = new CommonConditions();

  /**
   * A lookup by a key that finds a row or two runs prepared on a pipelined connection. A page of a list is prepared, too, but has a
   * connection of its own, and so has whatever may scan, which is planned for its values.
   */
  const run = <Row extends object>(page: Page, text: string, values: unknown[]): Promise<Row[]> => {
    if (mayScan(page)) return db.search(text, values);
    let name = names.get(text);
    if (name === undefined) {
      if (names.size >= MAX_PREPARED) return db.search(text, values);
      // By the text: a dry run has a search of its own on a connection on which another's statements are prepared.
      name = `search-${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
      names.set(text, name);
    }
    return db.query({ name, text, long: page.where === undefined }, values);
  };

  const read = async <Row extends { readonly id: string }, Item>(
    listing: Listing<Row, Item>,
    { org, connection }: Viewer,
    page: Page,
    start: Start,
    part: KeysetPart,
    among?: readonly string[],
  ): Promise<Slice<Item>> => {
    const { values, bindings } = collect([org, connection]);
    const conditions = [
      listing.live,
      ...(among === undefined ? [] : [`${listing.schema.alias}.id = any(${bindings.bind(among)}::uuid[])`]),
      ...where(page, listing.schema, bindings),
      ...part(bindings),
    ];
    // A number of ours, not a binding: a generic plan that does not know it joins all of the links for a page.
    const limit = `limit ${Math.trunc(page.limit)}`;
    const offset =
      'offset' in start && start.offset > 0 ? `offset ${bindings.bind(start.offset)}::bigint` : '';
    const total = page.where === undefined ? `, ${counted('$1', listing.total, '$1')} as total` : '';
    const key = sortKey(page, listing.schema, start);
    const shownKey = key !== undefined && 'after' in start ? `, (${key})::text as "sortKey"` : '';
    const rowsText = `select ${listing.columns}${total}${shownKey} from ${listing.source}
      where ${conditions.join(' and ')} order by ${orderBy(page, listing.schema, key)} ${limit} ${offset}`;
    const text =
      listing.shared === undefined
        ? rowsText
        : `with page as materialized (${rowsText})
          select page.*, case when row_number() over () = 1 then ${listing.shared} end as shared from page`;
    const rows = await run<Row & PageColumns>(page, text, values);
    return {
      items: listing.toItems(rows, rows[0]?.shared ?? null),
      keys: rows.map((row) => row.sortKey),
      total: rows[0]?.total,
    };
  };

  const find = async <Row extends { readonly id: string }, Item>(
    listing: Listing<Row, Item>,
    viewer: Viewer,
    page: Page,
    start: Start,
    among?: readonly string[],
  ): Promise<Slice<Item>> => {
    const parts = partsOf(start, page, listing.schema);
    let found: Slice<Item> = { items: [], keys: [], total: undefined };
    for (const part of parts) {
      const limit = page.limit - found.items.length;
      if (limit === 0) break;
      const { items, keys, total } = await read(listing, viewer, { ...page, limit }, start, part, among);
      found = {
        items: [...found.items, ...items],
        keys: [...found.keys, ...keys],
        total: found.total ?? total,
      };
    }
    return found;
  };

  const count = async <Row extends { readonly id: string }, Item>(
    listing: Listing<Row, Item>,
    { org, connection }: Viewer,
    page: Page,
    among?: readonly string[],
  ): Promise<number> => {
    if (page.where === undefined) {
      const text = `select ${counted('$1', listing.total, '$1')} as total`;
      const [row] = await db.query<{ total: number }>({ name: `total-${listing.total}`, text }, [org]);
      return row?.total ?? 0;
    }
    const { values, bindings } = collect([org, connection]);
    const conditions = [
      listing.live,
      ...(among === undefined ? [] : [`${listing.schema.alias}.id = any(${bindings.bind(among)}::uuid[])`]),
      ...where(page, listing.schema, bindings),
    ];
    const text = `select count(*) as total from ${listing.source} where ${conditions.join(' and ')}`;
    const [row] = await db.search<{ total: number }>(text, values);
    return row?.total ?? 0;
  };

  const candidatesOf = async ({ org }: Viewer, page: Page, start: Start): Promise<TermPage | undefined> => {
    const found = await findByTerms(db, org, page, start, common);
    if (found !== undefined || page.where === undefined) return found;
    const ids = (await findByEmailPart(db, org, page.where)) ?? (await findByNamePart(db, org, page.where));
    return ids && { isPage: false, ids, total: undefined };
  };

  /** @returns undefined if neither the terms of documents nor the keys of addresses tell who may be on the page */
  const findUsersByTerms = async (
    viewer: Viewer,
    page: Page,
    start: Start,
  ): Promise<Slice<UserRecord> | undefined> => {
    const found = await candidatesOf(viewer, page, start);
    if (found === undefined) return undefined;
    const { isPage, ids, total } = found;
    if (ids.length === 0) return { items: [], keys: [], total };
    if (!isPage) return { ...(await find(indexedUserPageListing, viewer, page, start, ids)), total };
    const slice = await find(indexedUserPageListing, viewer, page, { offset: 0 }, ids);
    // Fewer if one was changed or deleted meanwhile.
    return slice.items.length === ids.length ? { ...slice, total } : undefined;
  };

  /** @returns undefined if the filter is not for the members of a group, or the list is sorted */
  const findUsersByGroup = async (
    viewer: Viewer,
    page: Page,
    start: Start,
  ): Promise<Slice<UserRecord> | undefined> => {
    const group = page.where === undefined || page.sort !== undefined ? undefined : groupOf(page.where);
    if (group === undefined) return undefined;
    const ids = await findGroupPage(db, viewer.org, group, page, start);
    if (ids.length === 0) return { items: [], keys: [], total: undefined };
    const slice = await find(
      indexedUserPageListing,
      viewer,
      { ...page, where: undefined },
      { offset: 0 },
      ids,
    );
    return slice.items.length === ids.length ? { ...slice, total: undefined } : undefined;
  };

  /** @throws DomainError `too_costly` if the organization is too large to be read whole for the page */
  const requireIndex = async (viewer: Viewer, page: Page): Promise<void> => {
    const isSortIndexed = isIndexed(page, { after: undefined });
    if (isSortIndexed && !(page.where !== undefined && asksUnindexed(page.where))) return;
    const all = await count(userListing, viewer, { ...page, where: undefined });
    if (!isSortIndexed && all > SORTABLE_USERS) {
      throw new DomainError(
        'too_costly',
        `More than ${SORTABLE_USERS} users can be sorted by userName or displayName only: use one of these, or leave sortBy out.`,
      );
    }
    if (all <= UNINDEXED_USERS) return;
    throw new DomainError(
      'too_costly',
      `Among more than ${UNINDEXED_USERS} users no index serves this comparison: use eq or pr, or add a condition that few users fulfil.`,
    );
  };

  const countUsers = async (viewer: Viewer, page: Page): Promise<number> => {
    const { where: predicate } = page;
    if (predicate === undefined || isLookup(predicate)) return count(userListing, viewer, page);
    if (predicate.kind === 'not') {
      const all = await count(userListing, viewer, { ...page, where: undefined });
      return all - (await countUsers(viewer, { ...page, where: predicate.operand }));
    }
    if (
      predicate.kind === 'compare' &&
      predicate.field.kind === 'named' &&
      predicate.field.name === 'active'
    ) {
      // An index has those who are not.
      if (predicate.value === false) return count(userListing, viewer, page);
      return countUsers(viewer, { ...page, where: { kind: 'not', operand: { ...predicate, value: false } } });
    }
    const indexed = await countByIndex(db, viewer.org, viewer.connection, predicate);
    if (indexed !== undefined) return indexed;
    const known = await countByTerms(db, viewer.org, predicate);
    if (known !== undefined) {
      const { hits, unindexed } = known;
      return hits + (unindexed.length === 0 ? 0 : await count(foundUserListing, viewer, page, unindexed));
    }
    const candidates = await candidatesOf(viewer, { ...page, limit: 0 }, { offset: 0 });
    if (candidates === undefined) await requireIndex(viewer, { ...page, sort: undefined });
    return count(userListing, viewer, page, candidates?.ids);
  };

  return {
    users: async (viewer, page, start) => {
      if (page.where === undefined || !isLookup(page.where)) {
        const found =
          (await findUsersByGroup(viewer, page, start)) ?? (await findUsersByTerms(viewer, page, start));
        if (found !== undefined) return found;
        await requireIndex(viewer, page);
        const isLinkedLast = page.where === undefined || !comparesExternalId(page.where);
        const listing = isLinkedLast && isIndexed(page, start) ? indexedUserPageListing : userPageListing;
        return find(listing, viewer, page, start);
      }
      const hasAlternatives = page.where.kind === 'or' || page.where.kind === 'among';
      return find(hasAlternatives ? foundUserListing : userListing, viewer, page, start);
    },
    groups: (viewer, page, start, members) => {
      const listing = members ? groupListingWithMembers : groupListing;
      const source = isIndexed(page, start) ? groupSourceById : groupSource;
      return find({ ...listing, source }, viewer, page, start);
    },
    countUsers,
    countGroups: (viewer, page) => count(groupListing, viewer, page),
    isCostly: async ({ org, connection }, page) => {
      if (!mayScan(page)) return false;
      const everybody = { where: undefined, sort: undefined, offset: 0, limit: 0, baseUrl: '' };
      return (await count(userListing, { org, connection }, everybody)) > SEARCHABLE_USERS;
    },
  };
}

function where(page: Page, schema: SqlSchema, bindings: Bindings): string[] {
  if (page.where === undefined) return [];
  const sql = predicateSql(page.where, schema, bindings);
  return [sql.includes(BASE) ? sql.replaceAll(BASE, `${bindings.bind(page.baseUrl)}::text`) : sql];
}

function collect(first: readonly unknown[]): { values: unknown[]; bindings: Bindings } {
  const values = [...first];
  return { values, bindings: { bind: (value) => `$${values.push(value)}` } };
}
