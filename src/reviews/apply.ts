import { revokeUserKeyWithin } from '../access/api-keys/commands.ts';
import {
  loadAccount,
  revokeAccountKeyWithin,
  updateAccountWithin,
} from '../access/service-accounts/commands.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { addMembersWithin, removeMemberWithin } from '../directory/groups/members.ts';
import type { GroupId, UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { changeRoleWithin } from '../directory/roles/commands.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import type { Role } from '../directory/users/user.ts';
import { activateWithin, deactivateWithin } from '../lifecycle/status.ts';
import type { Decision, Outcome } from './review.ts';
import { decisionsFor } from './rules/decision.ts';
import { countDeactivations, type StoredItem } from './store/items.ts';

/** Decisions carried out and taken back by the commands that administrators use: the same rights, guards and events. */

/** What a reviewer decides. */
export interface DecisionIntent {
  readonly decision: Decision;
  readonly role: Role | undefined;
  readonly group: GroupId | undefined;
  readonly note: string | undefined;
  /** Whether an owner insists though a directory manages it. */
  readonly force: boolean;
}

/** The facts that a decision changed, before and after. */
export interface Applied {
  readonly before: Outcome;
  readonly after: Outcome;
}

const UNCHANGED: Applied = { before: {}, after: {} };

/**
 * Carries a decision out, in a command's transaction.
 * @param reason what the events say
 * @throws DomainError `not_applicable`, and all that the command of the decision throws
 */
export async function applyDecision(
  context: CommandContext,
  actor: Authority,
  item: StoredItem,
  intent: DecisionIntent,
  reason: string,
): Promise<Applied> {
  const { subjectType, subjectId } = item;
  if (!decisionsFor(subjectType).includes(intent.decision)) {
    throw new DomainError(
      'not_applicable',
      `Of this item you can decide: ${decisionsFor(subjectType).join(', ')}.`,
    );
  }
  if (intent.decision === 'keep') return UNCHANGED;
  if (subjectType === 'api_key') return revokeKey(context, actor, item);
  if (subjectType === 'service_account') return changeAccount(context, actor, subjectId, intent);
  const user = await loadDirectoryUser(context, subjectId as UserId);
  switch (intent.decision) {
    case 'change_role': {
      const role = requireRole(intent);
      if (!(await changeRoleWithin(context, actor, user, role, null, reason, intent.force)))
        throw sameRole(role);
      return { before: { role: user.role, owner: user.owner }, after: { role } };
    }
    case 'remove_group': {
      const group = intent.group ?? (item.suggestedGroup as GroupId | null) ?? undefined;
      const membership = user.groupRoles.find((each) => each.group === group);
      if (group === undefined || membership === undefined) {
        throw new DomainError('group_not_found', 'Name a group that the user is in (groupId).');
      }
      await removeMemberWithin(context, actor, [group], user.id);
      return { before: { group, inGroupRole: membership.inGroupRole }, after: { group: null } };
    }
    case 'deactivate': {
      await deactivateWithin(context, actor, user, { reason, force: intent.force });
      const deactivations = await countDeactivations(context.tx, context.org, user.id);
      return { before: { status: user.status }, after: { status: 'inactive', deactivations } };
    }
  }
}

/**
 * Restores what a decision changed, by the opposite commands.
 * @throws DomainError `changed_since` if it was changed since, `cannot_undo`, and all that the command throws
 */
export async function revertDecision(
  context: CommandContext,
  actor: Authority,
  item: StoredItem,
  reason: string,
): Promise<void> {
  const { decision, subjectType, subjectId, before, after } = item;
  if (decision === null || decision === 'keep') return;
  if (subjectType === 'api_key') {
    throw new DomainError('cannot_undo', 'A revoked key stays revoked: its holder can make a new one.');
  }
  if (subjectType === 'service_account') return revertAccount(context, actor, item);
  const user = await loadDirectoryUser(context, subjectId as UserId);
  switch (decision) {
    case 'change_role': {
      if (user.role !== after?.['role']) throw changedSince('role');
      if (before?.['owner'] === true) {
        throw new DomainError(
          'cannot_undo',
          'The owner flag ended with the role: an owner gives role and flag back by hand.',
        );
      }
      await changeRoleWithin(context, actor, user, before?.['role'] as Role, null, reason, true);
      return;
    }
    case 'remove_group': {
      const group = before?.['group'] as GroupId;
      if (user.groupRoles.some((each) => each.group === group)) throw changedSince('membership');
      await addMembersWithin(
        context,
        actor,
        [group],
        [user.id],
        before?.['inGroupRole'] as 'member' | 'manager',
      );
      return;
    }
    case 'deactivate': {
      const deactivations = await countDeactivations(context.tx, context.org, user.id);
      if (user.status !== 'inactive' || deactivations !== after?.['deactivations'])
        throw changedSince('status');
      await activateWithin(context, actor, user, { restoreGroups: true, reenableApiKeys: true, force: true });
      return;
    }
  }
}

async function revokeKey(context: CommandContext, actor: Authority, item: StoredItem): Promise<Applied> {
  const { subjectId, userId, snapshot } = item;
  if (snapshot.serviceAccount !== null) {
    await revokeAccountKeyWithin(context, actor, snapshot.serviceAccount, subjectId);
  } else if (userId !== null) {
    await revokeUserKeyWithin(context, actor, userId as UserId, subjectId);
  } else {
    throw notFound('api_key');
  }
  return { before: { key: 'active' }, after: { key: 'revoked' } };
}

async function changeAccount(
  context: CommandContext,
  actor: Authority,
  id: string,
  intent: DecisionIntent,
): Promise<Applied> {
  const account = await loadAccount(context, actor, id, undefined);
  const { role, status } = account;
  if (intent.decision === 'change_role') {
    const to = requireRole(intent);
    if (role === to) throw sameRole(to);
    await updateAccountWithin(context, actor, account, { role: to });
    return { before: { role }, after: { role: to } };
  }
  if (status === 'inactive')
    throw new DomainError('already_inactive', 'This service account is inactive already.');
  await updateAccountWithin(context, actor, account, { status: 'inactive' });
  return { before: { status }, after: { status: 'inactive' } };
}

async function revertAccount(
  context: CommandContext,
  actor: Authority,
  { subjectId, before, after }: StoredItem,
): Promise<void> {
  const account = await loadAccount(context, actor, subjectId, undefined);
  if (before?.['role'] !== undefined) {
    if (account.role !== after?.['role']) throw changedSince('role');
    await updateAccountWithin(context, actor, account, { role: before['role'] as Role });
    return;
  }
  if (account.status !== 'inactive') throw changedSince('status');
  await updateAccountWithin(context, actor, account, { status: 'active' });
}

function requireRole({ role }: DecisionIntent): Role {
  if (role === undefined) throw new DomainError('not_applicable', 'Name the role that it is to be.');
  return role;
}

const sameRole = (role: Role) =>
  new DomainError('conflict', `The role is ${role} already: keep it, or choose another one.`);

const changedSince = (what: string) =>
  new DomainError(
    'changed_since',
    `The ${what} was changed again after this decision: it stays as it is now, and so does the decision.`,
  );
