import { activateWithin, deactivateWithin, INACTIVE } from '../../lifecycle/status.ts';
import { notifyOfChanges } from '../../notifications/account-changed.ts';
import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import {
  findChosenGroups,
  requireGroups,
  requireNotAddedByPattern,
  requireUnmanaged,
} from '../groups/chosen-groups.ts';
import { addToGroups, removeFromGroups } from '../groups/membership.ts';
import type { GroupId, UserId } from '../ids.ts';
import { findSettings } from '../organizations/store/settings.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import { changeRoleWithin } from '../roles/commands.ts';
import { forbidden, requireManage } from '../roles/rules/guards.ts';
import { requireVersion } from '../rules/versions.ts';
import type { UserDependencies } from './dependencies.ts';
import { type ExternalIdInput, editExternalIds, editProfile } from './profile-edit.ts';
import { isUserName, MAX_DISPLAY_NAME, oneLineName } from './rules/presentable.ts';
import type { ProfilePatch, ReadProfile } from './rules/profile-patch.ts';
import { claimAddress, writeName } from './store/edits.ts';
import { loadDirectoryUser, requireOwnField } from './target.ts';
import type { DirectoryUser, Role } from './user.ts';

/** What an administrator wants of a user; what is undefined stays (R71). */
export interface EditIntent {
  readonly name: string | null | undefined;
  readonly role: Role | undefined;
  readonly profile: ProfilePatch | undefined;
  readonly externalIds: readonly ExternalIdInput[] | undefined;
  /** Ids or names: these and no others. */
  readonly groups: readonly string[] | undefined;
  /** A user who has that status already keeps it. */
  readonly status: 'active' | 'inactive' | undefined;
  readonly impactToken: string | undefined;
  readonly reason: string | undefined;
  readonly notify: boolean;
  readonly force: boolean;
  /** The version that was looked at. */
  readonly ifMatch: readonly string[] | undefined;
}

export interface EditCommands {
  /**
   * Changes name, profile, role, groups and status in one transaction, all or nothing (R71 to R77).
   * @throws DomainError `version_mismatch`, `managed_by_directory`, `group_not_found`, `invalid_profile`,
   *   `unknown_connection` and those of role and status
   */
  edit(by: Authority, id: UserId, intent: EditIntent): Promise<void>;
  /** Changes what one is called oneself. @throws DomainError `managed_by_directory`, `value_too_long` */
  renameSelf(by: Authority, name: string | null): Promise<void>;
}

export interface EditDependencies extends UserDependencies {
  readonly readProfile: ReadProfile;
}

/** Builds the commands that edit a user. */
export function createEditCommands(dependencies: EditDependencies): EditCommands {
  const { readProfile: read } = dependencies;
  return {
    edit: (by, id, intent) =>
      dependencies.runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        requireManage(actor, user, 'edit');
        requireVersion('user', user.version, intent.ifMatch);
        await claimOwnAddress(context, user);
        const changes: string[] = [];
        if (intent.name !== undefined)
          changes.push(...(await rename(context, actor, user, intent.name, intent.force)));
        if (intent.profile !== undefined) {
          const { profile, force } = intent;
          const attributes = await editProfile(context, actor, user, profile, { read, force });
          if (attributes.length > 0) changes.push(PROFILE_CHANGED);
        }
        if (intent.externalIds !== undefined)
          await editExternalIds(context, actor, user, intent.externalIds, intent.force);
        if (intent.role !== undefined) {
          const { role, impactToken, reason, force } = intent;
          const changed = await changeRoleWithin(context, actor, user, role, impactToken, reason, force);
          if (changed) changes.push(`Role: ${user.role} → ${role}`);
        }
        if (intent.groups !== undefined)
          changes.push(...(await setGroups(context, actor, user, intent.groups)));
        if (intent.status !== undefined) changes.push(...(await changeStatus(context, actor, id, intent)));
        if (intent.notify) await notifyOfChanges(context, actor, user, changes, dependencies);
      }),

    renameSelf: (by, name) =>
      dependencies.runner.runAs(by, async (context, actor) => {
        await rename(context, actor, await loadDirectoryUser(context, actor.rights.id), name, false);
      }),
  };
}

/** How a mail tells a user of other attributes than the name. */
const PROFILE_CHANGED = 'Profile: changed';

/** Every change of a user whose address another one signed in with claims it, if it is free. */
async function claimOwnAddress(
  { tx, org, recordEvent }: CommandContext,
  { id }: DirectoryUser,
): Promise<void> {
  if (!(await claimAddress(tx, org, id))) return;
  recordEvent({ action: 'user.updated', target: ['user', id], changes: { attributes: ['signInAddress'] } });
}

/** A change of the status as part of an edit: of the user as the edit has left them. */
async function changeStatus(
  context: CommandContext,
  by: Authority,
  id: UserId,
  { status, reason, force }: EditIntent,
): Promise<string[]> {
  const user = await loadDirectoryUser(context, id);
  if (status === 'inactive' && user.status !== 'inactive') {
    await deactivateWithin(context, by, user, { reason, force });
    return [INACTIVE];
  }
  if (status === 'active' && user.status === 'inactive') {
    await activateWithin(context, by, user, { restoreGroups: true, reenableApiKeys: false, force });
  }
  return [];
}

async function rename(
  { tx, org, at, recordEvent }: CommandContext,
  by: Authority,
  user: DirectoryUser,
  given: string | null,
  force: boolean,
): Promise<string[]> {
  const name = oneLineName(given ?? '') || undefined;
  if (name === user.name) return [];
  requireOwnField(by, user, 'name', force);
  if (name !== undefined && !isUserName(name)) {
    throw new DomainError('value_too_long', `The name has more than ${MAX_DISPLAY_NAME} characters.`);
  }
  // A directory sets the parts itself; an owner who forces the change sets the whole name.
  const withParts = !user.managed;
  await writeName(tx, org, user.id, name, at, withParts);
  const attributes = withParts ? ['displayName', 'name'] : ['displayName'];
  recordEvent({ action: 'user.updated', target: ['user', user.id], changes: { attributes } });
  return [`Name: ${name ?? '(none)'}`];
}

/** Makes the groups of a user the chosen ones; those that a directory manages neither come nor go. */
async function setGroups(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  references: readonly string[],
): Promise<string[]> {
  const { tx, org } = context;
  const chosen = await findChosenGroups(context, references);
  const present = user.groupRoles;
  const added = chosen.filter(({ id }) => !present.some(({ group }) => group === id));
  const gone = present.filter(({ group }) => !chosen.some(({ id }) => id === group));
  if (added.length === 0 && gone.length === 0) return [];
  const { settings } = await findSettings(tx, org);
  requireGroups(by, added, settings);
  const goneHeads = await findChosenGroups(
    context,
    gone.map(({ group }) => group),
  );
  for (const head of goneHeads) {
    requireUnmanaged(head);
    requireMembers(by, head.id);
  }
  await requireNotAddedByPattern(
    context,
    goneHeads.map(({ id }) => id),
    user.id,
  );
  const users = [user.id];
  await addToGroups(context, { groups: added.map(({ id }) => id), users, source: 'manual' });
  await removeFromGroups(context, { groups: gone.map(({ group }) => group), users });
  return [...added.map(({ name }) => `Added to ${name}`), ...gone.map(({ name }) => `Removed from ${name}`)];
}

/** @throws DomainError `forbidden` unless the caller manages the members of the group */
export function requireMembers(by: Authority, group: GroupId): void {
  const scope = scopeOf(by, 'groups:members');
  if (scope === 'all') return;
  if (scope !== 'group' || !managedGroups(by.rights).has(group)) throw forbidden();
}
