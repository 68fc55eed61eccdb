import { type ListedInvitation, listInvitations } from '../../invitations/store.ts';
import type { Database } from '../../platform/db/database.ts';
import type { OrgId, UserId } from '../ids.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import { forbidden, mayRead, requirePermission, userNotFound } from '../roles/rules/guards.ts';
import type { UserFilter } from './store/filter.ts';
import { countUsers, type FoundUsers, searchUsers, type UserPage } from './store/list.ts';
import { type DirectoryProfile, findDirectoryProfile } from './store/profiles.ts';
import { findDirectoryUser } from './store/users.ts';
import type { DirectoryUser } from './user.ts';

export type { UserSort } from './store/list.ts';
export type { DirectoryProfile } from './store/profiles.ts';

export interface UserQueries {
  /**
   * A page of the users that the caller may see (R60, R61, R63 to R70).
   * @param counts whether users are counted where it is not known without
   * @throws DomainError `forbidden`
   */
  list(by: Authority, page: UserPage, counts?: boolean): Promise<FoundUsers>;
  /** @throws DomainError `not_found`, also for a user that the caller may not see */
  get(by: Authority, id: UserId): Promise<DirectoryUser>;
  /** One user's profile as directories provisioned it. @throws DomainError as `get` */
  directoryProfile(by: Authority, id: UserId): Promise<DirectoryProfile>;
  /** The user of the current session or of an accepted invitation. */
  self(org: OrgId, id: UserId): Promise<DirectoryUser>;
  /** Pending invitations of users that the caller manages. */
  invitations(by: Authority, after: string | undefined, limit: number): Promise<ListedInvitation[]>;
}

/** Builds the questions about users. */
export function createUserQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): UserQueries {
  const get: UserQueries['get'] = async (by, id) => {
    const user = await findDirectoryUser(db, by.org, id, now().toISOString());
    if (user === undefined || !mayRead(by, 'users:read', user)) throw userNotFound();
    if (user.deletedAt !== undefined && scopeOf(by, 'users:delete') !== 'all') throw userNotFound();
    return user;
  };
  return {
    get,

    directoryProfile: async (by, id) => {
      await get(by, id);
      return findDirectoryProfile(db, by.org, id);
    },

    list: async (by, page, counts = false) => {
      const filter = { ...page.filter, within: visibilityOf(by) };
      const at = now().toISOString();
      const found = await searchUsers(db, by.org, { ...page, filter }, at);
      if (!counts || found.total !== undefined) return found;
      return { ...found, ...(await countUsers(db, by.org, filter, at)) };
    },

    self: async (org, id) => {
      const user = await findDirectoryUser(db, org, id, now().toISOString());
      if (user === undefined) throw userNotFound();
      return user;
    },

    invitations: async (by, after, limit) => {
      const scope = requirePermission(by, 'users:manage');
      const groups = scope === 'all' ? undefined : [...managedGroups(by.rights)];
      return listInvitations(db, by.org, { after, limit, groups });
    },
  };
}

/** The users that the caller may see; undefined means all. */
export function visibilityOf(by: Authority): UserFilter['within'] {
  const scope = scopeOf(by, 'users:read');
  if (scope === 'all') return undefined;
  if (scope === 'none') throw forbidden();
  return { groups: scope === 'group' ? [...managedGroups(by.rights)] : [], self: by.rights.id };
}
