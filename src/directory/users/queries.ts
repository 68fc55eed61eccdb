import { type ListedInvitation, listInvitations } from '../../invitations/store.ts';
import type { Database } from '../../platform/db/database.ts';
import type { OrgId, UserId } from '../ids.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import { forbidden, mayRead, requirePermission, userNotFound } from '../roles/rules/guards.ts';
import type { Person } from './person.ts';
import {
  type FoundPeople,
  findPerson,
  type PeopleFilter,
  type PeoplePage,
  searchPeople,
} from './store/people.ts';
import { type DirectoryProfile, findDirectoryProfile } from './store/profiles.ts';

export type { PersonSort } from './store/people.ts';
export type { DirectoryProfile } from './store/profiles.ts';

export interface PeopleQueries {
  /** A page of the people whom the one who asks may see (R60, R61, R63 to R70). @throws DomainError `forbidden` */
  list(by: Authority, page: PeoplePage): Promise<FoundPeople>;
  /** @throws DomainError `not_found`, also of somebody who is out of sight */
  get(by: Authority, id: UserId): Promise<Person>;
  /** What directories said of one person. @throws DomainError as `get` */
  directoryProfile(by: Authority, id: UserId): Promise<DirectoryProfile>;
  /** The person whom a sign-in or an invitation has just made sure of. */
  self(org: OrgId, id: UserId): Promise<Person>;
  /** The invitations that wait, of those whom the one who asks manages. */
  invitations(by: Authority, after: string | undefined, limit: number): Promise<ListedInvitation[]>;
}

/** Builds the questions about people. */
export function createPeopleQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): PeopleQueries {
  const get: PeopleQueries['get'] = async (by, id) => {
    const person = await findPerson(db, by.org, id, now().toISOString());
    if (person === undefined || !mayRead(by, 'users:read', person)) throw userNotFound();
    if (person.deletedAt !== undefined && scopeOf(by, 'users:delete') !== 'all') throw userNotFound();
    return person;
  };
  return {
    get,

    directoryProfile: async (by, id) => {
      await get(by, id);
      return findDirectoryProfile(db, by.org, id);
    },

    list: async (by, page) =>
      searchPeople(
        db,
        by.org,
        { ...page, filter: { ...page.filter, within: visibilityOf(by) } },
        now().toISOString(),
      ),

    self: async (org, id) => {
      const person = await findPerson(db, org, id, now().toISOString());
      if (person === undefined) throw userNotFound();
      return person;
    },

    invitations: async (by, after, limit) => {
      const scope = requirePermission(by, 'users:manage');
      const groups = scope === 'all' ? undefined : [...managedGroups(by.rights)];
      return listInvitations(db, by.org, { after, limit, groups });
    },
  };
}

/** Whom the one who asks may see; undefined is everybody. */
export function visibilityOf(by: Authority): PeopleFilter['within'] {
  const scope = scopeOf(by, 'users:read');
  if (scope === 'all') return undefined;
  if (scope === 'none') throw forbidden();
  return { groups: scope === 'group' ? [...managedGroups(by.rights)] : [], self: by.rights.id };
}
