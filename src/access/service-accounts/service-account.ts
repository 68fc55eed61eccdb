import type { UserId } from '../../directory/ids.ts';
import { effectiveRole, type Rights } from '../../directory/roles/authority.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import type { Role } from '../../directory/users/user.ts';

export type ServiceAccountStatus = 'active' | 'inactive';

/** A program's account: it has API keys, never signs in, and is not a user. Times are ISO 8601. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly role: Role;
  readonly status: ServiceAccountStatus;
  /** The user who answers for it; undefined once that user is deleted. */
  readonly owner:
    | { readonly id: UserId; readonly name: string | null; readonly email: string; readonly rights: Rights }
    | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/**
 * What an account may do at this moment: its role, but never more than its owner (guard rule 6), and nothing while
 * either of them is not active. It is in no group, so a permission for the groups that one manages reaches nothing.
 */
export function rightsOf({ id, role, status, owner }: ServiceAccount): Rights {
  const isRunning = status === 'active' && owner?.rights.status === 'active';
  const limit = owner === undefined ? 'readonly' : effectiveRole(owner.rights);
  return {
    id: id as UserId,
    status: isRunning ? 'active' : 'inactive',
    role: compareRoles(role, limit) < 0 ? role : limit,
    owner: false,
    groupRoles: [],
    elevations: [],
  };
}
