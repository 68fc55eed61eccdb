import type { Role } from '../../users/user.ts';

/** The roles in ascending order: each may all that those before it may. */
export const ROLES = ['readonly', 'train', 'configure', 'admin'] as const satisfies readonly Role[];

/** How far a role reaches (docs/roles.md §1). */
export type AccessTier = 'user' | 'manager' | 'admin' | 'super_admin';

/** @returns a negative number if `left` is below `right`, 0 if they are equal */
export function compareRoles(left: Role, right: Role): number {
  return ROLES.indexOf(left) - ROLES.indexOf(right);
}

/** The highest of some roles. */
export function highestRole(first: Role, ...others: readonly Role[]): Role {
  return others.reduce<Role>((best, role) => (compareRoles(role, best) > 0 ? role : best), first);
}

/** The tier is a function of the effective role and the owner flag, and is kept nowhere. */
export function accessTier(role: Role, owner: boolean): AccessTier {
  if (role === 'admin') return owner ? 'super_admin' : 'admin';
  return role === 'configure' ? 'manager' : 'user';
}

/** What the roles mean, in a sentence each (docs/roles.md §1). */
export const ROLE_MEANINGS = {
  readonly: 'User: uses agents and sees their own analytics.',
  train: 'User: also gives feedback on and edits the answers of their groups.',
  configure: 'Manager: creates agents, edits own agents, manages users in groups they manage.',
  admin: 'Admin: manages all agents, users, groups and settings of the organization.',
} as const satisfies Record<Role, string>;
