import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { type Authority, isOwner } from '../roles/authority.ts';
import { userNotFound } from '../roles/rules/guards.ts';
import { holdDirectoryUser } from './store/users.ts';
import type { DirectoryUser } from './user.ts';

/**
 * The user that a command is about, as they are until it ends: connections, which take no lock of the organization, wait.
 * @throws DomainError `not_found`, also if the user is deleted
 */
export async function loadDirectoryUser({ tx, org, at }: CommandContext, id: UserId): Promise<DirectoryUser> {
  const user = await holdDirectoryUser(tx, org, id, at);
  if (user === undefined || user.deletedAt !== undefined) throw userNotFound();
  return user;
}

/**
 * What a connection provisions is the directory's to change; an owner may insist (docs/roles.md §7).
 * @throws DomainError `managed_by_directory`
 */
export function requireOwnField(by: Authority, user: DirectoryUser, what: string, force: boolean): void {
  if (user.managed) requireForced(by, what, force);
}

/** The same of the direct role, where SCIM's `roles` set it. @throws DomainError `managed_by_directory` */
export function requireOwnRole(by: Authority, user: DirectoryUser, force: boolean): void {
  if (user.isRoleManaged) requireForced(by, 'role', force);
}

function requireForced(by: Authority, what: string, force: boolean): void {
  if (force && isOwner(by.rights)) return;
  throw new DomainError(
    'managed_by_directory',
    `The ${what} of this user is managed by your identity provider: change it there. An owner can insist with ?force=true.`,
  );
}
