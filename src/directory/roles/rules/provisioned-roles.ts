import type { RoleAliases } from '../../../provisioning/settings.ts';
import { DomainError } from '../../errors.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import type { Profile, Role } from '../../users/user.ts';
import { highestRole, ROLES } from './roles.ts';

/** The role of a user without a role in the directory. */
export const DEFAULT_ROLE: Role = 'readonly';

/** One value of the SCIM attribute `roles` (RFC 7643 §4.1.2). */
export interface PresentedRole {
  readonly value: Role;
  readonly display: string;
  readonly type: 'direct';
  readonly primary: true;
}

/** A direct role as the SCIM attribute `roles` shows it. */
export function presentedRoles(role: Role): readonly PresentedRole[] {
  const display = role.charAt(0).toUpperCase() + role.slice(1);
  return [{ value: role, primary: true, display, type: 'direct' }];
}

/**
 * The direct role that a profile's `roles` mean: the highest, or the default if there is none.
 * @throws DomainError `invalid_role`
 */
export function roleOf(profile: Profile, aliases: RoleAliases): Role {
  return highestRole(DEFAULT_ROLE, ...valuesOf(profile).map((value) => roleNamed(value, aliases)));
}

/** The same as far as the values are known, of what is stored: undefined if one is not. */
export function knownRoleOf(profile: Profile, aliases: RoleAliases): Role | undefined {
  try {
    return roleOf(profile, aliases);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

function valuesOf(profile: Profile): string[] {
  const roles = profile['roles'];
  if (!Array.isArray(roles)) return [];
  return roles.flatMap(({ value }: Record<string, unknown>) => (typeof value === 'string' ? [value] : []));
}

function roleNamed(name: string, aliases: RoleAliases): Role {
  const key = caseKey(name.trim());
  const alias = Object.entries(aliases).find(([each]) => caseKey(each) === key)?.[1];
  const role = alias ?? ROLES.find((each) => each === key);
  if (role === undefined) {
    throw new DomainError('invalid_role', `Invalid role. Must be exactly: ${ROLES.join(', ')}`);
  }
  return role;
}

/** True if a client sent back the roles that it was shown, which changes nothing. */
export function isAsPresented(roles: unknown, role: Role): boolean {
  const [presented] = presentedRoles(role);
  if (!Array.isArray(roles) || roles.length !== 1) return false;
  const [only] = roles as readonly Record<string, unknown>[];
  return Object.entries(presented ?? {}).every(([name, value]) => only?.[name] === value);
}
