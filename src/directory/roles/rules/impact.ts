import { createHash } from 'node:crypto';
import type { Role } from '../../users/user.ts';
import { effectiveRole, type Rights } from '../authority.ts';
import { compareScopes, PERMISSION_NAMES, type Permission, type Scope, scopeFor } from './permissions.ts';
import { compareRoles } from './roles.ts';

/** A permission whose reach changes. */
export interface PermissionChange {
  readonly permission: Permission;
  readonly from: Scope;
  readonly to: Scope;
}

/** What a new direct role changes for a user (R74). */
export interface RoleImpact {
  readonly from: Role;
  readonly to: Role;
  readonly effectiveFrom: Role;
  readonly effectiveTo: Role;
  readonly gained: readonly PermissionChange[];
  readonly lost: readonly PermissionChange[];
  /** Groups whose role is above the new direct one and continues to apply. */
  readonly groupRoles: readonly { readonly id: string; readonly name: string; readonly role: Role }[];
}

/** Compares what a user may do now with what they could with another direct role. */
export function roleImpact(rights: Rights, to: Role): RoleImpact {
  const next: Rights = { ...rights, role: to, owner: rights.owner && to === 'admin' };
  const [effectiveFrom, effectiveTo] = [effectiveRole(rights), effectiveRole(next)];
  const changes = PERMISSION_NAMES.map((permission) => ({
    permission,
    from: scopeFor(effectiveFrom, rights.owner, permission),
    to: scopeFor(effectiveTo, next.owner, permission),
  }));
  return {
    from: rights.role,
    to,
    effectiveFrom,
    effectiveTo,
    gained: changes.filter((change) => compareScopes(change.to, change.from) > 0),
    lost: changes.filter((change) => compareScopes(change.to, change.from) < 0),
    groupRoles: rights.groupRoles.flatMap(({ group, name, role }) =>
      role !== undefined && compareRoles(role, to) > 0 ? [{ id: group, name, role }] : [],
    ),
  };
}

/**
 * Identifies the impact that a caller has seen: this change, applied to the user's current rights. A
 * confirmation is valid for that impact only (R75).
 */
export function impactToken(rights: Rights, to: Role): string {
  const seen = [rights.id, rights.role, rights.owner, to, rights.groupRoles, rights.elevations];
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url');
}
