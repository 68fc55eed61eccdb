import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import { writeRoleWithin } from '../directory/roles/commands.ts';
import {
  forbidden,
  OWNERS_ONLY,
  requireGrantable,
  requireManage,
  requireOther,
  requireWholeOrganization,
} from '../directory/roles/rules/guards.ts';
import { writeOwner } from '../directory/users/store/edits.ts';
import { restoreLinks } from '../directory/users/store/previous.ts';
import { holdDirectoryUser } from '../directory/users/store/users.ts';
import type { DirectoryUser, Role, UserStatus } from '../directory/users/user.ts';
import { restoreWithin, softDeleteWithin } from '../lifecycle/removal.ts';
import { reactivate, setStatus } from '../lifecycle/status.ts';
import { undoGroup, undoGroupField, undoMembership } from './apply-groups.ts';
import { undoProfile } from './apply-profile.ts';
import type { Batch } from './batch.ts';
import { leftAsIs, UNDONE } from './outcome.ts';
import type { PlannedItem } from './rules/plan.ts';
import type { ItemOutcome } from './store/items.ts';

/** What an undo is carried out with. */
export interface ApplyOptions {
  readonly batch: Batch;
  /** Under which the undo itself is recorded. */
  readonly requestId: string;
  readonly reason: string | undefined;
  /** Whether API keys that the deactivation stopped work again. */
  readonly keys: boolean;
}

/**
 * Carries out one item, in a transaction of its own, if it is still as the batch left it. The directory's own fields may
 * be written: an undo restores what the directory manages.
 * @throws DomainError what the guards of ordinary commands throw
 */
export async function applyItem(
  context: CommandContext,
  by: Authority,
  item: PlannedItem,
  options: ApplyOptions,
): Promise<ItemOutcome> {
  switch (item.kind) {
    case 'group':
      return undoGroup(context, by, item);
    case 'group_name':
    case 'group_role':
    case 'group_description':
    case 'group_pattern':
      return undoGroupField(context, by, item);
    case 'membership':
      return undoMembership(context, by, item, options.batch.kind);
    case 'account':
      return undoAccount(context, by, item);
    case 'profile':
      return undoProfile(context, by, await findPresent(context, item), item, options);
    case 'status':
      return undoStatus(context, by, await findPresent(context, item), item, options);
    case 'role':
      return undoRole(context, by, await findPresent(context, item), item, options.reason);
    case 'owner':
      return undoOwner(context, by, await findPresent(context, item), item);
  }
}

async function findUser({ tx, org, at }: CommandContext, { user }: PlannedItem): Promise<DirectoryUser> {
  const found = await holdDirectoryUser(tx, org, user as UserId, at);
  if (found === undefined) throw new DomainError('not_found', 'This user was removed for good meanwhile.');
  return found;
}

async function findPresent(context: CommandContext, item: PlannedItem): Promise<DirectoryUser> {
  const user = await findUser(context, item);
  if (user.deletedAt === undefined) return user;
  throw new DomainError('not_found', 'This user is deleted: restore them first.');
}

async function undoAccount(context: CommandContext, by: Authority, item: PlannedItem): Promise<ItemOutcome> {
  requireWholeOrganization(by, 'users:delete');
  const user = await findUser(context, item);
  requireOther(by, user);
  if (user.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);
  if (item.to === 'deleted') {
    if (user.deletedAt === undefined) return leftAsIs('This user was restored meanwhile.');
    await restoreWithin(context, by, user.id, undefined);
    await restoreLinks(context.tx, context.org, user.id, item.at);
    return UNDONE;
  }
  if (user.deletedAt !== undefined) return leftAsIs('This user was deleted meanwhile.');
  await softDeleteWithin(context, user, undefined);
  return UNDONE;
}

async function undoStatus(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { from, to }: PlannedItem,
  { keys, reason }: ApplyOptions,
): Promise<ItemOutcome> {
  requireManage(by, user, 'whole account');
  if (user.status !== to) return leftAsIs(`The status is ${user.status} by now.`);
  if (from === 'inactive') await setStatus(context, user, 'inactive' satisfies UserStatus, reason);
  else await reactivate(context, user, { restoreGroups: true, reenableApiKeys: keys });
  return UNDONE;
}

async function undoRole(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { from, to }: PlannedItem,
  reason: string | undefined,
): Promise<ItemOutcome> {
  const role = from as Role;
  requireOther(by, user);
  requireManage(by, user, 'edit');
  requireGrantable(by, role, (await findSettings(context.tx, context.org)).settings);
  if (user.role !== to) return leftAsIs(`The role is ${user.role} by now.`);
  await writeRoleWithin(context, user, role, reason);
  return UNDONE;
}

async function undoOwner(
  { tx, org, at, recordEvent, requireActiveOwner }: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { from }: PlannedItem,
): Promise<ItemOutcome> {
  if (!isOwner(by.rights)) throw new DomainError('owner_only', 'Only an owner grants or takes ownership.');
  requireOther(by, user);
  const owner = from === 'owner';
  if (user.owner === owner) return leftAsIs('Ownership is as it was before already.');
  if (owner && (user.role !== 'admin' || user.status !== 'active')) {
    throw new DomainError('role_not_admin', 'Only an active admin can be an owner again.');
  }
  await writeOwner(tx, org, requireActiveOwner(user.id, user.owner), owner, at);
  recordEvent({ action: owner ? 'user.owner_granted' : 'user.owner_revoked', target: ['user', user.id] });
  return UNDONE;
}
