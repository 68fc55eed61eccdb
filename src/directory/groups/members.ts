import type { Database } from '../../platform/db/database.ts';
import { writeCsv } from '../../platform/text-rows.ts';
import type { CommandContext, CommandRunner } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { GroupId, OrgId, UserId } from '../ids.ts';
import { notFound } from '../not-found.ts';
import { findSettings } from '../organizations/store/settings.ts';
import { type Authority, effectiveRole } from '../roles/authority.ts';
import { mayRead } from '../roles/rules/guards.ts';
import { compareRoles, highestRole } from '../roles/rules/roles.ts';
import { requireMembers } from '../users/edit-commands.ts';
import { findDirectoryUsers } from '../users/store/users.ts';
import { requireGroups, requireNotAddedByPattern, requireUnmanaged } from './chosen-groups.ts';
import type { GroupHead } from './group.ts';
import { addToGroups, removeFromGroups } from './membership.ts';
import {
  type AdministeredMember,
  findAdministeredMembers,
  type MemberFilter,
} from './store/administration.ts';
import { holdGroupHeads, type InGroupRole, writeInGroupRole } from './store/memberships.ts';
import { groupNotFound, isVisible, requireVisible } from './visibility.ts';

export interface GroupMembers {
  members(
    by: Authority,
    id: GroupId,
    filter: MemberFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<AdministeredMember[]>;
  /**
   * Records that members were exported, then streams them: CSV, a line for each, with the name of the group.
   * @throws DomainError `not_found`
   */
  exportMembers(
    by: Authority,
    id: GroupId,
    filter: MemberFilter,
  ): Promise<{ readonly group: string; readonly csv: AsyncIterable<string> }>;
  /**
   * Puts each user into each group, all or none.
   * @returns how many memberships are new
   * @throws DomainError `managed_by_directory`, `unknown_member`, `manager_needs_configure`, `role_above_limit`
   */
  addMembers(
    by: Authority,
    ids: readonly GroupId[],
    users: readonly UserId[],
    inGroupRole: InGroupRole,
  ): Promise<number>;
  /** All or none. @throws DomainError `managed_by_directory`, `not_found` if the user is in none of the groups */
  removeMember(by: Authority, ids: readonly GroupId[], user: UserId): Promise<void>;
  /** @throws DomainError `not_found`, `manager_needs_configure` */
  setInGroupRole(by: Authority, id: GroupId, user: UserId, role: InGroupRole): Promise<void>;
}

const EXPORTED = ['user_id', 'name', 'email', 'status', 'in_group_role', 'sources', 'added_at'];
const BATCH = 1_000;

/** The members that a filter leaves, in batches. */
async function* allMembers(
  db: Database,
  org: OrgId,
  group: GroupId,
  filter: MemberFilter,
): AsyncIterable<readonly AdministeredMember[]> {
  let after: string | undefined;
  do {
    const page = { after, limit: BATCH };
    const members: readonly AdministeredMember[] = await findAdministeredMembers(
      db,
      org,
      group,
      filter,
      page,
    );
    yield members;
    after = members.length < BATCH ? undefined : members.at(-1)?.id;
  } while (after !== undefined);
}

/** Builds the commands and questions of administrators about the members of groups. */
export function createGroupMembers({
  db,
  runner,
}: {
  readonly db: Database;
  readonly runner: CommandRunner;
}): GroupMembers {
  return {
    members: async (by, id, filter, page) => {
      await requireVisible(db, by, id);
      return findAdministeredMembers(db, by.org, id, filter, page);
    },

    exportMembers: async (by, id, filter) => {
      const { name } = await requireVisible(db, by, id);
      await runner.withoutLock(by.org, by.origin, async ({ recordEvent }) => {
        recordEvent({ action: 'group.members_exported', target: ['group', id] });
      });
      const csv = writeCsv(allMembers(db, by.org, id, filter), EXPORTED, (member) => [
        member.id,
        member.name,
        member.email,
        member.status,
        member.inGroupRole,
        member.sources.join(' '),
        member.addedAt,
      ]);
      return { group: name, csv };
    },

    addMembers: (by, ids, users, inGroupRole) =>
      runner.runAs(by, (context, actor) => addMembersWithin(context, actor, ids, users, inGroupRole)),

    removeMember: (by, ids, user) =>
      runner.runAs(by, (context, actor) => removeMemberWithin(context, actor, ids, user)),

    setInGroupRole: (by, id, user, role) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        const [head] = await headsOf(context, actor, [id]);
        if (head === undefined) throw groupNotFound();
        const [directoryUser] = await findDirectoryUsers(tx, org, [user], at);
        const membership = directoryUser?.groupRoles.find(({ group }) => group === id);
        if (directoryUser === undefined || membership === undefined) throw memberNotFound();
        if (role === 'manager') requireMayManage(effectiveRole(directoryUser), head, directoryUser.email);
        if (!(await writeInGroupRole(tx, org, id, user, role, at))) return;
        const values = { inGroupRole: [membership.inGroupRole, role] as const };
        recordEvent({
          action: 'group.member_changed',
          target: ['group', id],
          member: user,
          changes: { values },
        });
      }),
  };
}

/**
 * Puts users into groups in a command's transaction, all or none.
 * @returns how many memberships are new
 * @throws DomainError `managed_by_directory`, `unknown_member`, `manager_needs_configure`, `role_above_limit`
 */
export async function addMembersWithin(
  context: CommandContext,
  actor: Authority,
  ids: readonly GroupId[],
  users: readonly UserId[],
  inGroupRole: InGroupRole,
): Promise<number> {
  const { tx, org, at } = context;
  const heads = await headsOf(context, actor, ids);
  const { settings } = await findSettings(tx, org);
  requireGroups(actor, heads, settings);
  const directoryUsers = await findDirectoryUsers(tx, org, users, at);
  const missing = users.filter(
    (user) =>
      !directoryUsers.some(
        (directoryUser) => directoryUser.id === user && mayRead(actor, 'users:read', directoryUser),
      ),
  );
  if (missing.length > 0) {
    throw new DomainError('unknown_member', `User not found: ${missing.slice(0, 10).join(', ')}.`);
  }
  if (inGroupRole === 'manager') {
    for (const head of heads) {
      for (const user of directoryUsers) requireMayManage(effectiveRole(user), head, user.email);
    }
  }
  return addToGroups(context, { groups: ids, users, source: 'manual', inGroupRole });
}

/**
 * Takes a user out of groups in a command's transaction, out of all or none.
 * @throws DomainError `managed_by_directory`, `member_by_pattern`, `not_found` if the user is in none of the groups
 */
export async function removeMemberWithin(
  context: CommandContext,
  actor: Authority,
  ids: readonly GroupId[],
  user: UserId,
): Promise<void> {
  for (const head of await headsOf(context, actor, ids)) requireUnmanaged(head);
  await requireNotAddedByPattern(context, ids, user);
  if ((await removeFromGroups(context, { groups: ids, users: [user] })) === 0) throw memberNotFound();
}

/** The groups, if the caller manages the members of all. @throws DomainError `not_found`, `forbidden` */
async function headsOf(
  { tx, org }: CommandContext,
  by: Authority,
  ids: readonly GroupId[],
): Promise<GroupHead[]> {
  const heads = await holdGroupHeads(tx, org, ids, []);
  for (const id of ids) {
    if (!isVisible(by, id) || !heads.some((head) => head.id === id)) throw groupNotFound();
    requireMembers(by, id);
  }
  return heads;
}

/** Guard rule 5. @throws DomainError `manager_needs_configure` */
function requireMayManage(role: GroupHead['role'] & string, head: GroupHead, email: string): void {
  const inThisGroup = head.role === null ? role : highestRole(role, head.role);
  if (compareRoles(inThisGroup, 'configure') >= 0) return;
  throw new DomainError(
    'manager_needs_configure',
    `${email} has the role ${inThisGroup}: a group manager needs configure or admin.`,
  );
}

const memberNotFound = () => notFound('member');
