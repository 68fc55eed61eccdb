import { findGroupHeads } from '../../directory/groups/store/memberships.ts';
import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import type { Authority, Rights } from '../../directory/roles/authority.ts';
import { mayRead, userNotFound } from '../../directory/roles/rules/guards.ts';
import type { Permission } from '../../directory/roles/rules/permissions.ts';
import { findRights } from '../../directory/roles/store.ts';
import { findDirectoryUser } from '../../directory/users/store/users.ts';
import type { DirectoryUser } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { findResource } from '../resources/store.ts';
import { grantsOf, targetOf } from './circumstances.ts';
import { type Explanation, explain, type Target } from './rules/explain.ts';
import { type Snapshot, snapshotOf, snapshotVersion, validUntil } from './rules/snapshot.ts';

/** A snapshot with what a consumer needs to keep it for a while (docs/roles.md §6). */
export interface KeptSnapshot extends Snapshot {
  /** The same for the same content. */
  readonly version: string;
  /** ISO 8601 */
  readonly validUntil: string;
  /** Whole seconds until then. */
  readonly maxAge: number;
}

/** What a question is about: a user, a group, or something of the host product; a type may be left out. */
export interface QueriedTarget {
  readonly type: string | undefined;
  readonly id: string;
}

export interface Question {
  readonly user: UserId;
  readonly permission: Permission;
  readonly target: QueriedTarget | undefined;
}

export interface AuthorizationQueries {
  /** What the caller may do; for a key no more than it was made for. */
  own(by: Authority): Promise<KeptSnapshot>;
  /** What a user may do. @throws DomainError `not_found`, also for a user that the caller may not see */
  ofUser(by: Authority, user: UserId): Promise<KeptSnapshot>;
  /** Whether a user may, as it is at this moment, and why (R146). @throws DomainError as `ofUser` */
  explain(by: Authority, question: Question): Promise<Explanation>;
}

/** Builds the questions about what users may do. */
export function createAuthorizationQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): AuthorizationQueries {
  const kept = (rights: Rights, snapshot: Snapshot, time: Date): KeptSnapshot => {
    const until = validUntil(rights, time);
    const maxAge = Math.max(0, Math.floor((Date.parse(until) - time.getTime()) / 1_000));
    return { ...snapshot, version: snapshotVersion(snapshot), validUntil: until, maxAge };
  };

  /** Everybody may ask about themselves. */
  const visible = async (by: Authority, user: UserId, at: string): Promise<DirectoryUser> => {
    const directoryUser = await findDirectoryUser(db, by.org, user, at);
    if (directoryUser === undefined || directoryUser.deletedAt !== undefined) throw userNotFound();
    if (directoryUser.id !== by.rights.id && !mayRead(by, 'users:read', directoryUser)) throw userNotFound();
    return directoryUser;
  };

  return {
    own: async (by) => {
      const grants = await grantsOf(db, by.org, by.rights);
      return kept(by.rights, snapshotOf(by.rights, grants, by.scopes), now());
    },

    ofUser: async (by, user) => {
      const time = now();
      const directoryUser = await visible(by, user, time.toISOString());
      return kept(directoryUser, snapshotOf(directoryUser, await grantsOf(db, by.org, directoryUser)), time);
    },

    explain: async (by, { user, permission, target }) => {
      const at = now().toISOString();
      const directoryUser = await visible(by, user, at);
      const [grants, found] = await Promise.all([
        grantsOf(db, by.org, directoryUser),
        target === undefined ? undefined : findTarget(db, by.org, target, at),
      ]);
      const explanation = explain(directoryUser, permission, grants, found);
      if (directoryUser.lockedAt === undefined) return explanation;
      const text = 'The account is locked: the user cannot sign in until it is unlocked.';
      return { ...explanation, reasons: [...explanation.reasons, { effect: 'note', text }] };
    },
  };
}

async function findTarget(
  db: Database,
  org: OrgId,
  { type, id }: QueriedTarget,
  at: string,
): Promise<Target> {
  if (type === 'user') {
    const rights = await findRights(db, org, id as UserId, at);
    return rights === undefined ? { kind: 'missing' } : { kind: 'user', rights };
  }
  if (type === 'group') {
    const [head] = await findGroupHeads(db, org, [id], []);
    return head === undefined ? { kind: 'missing' } : { kind: 'group', id: id as GroupId };
  }
  const resource = await findResource(db, org, id);
  if (resource !== undefined && (type === undefined || type === resource.type)) {
    return targetOf(db, org, resource, at);
  }
  if (type !== undefined) return { kind: 'missing' };
  // Ids are never twice there, so a bare one means whatever has it.
  const user = await findTarget(db, org, { type: 'user', id }, at);
  return user.kind === 'missing' ? findTarget(db, org, { type: 'group', id }, at) : user;
}
