import { effectiveRole } from '../directory/roles/authority.ts';
import { accessTier } from '../directory/roles/rules/roles.ts';
import type { DirectoryUser } from '../directory/users/user.ts';

/** A user as JSON and CSV have them, with the names of fields that REST uses. Times are ISO 8601. */
export function presentUser(user: DirectoryUser) {
  const effective = effectiveRole(user);
  return {
    id: user.id,
    email: user.email,
    name: user.name ?? null,
    role: user.role,
    effectiveRole: effective,
    accessTier: accessTier(effective, user.owner),
    owner: user.owner,
    status: user.status,
    // Memberships of an inactive user are kept for their return and are not listed here.
    groups: user.status === 'inactive' ? [] : user.groupRoles.map(({ name }) => name),
    source: user.source,
    managedBy: user.managed ? 'scim' : null,
    lastLoginAt: user.lastLoginAt ?? null,
    lastActiveAt: user.lastActiveAt ?? null,
    createdAt: user.createdAt,
    deletedAt: user.deletedAt ?? null,
  };
}

export type PresentedUser = ReturnType<typeof presentUser>;
