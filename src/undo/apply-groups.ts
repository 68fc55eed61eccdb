import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { requirePatternFits } from '../directory/groups/commands.ts';
import type { AdministeredGroup, GroupInput } from '../directory/groups/group.ts';
import { removeFromGroups } from '../directory/groups/membership.ts';
import { requestSettlement } from '../directory/groups/settling.ts';
import { findAdministeredGroup, updateGroupFields } from '../directory/groups/store/administration.ts';
import {
  type InGroupRole,
  type MembershipSource,
  writeInGroupRole,
} from '../directory/groups/store/memberships.ts';
import { holdMembership, restoreGroup, restoreMembership } from '../directory/groups/store/restore.ts';
import { deleteGroupRow, lockGroup } from '../directory/groups/store/writes.ts';
import type { GroupId, UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import { requireGrantable, requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { holdDirectoryUser } from '../directory/users/store/users.ts';
import type { Role } from '../directory/users/user.ts';
import { findGroupBefore, findMembershipBefore, listMembersBefore } from '../history/store/before.ts';
import type { BatchKind } from './batch.ts';
import { leftAsIs, UNDONE } from './outcome.ts';
import type { PlannedItem } from './rules/plan.ts';
import type { ItemOutcome } from './store/items.ts';

const notKnown = (what: string): ItemOutcome => ({
  result: 'skip',
  code: 'not_kept',
  message: `History does not reach back to what this ${what} was before.`,
});

/** Brings a deleted group back, or deletes one that the batch created. */
export async function undoGroup(
  context: CommandContext,
  by: Authority,
  item: PlannedItem,
): Promise<ItemOutcome> {
  const { tx, org, envelope, recordEvent } = context;
  requireWholeOrganization(by, 'groups:manage');
  const id = item.group as GroupId;
  const present = await findAdministeredGroup(tx, org, id);
  if (item.to === 'present') {
    if (present === undefined) return leftAsIs('This group was deleted meanwhile.');
    await deleteGroupRow(tx, org, id, undefined, envelope());
    return UNDONE;
  }
  if (present !== undefined) return leftAsIs('This group is there again already.');
  const before = await findGroupBefore(tx, org, id, item.at);
  if (before === undefined) return notKnown('group');
  const { name, role } = before.state;
  await requireGroupRole(context, by, role);
  const autoAssignPattern = before.state.autoAssignPattern ?? null;
  const were = await listMembersBefore(tx, org, id, item.at);
  const members = await restoreGroup(
    context,
    id,
    {
      ...before.state,
      autoAssignPattern,
      grants: before.grants,
      members: were.map(({ user, state }) => ({ user, ...state })),
    },
    item.at,
  );
  if (members === undefined) return notKnown('group');
  recordEvent({
    action: 'group.created',
    target: ['group', id],
    changes: {
      values: {
        displayName: [null, name],
        role: [null, role],
        ...(autoAssignPattern === null ? {} : { autoAssignPattern: [null, autoAssignPattern] as const }),
      },
    },
  });
  if (autoAssignPattern !== null) await requestSettlement(context, id, autoAssignPattern);
  for (const member of members) {
    recordEvent({ action: 'group.member_added', target: ['group', id], member });
  }
  return UNDONE;
}

/** Gives a group its name, its role, its description or its pattern back. */
export async function undoGroupField(
  context: CommandContext,
  by: Authority,
  { kind, group: id, from, to }: PlannedItem,
): Promise<ItemOutcome> {
  const { tx, org, at, recordEvent } = context;
  requireWholeOrganization(by, 'groups:manage');
  const group = await findGroup(context, id as GroupId);
  const { description, role, autoAssignPattern } = group;
  const fields = { name: group.name, description, role, autoAssignPattern };
  const name = FIELDS.get(kind) ?? 'description';
  if (fields[name] !== to) {
    return leftAsIs(
      `The ${name === 'autoAssignPattern' ? 'pattern' : name} of this group was changed meanwhile.`,
    );
  }
  if (name === 'role') await requireGroupRole(context, by, from as Role | null);
  requirePatternFits({ ...fields, [name]: from });
  if (name === 'autoAssignPattern' && from !== null && group.source !== 'manual') {
    return leftAsIs('This group is managed by your identity provider now.');
  }
  await updateGroupFields(tx, org, group.id, { ...fields, [name]: from }, at);
  const field = name === 'name' ? 'displayName' : name;
  const values = { [field]: [to, from] };
  recordEvent({ action: 'group.updated', target: ['group', group.id], changes: { values } });
  if (name === 'autoAssignPattern') await requestSettlement(context, group.id, to);
  return UNDONE;
}

const FIELDS: ReadonlyMap<string, keyof GroupInput> = new Map([
  ['group_name', 'name'],
  ['group_role', 'role'],
  ['group_description', 'description'],
  ['group_pattern', 'autoAssignPattern'],
]);

/** What grants the memberships that each kind of batch adds. */
const SOURCES: Readonly<Record<BatchKind, MembershipSource | undefined>> = {
  connection: 'scim',
  import: 'csv',
  request: 'manual',
  undo: undefined,
};

/** Restores a membership that ended, ends one that the batch added, or gives one its role in the group back. */
export async function undoMembership(
  context: CommandContext,
  by: Authority,
  item: PlannedItem,
  kind: BatchKind,
): Promise<ItemOutcome> {
  const { tx, org, at, recordEvent } = context;
  requireWholeOrganization(by, 'groups:members');
  const [group, user] = [await findGroup(context, item.group as GroupId), item.user as UserId];
  const present = await holdMembership(tx, org, group.id, user);
  if (item.to === 'none') {
    if (present !== undefined) return leftAsIs('This user is in the group again already.');
    const target = await holdDirectoryUser(tx, org, user, at);
    if (target === undefined || target.deletedAt !== undefined) throw notFound('user');
    await requireGroupRole(context, by, group.role);
    const was = await findMembershipBefore(tx, org, group.id, user, item.at);
    if (was === undefined) return notKnown('membership');
    const sources = was.sources.filter((source) => source !== 'pattern');
    if (sources.length === 0) {
      return leftAsIs('The address of this user decides whether they are in this group.');
    }
    if (!(await restoreMembership(tx, org, group.id, user, { ...was, sources }, at))) {
      return leftAsIs('This user is in the group again already.');
    }
    recordEvent({ action: 'group.member_added', target: ['group', group.id], member: user });
    return UNDONE;
  }
  if (present === undefined) return leftAsIs('This user is not in the group any more.');
  if (item.from?.startsWith('as ')) {
    const role = item.from.slice(3) as InGroupRole;
    if (!(await writeInGroupRole(tx, org, group.id, user, role, at))) {
      return leftAsIs('This user has the role in the group from before already.');
    }
    recordEvent({
      action: 'group.member_changed',
      target: ['group', group.id],
      member: user,
      changes: { values: { inGroupRole: [present.inGroupRole, role] } },
    });
    return UNDONE;
  }
  const source = SOURCES[kind];
  if (present.sources.includes('pattern')) {
    return leftAsIs('The address of this user decides whether they are in this group.');
  }
  if (source !== undefined && present.sources.some((each) => each !== source)) {
    return leftAsIs('Someone else put this user into the group as well.');
  }
  await removeFromGroups(context, { groups: [group.id], users: [user] });
  return UNDONE;
}

async function findGroup({ tx, org }: CommandContext, id: GroupId): Promise<AdministeredGroup> {
  await lockGroup(tx, org, id);
  const group = await findAdministeredGroup(tx, org, id);
  if (group === undefined) throw new DomainError('not_found', 'This group is deleted.');
  return group;
}

/** Guard rule 4: nobody gives a role back that they could not give. @throws DomainError `role_above_limit` */
async function requireGroupRole(
  { tx, org }: CommandContext,
  by: Authority,
  role: Role | null,
): Promise<void> {
  if (role === null) return;
  requireGrantable(by, role, (await findSettings(tx, org)).settings);
  if (role === 'admin' && !isOwner(by.rights)) {
    throw new DomainError('role_above_limit', 'Only an owner lets a group carry the role admin.');
  }
}
