import { enableApiKeys } from '../access/api-keys/store.ts';
import { statedReason } from '../audit/declaration.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { removeFromGroups } from '../directory/groups/membership.ts';
import { takeLostMemberships } from '../directory/groups/store/memberships.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireManage, userNotFound } from '../directory/roles/rules/guards.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { statusChange } from '../directory/users/rules/changes.ts';
import { loadDirectoryUser, requireOwnField } from '../directory/users/target.ts';
import type { DirectoryUser, UserStatus } from '../directory/users/user.ts';
import { isInvited } from '../invitations/store.ts';
import { notifyOfChanges } from '../notifications/account-changed.ts';
import { unlockAccount } from '../sign-in/store/passwords.ts';
import { lockStatus, writeUserStatus } from './store/status.ts';

/** A group that a user has back, or not. */
export interface Restored {
  readonly id: string;
  readonly name: string;
}

/** What a user has back with the activation. */
interface ActivationIntent {
  readonly restoreGroups: boolean;
  readonly reenableApiKeys: boolean;
  readonly force: boolean;
}

export interface StatusCommands {
  /**
   * Signs a user out for good: no sign-in, no keys, no effective memberships; all of it remembered (R78 to R82).
   * @throws DomainError `already_inactive`, `last_owner`, `self_change`, `forbidden`, `managed_by_directory`
   */
  deactivate(
    by: Authority,
    id: UserId,
    intent: { readonly reason?: string; readonly notify: boolean; readonly force: boolean },
  ): Promise<void>;
  /**
   * The other way (R83 to R86); an invitee who was pending is so again.
   * @returns the memberships that are in effect again
   * @throws DomainError `not_inactive`
   */
  activate(
    by: Authority,
    id: UserId,
    intent: ActivationIntent,
  ): Promise<{ readonly restored: readonly Restored[]; readonly notRestored: readonly Restored[] }>;
  /** @throws DomainError `not_locked` (R141) */
  unlock(by: Authority, id: UserId): Promise<void>;
}

/** Builds the commands that decide whether a user may sign in. */
export function createStatusCommands(dependencies: UserDependencies): StatusCommands {
  const { runner } = dependencies;
  return {
    deactivate: (by, id, { reason, notify, force }) =>
      runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        await deactivateWithin(context, actor, user, { reason, force });
        if (notify) await notifyOfChanges(context, actor, user, [INACTIVE], dependencies);
      }),

    activate: (by, id, intent) =>
      runner.runAs(by, async (context, actor) =>
        activateWithin(context, actor, await loadDirectoryUser(context, id), intent),
      ),

    unlock: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        requireManage(actor, user, 'whole account');
        if (!(await unlockAccount(context.tx, context.org, id))) {
          throw new DomainError('not_locked', 'This account is not locked.');
        }
        context.recordEvent({ action: 'user.unlocked', target: ['user', id] });
      }),
  };
}

/** How a mail tells a user of the deactivation. */
export const INACTIVE = 'Status: Inactive';

/**
 * Deactivates a user in a command's transaction.
 * @param user as the database has them at this moment
 * @throws DomainError `already_inactive`, `self_change`, `forbidden`, `managed_by_directory`
 */
export async function deactivateWithin(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { reason, force }: { readonly reason: string | undefined; readonly force: boolean },
): Promise<void> {
  requireManage(by, user, 'whole account');
  if (user.status === 'inactive') throw alreadyInactive();
  requireOwnField(by, user, 'status', force);
  await setStatus(context, user, 'inactive', reason);
}

/** Activates a user in a command's transaction. @throws DomainError `not_inactive`, and as `deactivateWithin` */
export async function activateWithin(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  { restoreGroups, reenableApiKeys, force }: ActivationIntent,
): Promise<{ readonly restored: readonly Restored[]; readonly notRestored: readonly Restored[] }> {
  requireManage(by, user, 'whole account');
  if (user.status !== 'inactive') throw notInactive();
  requireOwnField(by, user, 'status', force);
  return reactivate(context, user, { restoreGroups, reenableApiKeys });
}

/** Activates an inactive user, in the transaction of a command that has checked who may. */
export async function reactivate(
  context: CommandContext,
  user: DirectoryUser,
  { restoreGroups, reenableApiKeys }: Omit<ActivationIntent, 'force'>,
): Promise<{ readonly restored: readonly Restored[]; readonly notRestored: readonly Restored[] }> {
  const { tx, org, at, recordEvent } = context;
  const { id } = user;
  // A user who has not accepted the invitation is pending again (R138).
  await setStatus(context, user, (await isInvited(tx, org, id)) ? 'pending' : 'active');
  const groups = user.groupRoles.map(({ group, name }) => ({ id: group, name }));
  if (!restoreGroups && groups.length > 0) {
    await removeFromGroups(context, { users: [id], groups: 'all' });
  }
  if (reenableApiKeys) {
    for (const key of await enableApiKeys(tx, org, id, 'stopped by deactivation', at)) {
      recordEvent({ action: 'api_key.enabled', target: ['api_key', key], member: id });
    }
  }
  const lost = await takeLostMemberships(tx, org, id);
  return restoreGroups
    ? { restored: groups, notRestored: lost }
    : { restored: [], notRestored: [...groups, ...lost] };
}

/**
 * Switches the status; the same columns as when a connection sends `active`. What a connection changes at the same time is
 * no reason to refuse: a deactivation is urgent, and directories write all day.
 * @throws DomainError `already_inactive`, `not_inactive`, `not_found` if the connection has done so meanwhile
 */
export async function setStatus(
  context: CommandContext,
  user: DirectoryUser,
  to: UserStatus,
  reason?: string,
): Promise<void> {
  const current = await lockStatus(context.tx, context.org, user.id);
  if (current === undefined) throw userNotFound();
  if (current.status === to) throw to === 'inactive' ? alreadyInactive() : notInactive();
  const { event } = statusChange(current.status, to);
  const write = { status: to, event: { ...event, ...statedReason(reason) } };
  const guard = context.requireActiveOwner(user.id, to === 'inactive' && user.owner);
  await writeUserStatus(context.tx, context.org, guard, current.version, write, context.envelope());
}

const alreadyInactive = () => new DomainError('already_inactive', 'This user is inactive already.');

const notInactive = () => new DomainError('not_inactive', 'This user is not inactive.');
