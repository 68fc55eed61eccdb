import type { Database } from '../../platform/db/database.ts';
import type { Administer, Work } from '../command-runner.ts';
import { Refusal } from '../errors.ts';
import type { GroupId, UserId } from '../ids.ts';
import { notFound } from '../not-found.ts';
import { findSettings } from '../organizations/store/settings.ts';
import { type Authority, effectiveRole } from '../roles/authority.ts';
import { mayRead } from '../roles/rules/guards.ts';
import { compareRoles, highestRole } from '../roles/rules/roles.ts';
import { demandMembers } from '../users/edit-commands.ts';
import { findPeople } from '../users/store/people.ts';
import { demandGroups, demandUnmanaged } from './chosen-groups.ts';
import { type AdministeredMember, findAdministeredMembers } from './store/administration.ts';
import {
  addMemberships,
  findGroupHeads,
  type GroupHead,
  type InGroupRole,
  removeMemberships,
  writeInGroupRole,
} from './store/memberships.ts';
import { demandVisible, inSight, noSuchGroup } from './visibility.ts';

export interface GroupMembers {
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
}

/** Builds the commands and questions of administrators about the members of groups. */
export function createGroupMembers({
  db,
  administer,
}: {
  readonly db: Database;
  readonly administer: Administer;
}): GroupMembers {
  return {
    members: async (by, id, page) => {
      await demandVisible(db, by, id);
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
          throw new Refusal('unknown_member', `User not found: ${missing.slice(0, 10).join(', ')}.`);
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
  };
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

/** Guard rule 5. @throws Refusal `manager_needs_configure` */
function demandMayManage(role: GroupHead['role'] & string, head: GroupHead, email: string): void {
  const inThisGroup = head.role === null ? role : highestRole(role, head.role);
  if (compareRoles(inThisGroup, 'configure') >= 0) return;
  throw new Refusal(
    'manager_needs_configure',
    `${email} has the role ${inThisGroup}: a group manager needs configure or admin.`,
  );
}

const noSuchMember = () => notFound('member');
