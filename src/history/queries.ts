import { findNames, type PartyName } from '../audit/store/names.ts';
import { DomainError } from '../directory/errors.ts';
import type { GroupGrant } from '../directory/groups/store/grants.ts';
import { isVisible } from '../directory/groups/visibility.ts';
import type { GroupId, OrgId, UserId } from '../directory/ids.ts';
import { type Authority, managedGroups, scopeOf } from '../directory/roles/authority.ts';
import { forbidden, mayRead, userNotFound } from '../directory/roles/rules/guards.ts';
import { findDirectoryUser } from '../directory/users/store/users.ts';
import type { Database } from '../platform/db/database.ts';
import { requireMoment, type Span } from './moments.ts';
import { grantsAt, type PastRights, rightsAt } from './rules/past-user.ts';
import { findCompleteSince } from './store/snapshot.ts';
import {
  type GroupFilter,
  isKnownUser,
  listElevationsAt,
  listGroupsAt,
  listMembersAt,
  listMembershipsAt,
  listUsersAt,
  type Moment,
  type PastGroupRow,
  type PastMemberRow,
  type PastUserRow,
  type UserFilter,
} from './store/states.ts';

/** Something as of a moment, and from when on history is complete; times are ISO 8601. */
export interface Past<Value> {
  readonly value: Value;
  readonly asOf: string;
  readonly completeSince: string;
}

/** Names of today, by id; who was erased has none. */
export type Names = ReadonlyMap<string, PartyName>;

export interface PastUsers {
  readonly users: readonly PastRights[];
  readonly names: Names;
}

export interface PastMembers {
  readonly members: readonly PastMemberRow[];
  readonly names: Names;
}

interface Page {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface HistoryReader {
  /** From when on history is complete; undefined while its beginning is being written. */
  completeSince(org: OrgId): Promise<string | undefined>;
  /** @throws DomainError `in_the_future`, `before_history`, `history_incomplete` */
  requireSpan(org: OrgId, span: Span): Promise<string>;
  /** @throws DomainError `not_found`, also for a user that the caller may not see */
  requireVisibleUser(by: Authority, user: UserId): Promise<void>;
  /** Users as of a moment (R149), in the order of their ids. @throws DomainError `forbidden`, and those of moments */
  users(
    by: Authority,
    asOf: string,
    filter: Pick<UserFilter, 'status' | 'role' | 'deleted'>,
    page: Page,
  ): Promise<Past<PastUsers>>;
  /** One user as of a moment. @throws DomainError `not_found`, and those of moments */
  user(by: Authority, id: UserId, asOf: string): Promise<Past<PastRights & { readonly names: Names }>>;
  /** What a user could do. @throws DomainError as `user` */
  permissions(
    by: Authority,
    id: UserId,
    asOf: string,
  ): Promise<Past<PastRights & { readonly given: readonly GroupGrant[] }>>;
  /** Groups as of a moment, in the order of their ids. @throws DomainError `forbidden`, and those of moments */
  groups(
    by: Authority,
    asOf: string,
    filter: Pick<GroupFilter, 'role' | 'source'>,
    page: Page,
  ): Promise<Past<readonly PastGroupRow[]>>;
  /** @throws DomainError `not_found`, and those of moments */
  group(by: Authority, id: GroupId, asOf: string): Promise<Past<PastGroupRow>>;
  /** @throws DomainError as `group` */
  members(by: Authority, id: GroupId, asOf: string, page: Page): Promise<Past<PastMembers>>;
  /** All users of an organization as of a moment, in batches: for whoever may read all of it. */
  allUsers(moment: Moment): AsyncIterable<readonly PastRights[]>;
}

const BATCH = 500;

/** Builds the questions about the state of a moment. */
export function createHistoryReader({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): HistoryReader {
  const momentOf = async (org: OrgId, asOf: string): Promise<string> =>
    requireMoment(asOf, await findCompleteSince(db, org), now());

  const rightsOf = async (moment: Moment, rows: readonly PastUserRow[]): Promise<PastRights[]> => {
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    const [memberships, elevations] = await Promise.all([
      listMembershipsAt(db, moment, ids),
      listElevationsAt(db, moment, ids),
    ]);
    return rightsAt(rows, memberships, elevations);
  };

  const requireVisibleUser = async (by: Authority, user: UserId): Promise<void> => {
    if (readsAll(by)) {
      if (!(await isKnownUser(db, by.org, user))) throw userNotFound();
      return;
    }
    const found = await findDirectoryUser(db, by.org, user, now().toISOString());
    if (found === undefined || found.deletedAt !== undefined) throw userNotFound();
    if (
      found.id !== by.rights.id &&
      (!mayRead(by, 'users:read', found) || scopeOf(by, 'users:read') === 'all')
    ) {
      throw userNotFound();
    }
  };

  const one = async (by: Authority, id: UserId, asOf: string): Promise<Past<PastRights>> => {
    await requireVisibleUser(by, id);
    const completeSince = await momentOf(by.org, asOf);
    const moment = { org: by.org, asOf };
    const rows = await listUsersAt(db, moment, { ids: [id], deleted: true }, { after: undefined, limit: 1 });
    const [value] = await rightsOf(moment, rows);
    if (value === undefined || (value.row.state.deletedAt !== null && !readsAll(by))) {
      throw new DomainError('not_found', 'There was no such user at that time.');
    }
    return { value, asOf, completeSince };
  };

  const requireGroup = async (by: Authority, id: GroupId, asOf: string): Promise<Past<PastGroupRow>> => {
    if (!seesGroup(by, id)) throw groupNotThere();
    const completeSince = await momentOf(by.org, asOf);
    const page = { after: undefined, limit: 1 };
    const [value] = await listGroupsAt(db, { org: by.org, asOf }, { among: [id] }, page);
    if (value === undefined) throw groupNotThere();
    return { value, asOf, completeSince };
  };

  return {
    completeSince: (org) => findCompleteSince(db, org),

    requireSpan: async (org, { from, to }) => {
      await momentOf(org, to);
      return momentOf(org, from);
    },

    requireVisibleUser,

    users: async (by, asOf, filter, page) => {
      const within = visibleUsers(by);
      const completeSince = await momentOf(by.org, asOf);
      const moment = { org: by.org, asOf };
      const users = await rightsOf(moment, await listUsersAt(db, moment, { ...filter, within }, page));
      const names = await findNames(
        db,
        by.org,
        users.map(({ row }) => row.id),
      );
      return { value: { users, names }, asOf, completeSince };
    },

    user: async (by, id, asOf) => {
      const { value, ...past } = await one(by, id, asOf);
      return { ...past, value: { ...value, names: await findNames(db, by.org, [id]) } };
    },

    permissions: async (by, id, asOf) => {
      const { value, ...past } = await one(by, id, asOf);
      const resources = value.memberships.flatMap(({ grants }) =>
        (grants ?? []).flatMap(({ resourceId }) => resourceId ?? []),
      );
      const names = await findNames(db, by.org, [...new Set(resources)]);
      const given = grantsAt(value, (resource) => names.get(resource)?.name ?? null);
      return { ...past, value: { ...value, given } };
    },

    groups: async (by, asOf, filter, page) => {
      const scope = scopeOf(by, 'groups:members');
      if (scope !== 'group' && !readsAll(by)) throw forbidden();
      const among = readsAll(by) ? undefined : [...managedGroups(by.rights)];
      const completeSince = await momentOf(by.org, asOf);
      const value = await listGroupsAt(db, { org: by.org, asOf }, { ...filter, among }, page);
      return { value, asOf, completeSince };
    },

    group: requireGroup,

    members: async (by, id, asOf, page) => {
      const { completeSince } = await requireGroup(by, id, asOf);
      const members = await listMembersAt(db, { org: by.org, asOf }, id, page);
      const names = await findNames(
        db,
        by.org,
        members.map(({ id: member }) => member),
      );
      return { value: { members, names }, asOf, completeSince };
    },

    allUsers: async function* (moment) {
      for (let after: string | undefined; ; ) {
        const rows = await listUsersAt(db, moment, {}, { after, limit: BATCH });
        if (rows.length > 0) yield await rightsOf(moment, rows);
        if (rows.length < BATCH) return;
        after = rows.at(-1)?.id;
      }
    },
  };
}

/** Whether the caller may read the past of the whole organization. */
const readsAll = (by: Authority): boolean => scopeOf(by, 'audit:read') === 'all';

/** Users whose past the caller may see: undefined means all; a manager those who are in their groups now. */
function visibleUsers(by: Authority): UserFilter['within'] {
  if (readsAll(by)) return undefined;
  const scope = scopeOf(by, 'users:read');
  if (scope === 'none' || scope === 'all') throw forbidden();
  return { groups: scope === 'group' ? [...managedGroups(by.rights)] : [], self: by.rights.id };
}

/** A manager sees the past of the groups that they manage now. */
const seesGroup = (by: Authority, id: GroupId): boolean =>
  readsAll(by) || (scopeOf(by, 'groups:members') === 'group' && isVisible(by, id));

const groupNotThere = () => new DomainError('not_found', 'There was no such group at that time.');
