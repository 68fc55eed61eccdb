import { enableApiKeys } from '../access/api-keys/store.ts';
import type { Work } from '../directory/command-runner.ts';
import { Refusal } from '../directory/errors.ts';
import { removeMemberships, takeLostMemberships } from '../directory/groups/store/memberships.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { tellChanges } from '../directory/roles/commands.ts';
import { demandManage } from '../directory/roles/rules/guards.ts';
import type { PeopleDependencies } from '../directory/users/dependencies.ts';
import type { Person } from '../directory/users/person.ts';
import { statusChange } from '../directory/users/rules/changes.ts';
import { demandOwnField, loadPerson } from '../directory/users/target.ts';
import type { UserStatus } from '../directory/users/user.ts';
import { isInvited } from '../invitations/store.ts';
import { unlockAccount } from '../sign-in/store/passwords.ts';
import { writeUserStatus } from './store/status.ts';

/** A group that somebody has back, or not. */
export interface Restored {
  readonly id: string;
  readonly name: string;
}

/** What a person has back with the activation. */
interface ActivationIntent {
  readonly restoreGroups: boolean;
  readonly reenableApiKeys: boolean;
  readonly force: boolean;
}

export interface StatusCommands {
  /**
   * Signs somebody out for good: no sign-in, no keys, no memberships that count; all of it remembered (R78 to R82).
   * @throws Refusal `already_inactive`, `last_owner`, `self_change`, `forbidden`, `managed_by_directory`
   */
  deactivate(
    by: Authority,
    id: UserId,
    intent: { readonly reason?: string; readonly notify: boolean; readonly force: boolean },
  ): Promise<void>;
  /** The other way (R83 to R86); an invitee who was pending is so again. @returns the memberships that count again @throws Refusal `not_inactive` */
  activate(
    by: Authority,
    id: UserId,
    intent: ActivationIntent,
  ): Promise<{ readonly restored: readonly Restored[]; readonly notRestored: readonly Restored[] }>;
  /** @throws Refusal `not_locked` (R141) */
  unlock(by: Authority, id: UserId): Promise<void>;
}

/** Builds the commands that decide whether somebody may sign in. */
export function createStatusCommands(dependencies: PeopleDependencies): StatusCommands {
  const { administer } = dependencies;
  return {
    deactivate: (by, id, { reason, notify, force }) =>
      administer.as(by, async (work, actor) => {
        const person = await loadPerson(work, id);
        await deactivateWithin(work, actor, person, { reason, force });
        if (notify) await tellChanges(work, actor, person, [INACTIVE], dependencies);
      }),

    activate: (by, id, intent) =>
      administer.as(by, async (work, actor) =>
        activateWithin(work, actor, await loadPerson(work, id), intent),
      ),

    unlock: (by, id) =>
      administer.as(by, async (work, actor) => {
        const person = await loadPerson(work, id);
        demandManage(actor, person, 'whole account');
        if (!(await unlockAccount(work.tx, work.org, id))) {
          throw new Refusal('not_locked', 'This account is not locked.');
        }
        work.note({ action: 'user.unlocked', target: ['user', id] });
      }),
  };
}

/** How a mail tells a person of the deactivation. */
export const INACTIVE = 'Status: Inactive';

/**
 * Deactivates a person in a command's transaction.
 * @param person as the database has them at this moment
 * @throws Refusal `already_inactive`, `self_change`, `forbidden`, `managed_by_directory`
 */
export async function deactivateWithin(
  work: Work,
  by: Authority,
  person: Person,
  { reason, force }: { readonly reason: string | undefined; readonly force: boolean },
): Promise<void> {
  demandManage(by, person, 'whole account');
  if (person.status === 'inactive') throw new Refusal('already_inactive', 'This user is inactive already.');
  demandOwnField(by, person, 'status', force);
  await setStatus(work, person, 'inactive', reason);
}

/** Activates a person in a command's transaction. @throws Refusal `not_inactive`, and as `deactivateWithin` */
export async function activateWithin(
  work: Work,
  by: Authority,
  person: Person,
  { restoreGroups, reenableApiKeys, force }: ActivationIntent,
): Promise<{ readonly restored: readonly Restored[]; readonly notRestored: readonly Restored[] }> {
  const { tx, org, at, note } = work;
  const { id } = person;
  demandManage(by, person, 'whole account');
  if (person.status !== 'inactive') throw new Refusal('not_inactive', 'This user is not inactive.');
  demandOwnField(by, person, 'status', force);
  // Whoever has not used the invitation waits for it again (R138).
  await setStatus(work, person, (await isInvited(tx, org, id)) ? 'pending' : 'active');
  const groups = person.standings.map(({ group, name }) => ({ id: group, name }));
  if (!restoreGroups && groups.length > 0) {
    for (const { group_id } of await removeMemberships(tx, org, undefined, [id], at)) {
      note({ action: 'group.member_removed', target: ['group', group_id], member: id });
    }
  }
  if (reenableApiKeys) {
    for (const key of await enableApiKeys(tx, org, id, 'stopped by deactivation', at)) {
      note({ action: 'api_key.enabled', target: ['api_key', key] });
    }
  }
  const lost = await takeLostMemberships(tx, org, id);
  return restoreGroups
    ? { restored: groups, notRestored: lost }
    : { restored: [], notRestored: [...groups, ...lost] };
}

/** Switches the status; the same columns as when a connection says `active`. */
export async function setStatus(work: Work, person: Person, to: UserStatus, reason?: string): Promise<void> {
  const { event } = statusChange(person.status, to);
  const changes = { ...event.changes, ...(reason?.trim() ? { reason: reason.trim() } : {}) };
  const write = { status: to, event: { ...event, changes } };
  if (!(await writeUserStatus(work.tx, work.org, person.id, person.version, write, work.envelope()))) {
    throw new Refusal('conflict', 'Another change of this user came first: try again.');
  }
  if (to === 'inactive' && person.owner) work.needsOwner();
}
