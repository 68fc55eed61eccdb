import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { type Authority, isSuperAdmin } from '../roles/authority.ts';
import { userNotFound } from '../roles/rules/guards.ts';
import type { Person } from './person.ts';
import { findPerson } from './store/people.ts';

/** The person whom a command is about. @throws DomainError `not_found`, also of one who is deleted */
export async function loadPerson({ tx, org, at }: CommandContext, id: UserId): Promise<Person> {
  const person = await findPerson(tx, org, id, at);
  if (person === undefined || person.deletedAt !== undefined) throw userNotFound();
  return person;
}

/**
 * What a connection provisions is the directory's to change; an owner may insist (docs/roles.md §7).
 * @throws DomainError `managed_by_directory`
 */
export function requireOwnField(by: Authority, person: Person, what: string, force: boolean): void {
  if (person.managed) requireForced(by, what, force);
}

/** The same of the direct role, where SCIM's `roles` set it. @throws DomainError `managed_by_directory` */
export function requireOwnRole(by: Authority, person: Person, force: boolean): void {
  if (person.isRoleManaged) requireForced(by, 'role', force);
}

function requireForced(by: Authority, what: string, force: boolean): void {
  if (force && isSuperAdmin(by.rights)) return;
  throw new DomainError(
    'managed_by_directory',
    `The ${what} of this user is managed by your identity provider: change it there. An owner can insist with ?force=true.`,
  );
}
