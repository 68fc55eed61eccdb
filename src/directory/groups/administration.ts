import type { Database } from '../../platform/db.ts';
import type { Administer, Work } from '../administer.ts';
import { type Authority, effectiveRole, isSuperAdmin, managedGroups, scopeOf } from '../authority.ts';
import { Refusal } from '../errors.ts';
import type { GroupId, UserId } from '../ids.ts';
import { demandMembers } from '../people/edit.ts';
import { demandGroups, demandUnmanaged } from '../people/groups-of-choice.ts';
import { demandAll, demandGrantable, mayRead } from '../rules/guards.ts';
import { compareRoles, highestRole } from '../rules/roles.ts';
import { findGrants, type Grant, replaceGrants } from '../store/grants.ts';
import {
  type AdministeredGroup,
  type AdministeredMember,
  findAdministeredGroup,
  findAdministeredMembers,
  type GroupFilter,
  type GroupWords,
  insertLocalGroup,
  searchGroups,
  updateGroupWords,
} from '../store/group-administration.ts';
import { deleteGroupRow } from '../store/group-writes.ts';
import {
  addMemberships,
  findGroupHeads,
  type GroupHead,
  type InGroupRole,
  removeMemberships,
  writeInGroupRole,
} from '../store/memberships.ts';
import { findPeople } from '../store/people.ts';
import { findResourceTypes } from '../store/resources.ts';
import { findSettings } from '../store/settings.ts';

export type { Grant } from '../store/grants.ts';
export type { AdministeredGroup, AdministeredMember } from '../store/group-administration.ts';

export interface GroupAdministration {
  /** Groups by name, of those whom the one who asks may see. */
  list(
    by: Authority,
    filter: Omit<GroupFilter, 'among'>,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<AdministeredGroup[]>;
  /** @throws Refusal `not_found` */
  get(by: Authority, id: GroupId): Promise<AdministeredGroup>;
  /** @throws Refusal `group_name_taken`, `role_above_limit`, `forbidden` */
  create(by: Authority, words: GroupWords): Promise<GroupId>;
  /** What is undefined stays. @throws Refusal as `create`, `managed_by_directory`, `version_mismatch` */
  update(
    by: Authority,
    id: GroupId,
    words: Partial<GroupWords>,
    condition: { readonly force: boolean; readonly ifMatch: readonly string[] | undefined },
  ): Promise<void>;
  /** @throws Refusal `not_found`, `managed_by_directory` */
  remove(by: Authority, id: GroupId, force: boolean): Promise<void>;
  members(
    by: Authority,
    id: GroupId,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<AdministeredMember[]>;
  /**
   * Puts each user into each group, all or none.
   * @returns how many memberships are new
   * @throws Refusal `managed_by_directory`, `unknown_member`, `manager_needs_configure`, `role_above_limit`
   */
  addMembers(
    by: Authority,
    ids: readonly GroupId[],
    users: readonly UserId[],
    inGroupRole: InGroupRole,
  ): Promise<number>;
  /** All or none. @throws Refusal `managed_by_directory`, `not_found` if the user is in none of them */
  removeMember(by: Authority, ids: readonly GroupId[], user: UserId): Promise<void>;
  /** @throws Refusal `not_found`, `manager_needs_configure` */
  setInGroupRole(by: Authority, id: GroupId, user: UserId, role: InGroupRole): Promise<void>;
  grants(by: Authority, id: GroupId): Promise<Grant[]>;
  /** @throws Refusal `unknown_resource` */
  setGrants(by: Authority, id: GroupId, grants: readonly Grant[]): Promise<void>;
}

/** Builds the commands and questions of administrators about groups (R95 to R99). */
export function createGroupAdministration({
  db,
  administer,
}: {
  readonly db: Database;
  readonly administer: Administer;
}): GroupAdministration {
  const visible = async (by: Authority, id: GroupId): Promise<AdministeredGroup> => {
    const group = inSight(by, id) ? await findAdministeredGroup(db, by.org, id) : undefined;
    if (group === undefined) throw noSuchGroup();
    return group;
  };

  return {
    list: (by, filter, page) => {
      const among = scopeOf(by, 'groups:members') === 'all' ? undefined : [...managedGroups(by.rights)];
      return searchGroups(db, by.org, { ...filter, among }, page);
    },

    get: visible,

    create: (by, words) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'groups:manage');
        await demandGroupRole(work, actor, words.role);
        const id = work.newId() as GroupId;
        await insertLocalGroup(work.tx, work.org, id, words, 'manual', work.at);
        work.note({
          action: 'group.created',
          target: ['group', id],
          changes: { values: { displayName: [null, words.name], role: [null, words.role] } },
        });
        return id;
      }),

    update: (by, id, words, { force, ifMatch }) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'groups:manage');
        const group = await findAdministeredGroup(work.tx, work.org, id);
        if (group === undefined) throw noSuchGroup();
        if (ifMatch !== undefined && !ifMatch.includes(String(group.version))) {
          throw new Refusal(
            'version_mismatch',
            'The group has changed since you read it: read it again, then repeat the change.',
          );
        }
        const next: GroupWords = {
          name: words.name ?? group.name,
          description: words.description === undefined ? group.description : words.description,
          role: words.role === undefined ? group.role : words.role,
        };
        if (next.name !== group.name) demandUnmanagedGroup(actor, group, force);
        if (next.role !== group.role) await demandGroupRole(work, actor, next.role);
        const values = {
          ...(next.name === group.name ? {} : { displayName: [group.name, next.name] as const }),
          ...(next.role === group.role ? {} : { role: [group.role, next.role] as const }),
          ...(next.description === group.description
            ? {}
            : { description: [group.description, next.description] as const }),
        };
        if (Object.keys(values).length === 0) return;
        await updateGroupWords(work.tx, work.org, id, next, work.at);
        work.note({ action: 'group.updated', target: ['group', id], changes: { values } });
      }),

    remove: (by, id, force) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'groups:manage');
        const group = await findAdministeredGroup(work.tx, work.org, id);
        if (group === undefined) throw noSuchGroup();
        demandUnmanagedGroup(actor, group, force);
        await deleteGroupRow(work.tx, work.org, id, undefined, work.envelope());
      }),

    members: async (by, id, page) => {
      await visible(by, id);
      return findAdministeredMembers(db, by.org, id, page);
    },

    addMembers: (by, ids, users, inGroupRole) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        const heads = await headsOf(work, actor, ids);
        const { settings } = await findSettings(tx, org);
        demandGroups(actor, heads, settings);
        const people = await findPeople(tx, org, users, at);
        const missing = users.filter(
          (user) => !people.some((person) => person.id === user && mayRead(actor, 'users:read', person)),
        );
        if (missing.length > 0) {
          throw new Refusal('unknown_member', `No user has the id ${missing.slice(0, 10).join(', ')}.`);
        }
        if (inGroupRole === 'manager') {
          for (const head of heads) {
            for (const person of people) demandMayManage(effectiveRole(person), head, person.email);
          }
        }
        const fresh = await addMemberships(tx, org, ids, users, { source: 'manual', inGroupRole }, at);
        for (const { group_id, user_id } of fresh) {
          note({ action: 'group.member_added', target: ['group', group_id], member: user_id });
        }
        return fresh.length;
      }),

    removeMember: (by, ids, user) =>
      administer.as(by, async (work, actor) => {
        for (const head of await headsOf(work, actor, ids)) demandUnmanaged(head);
        const gone = await removeMemberships(work.tx, work.org, ids, [user], work.at);
        if (gone.length === 0) throw noSuchMember();
        for (const { group_id } of gone) {
          work.note({ action: 'group.member_removed', target: ['group', group_id], member: user });
        }
      }),

    setInGroupRole: (by, id, user, role) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        const [head] = await headsOf(work, actor, [id]);
        if (head === undefined) throw noSuchGroup();
        const [person] = await findPeople(tx, org, [user], at);
        const standing = person?.standings.find(({ group }) => group === id);
        if (person === undefined || standing === undefined) throw noSuchMember();
        if (role === 'manager') demandMayManage(effectiveRole(person), head, person.email);
        if (!(await writeInGroupRole(tx, org, id, user, role))) return;
        const values = { inGroupRole: [standing.inGroupRole, role] as const };
        note({ action: 'group.member_changed', target: ['group', id], member: user, changes: { values } });
      }),

    grants: async (by, id) => {
      await visible(by, id);
      return findGrants(db, by.org, id);
    },

    setGrants: (by, id, grants) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, newId, note } = work;
        demandAll(actor, 'groups:manage');
        if ((await findAdministeredGroup(tx, org, id)) === undefined) throw noSuchGroup();
        const named = grants.flatMap(({ resource_id }) => resource_id ?? []);
        const types = await findResourceTypes(tx, org, named);
        for (const grant of grants) {
          if (grant.resource_id === null || types.get(grant.resource_id) === grant.resource_type) continue;
          throw new Refusal(
            'unknown_resource',
            `There is no ${grant.resource_type} with the id ${grant.resource_id}.`,
          );
        }
        const before = await findGrants(tx, org, id);
        await replaceGrants(tx, org, id, grants, newId);
        note({
          action: 'group.grants_changed',
          target: ['group', id],
          changes: { values: { grants: [before, grants] } },
        });
      }),
  };
}

function inSight(by: Authority, id: GroupId): boolean {
  const scope = scopeOf(by, 'groups:members');
  return scope === 'all' || (scope === 'group' && managedGroups(by.rights).has(id));
}

/** The groups, if the one who asks manages the members of all. @throws Refusal `not_found`, `forbidden` */
async function headsOf({ tx, org }: Work, by: Authority, ids: readonly GroupId[]): Promise<GroupHead[]> {
  const heads = await findGroupHeads(tx, org, ids, []);
  for (const id of ids) {
    if (!inSight(by, id) || !heads.some((head) => head.id === id)) throw noSuchGroup();
    demandMembers(by, id);
  }
  return heads;
}

/** Guard rule 4, and `admin` only by an owner (PRODUCT §1.4). @throws Refusal `role_above_limit` */
async function demandGroupRole({ tx, org }: Work, by: Authority, role: GroupWords['role']): Promise<void> {
  if (role === null) return;
  const { settings } = await findSettings(tx, org);
  demandGrantable(by, role, settings);
  if (role === 'admin' && !isSuperAdmin(by.rights)) {
    throw new Refusal('role_above_limit', 'Only an owner lets a group carry the role admin.');
  }
}

/** What a directory provisions is its to change; an owner may insist. @throws Refusal `managed_by_directory` */
function demandUnmanagedGroup(by: Authority, group: AdministeredGroup, force: boolean): void {
  if (group.source === 'manual' || (force && isSuperAdmin(by.rights))) return;
  throw new Refusal(
    'managed_by_directory',
    `"${group.name}" is managed by your identity provider: change it there. An owner can insist with ?force=true.`,
  );
}

/** Guard rule 5. @throws Refusal `manager_needs_configure` */
function demandMayManage(role: GroupHead['role'] & string, head: GroupHead, email: string): void {
  const inThisGroup = head.role === null ? role : highestRole(role, head.role);
  if (compareRoles(inThisGroup, 'configure') >= 0) return;
  throw new Refusal(
    'manager_needs_configure',
    `${email} has the role ${inThisGroup}: a group manager needs configure or admin.`,
  );
}

const noSuchGroup = () => new Refusal('not_found', 'There is no such group.');
const noSuchMember = () => new Refusal('not_found', 'This user is not in the group.');
