import type { GroupRecord } from '../../groups/group.ts';
import {
  firstMembers,
  type GroupRow,
  groupColumns,
  groupSource,
  toGroupRecord,
} from '../../groups/store/rows.ts';
import {
  groupsOfPage,
  type PagedUserRow,
  pagedUserColumns,
  type RecordRow,
  toUserRecord,
  toUserRecords,
  userColumns,
  userSource,
  userSourceById,
} from '../../users/store/rows.ts';
import type { UserRecord } from '../../users/user.ts';
import { groupSchema, userSchema } from './search-schemas.ts';
import type { SqlSchema } from './sql-schema.ts';

/** Members that a list shows of each group before it asks for the rest of them, group by group. */
const LISTED_MEMBERS = 100;

/** One kind of list: where its rows come from and what they become. */
export interface Listing<Row extends { readonly id: string }, Item> {
  readonly schema: SqlSchema;
  readonly columns: string;
  readonly source: string;
  readonly live: string;
  readonly total: 'users' | 'groups';
  /** A value that goes with the whole page, made of the common table `page`. */
  readonly shared?: string;
  readonly toItems: (rows: readonly Row[], shared: string | null) => Item[];
}

export const userListing: Listing<RecordRow, UserRecord> = {
  schema: userSchema,
  columns: userColumns,
  source: userSource,
  live: 'u.org_id = $1 and u.deleted_at is null',
  total: 'users',
  toItems: (rows) => rows.map(toUserRecord),
};

/** The same for a filter whose alternatives are looked up first. */
export const foundUserListing: Listing<RecordRow, UserRecord> = { ...userListing, source: userSourceById };

/** The same for many users: a group that they share is read once. */
export const userPageListing: Listing<PagedUserRow, UserRecord> = {
  ...userListing,
  columns: pagedUserColumns,
  shared: groupsOfPage,
  toItems: toUserRecords,
};

export const indexedUserPageListing: Listing<PagedUserRow, UserRecord> = {
  ...userPageListing,
  source: userSourceById,
};

export const groupListing: Listing<GroupRow, GroupRecord> = {
  schema: groupSchema,
  columns: groupColumns,
  source: groupSource,
  live: 'g.org_id = $1',
  total: 'groups',
  toItems: (rows) => rows.map((row) => toGroupRecord(row, 0)),
};

export const groupListingWithMembers: Listing<GroupRow, GroupRecord> = {
  ...groupListing,
  columns: `${groupColumns}, ${firstMembers(LISTED_MEMBERS)}`,
  toItems: (rows) => rows.map((row) => toGroupRecord(row, LISTED_MEMBERS)),
};
