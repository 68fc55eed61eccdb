import { effectiveRole } from '../directory/roles/authority.ts';
import { accessTier } from '../directory/roles/rules/roles.ts';
import type { Person } from '../directory/users/person.ts';

/** A user as JSON and CSV have them, with the names of fields that REST uses. Times are ISO 8601. */
export function presentUser(person: Person) {
  const effective = effectiveRole(person);
  return {
    id: person.id,
    email: person.email,
    name: person.name ?? null,
    role: person.role,
    effectiveRole: effective,
    accessTier: accessTier(effective, person.owner),
    owner: person.owner,
    status: person.status,
    // Memberships of an inactive user are kept for their return and do not count.
    groups: person.status === 'inactive' ? [] : person.standings.map(({ name }) => name),
    source: person.source,
    managedBy: person.managed ? 'scim' : null,
    lastLoginAt: person.lastLoginAt ?? null,
    lastActiveAt: person.lastActiveAt ?? null,
    createdAt: person.createdAt,
    deletedAt: person.deletedAt ?? null,
  };
}

export type PresentedUser = ReturnType<typeof presentUser>;
