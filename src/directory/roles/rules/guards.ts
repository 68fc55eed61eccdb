import { DomainError } from '../../errors.ts';
import { notFound } from '../../not-found.ts';
import type { Role } from '../../users/user.ts';
import {
  type Authority,
  effectiveRole,
  isOwner,
  isSelf,
  managedGroups,
  type Rights,
  scopeOf,
} from '../authority.ts';
import type { Permission, Scope } from './permissions.ts';
import { compareRoles } from './roles.ts';

/** The text of R144, for callers without the permission; visibility rules have their own texts. */
export const FORBIDDEN = "You don't have permission to access this";

/** @param rule a sentence about why, where the permission itself is there */
export const forbidden = (rule = FORBIDDEN): DomainError => new DomainError('forbidden', rule);

/** @throws DomainError `forbidden` if the caller lacks a permission altogether; @returns how far it reaches */
export function requirePermission(by: Authority, permission: Permission): Scope {
  const scope = scopeOf(by, permission);
  if (scope === 'none') throw forbidden();
  return scope;
}

/** @throws DomainError `forbidden` unless the permission reaches the whole organization */
export function requireWholeOrganization(by: Authority, permission: Permission): void {
  if (requirePermission(by, permission) !== 'all') throw forbidden();
}

/** Whether the caller may look at a user with a permission that reads. */
export function mayRead(by: Authority, permission: Permission, target: Rights): boolean {
  const scope = scopeOf(by, permission);
  if (scope === 'none') return false;
  if (scope === 'all' || target.id === by.rights.id) return true;
  return scope === 'group' && sharesManagedGroup(by, target);
}

function sharesManagedGroup(by: Authority, target: Rights): boolean {
  const managed = managedGroups(by.rights);
  return target.groupRoles.some(({ group }) => managed.has(group));
}

/** Acts on the whole account need all the user's groups to be the manager's (guard rule 3). */
export type ManageAct = 'edit' | 'whole account';

/**
 * Guard rules 1 to 3 (docs/roles.md §3).
 * @param permission what the act needs; giving a role needs `roles:assign`, which reaches as far
 * @throws DomainError `not_found` if the caller may not see the user, `forbidden`, `self_change`
 */
export function requireManage(
  by: Authority,
  target: Rights,
  act: ManageAct,
  permission: 'users:manage' | 'roles:assign' = 'users:manage',
): void {
  const scope = requirePermission(by, permission);
  if (act === 'whole account' && isSelf(by, target.id)) throw selfChange();
  if (scope === 'all') {
    if (target.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);
    return;
  }
  const managed = managedGroups(by.rights);
  if (!target.groupRoles.some(({ group }) => managed.has(group))) {
    throw mayRead(by, 'users:read', target) ? forbidden() : userNotFound();
  }
  if (target.owner || compareRoles(effectiveRole(target), 'configure') >= 0) {
    throw forbidden('A manager manages users below the role configure: ask an administrator.');
  }
  if (act === 'whole account' && !target.groupRoles.every(({ group }) => managed.has(group))) {
    throw forbidden(
      'This user is also in a group that you do not manage: remove them from your group, or ask an administrator.',
    );
  }
}

/**
 * Changing the address with which a user signs in, and sending a link for a new password, lead into the account and
 * past an organization's single sign-on: they need the right that reaches the whole organization.
 * @throws DomainError as `requireManage` of the whole account; `forbidden` to a manager of the user's groups
 */
export function requireSignInRight(by: Authority, target: Rights): void {
  requireManage(by, target, 'whole account');
  if (scopeOf(by, 'users:manage') !== 'all') throw forbidden(ADMINISTRATORS_ONLY);
}

const ADMINISTRATORS_ONLY =
  'Only an administrator changes the sign-in address of a user or mails them a link for a new password: ask one.';

/** Of whatever concerns an owner. */
export const OWNERS_ONLY = 'This user is an owner: only another owner manages them.';

/** What decides whether only an owner may make an admin. */
export interface RolePolicy {
  readonly onlyOwnersGrantAdmin: boolean;
}

/**
 * The highest role that a user may assign, and to which users (guard rule 4).
 * @returns undefined if they may assign no role
 */
export function roleLimit(
  by: Pick<Authority, 'rights' | 'scopes'>,
  policy: RolePolicy,
): { readonly scope: Scope; readonly role: Role } | undefined {
  const scope = scopeOf(by, 'roles:assign');
  if (scope === 'none') return undefined;
  if (scope !== 'all') return { scope, role: 'train' };
  return { scope, role: policy.onlyOwnersGrantAdmin && !isOwner(by.rights) ? 'configure' : 'admin' };
}

/** @throws DomainError `forbidden`, `role_above_limit` */
export function requireGrantable(by: Authority, role: Role, policy: RolePolicy): void {
  const limit = roleLimit(by, policy)?.role;
  if (limit === undefined) throw forbidden();
  if (compareRoles(role, limit) > 0) {
    throw new DomainError('role_above_limit', `You may assign roles up to ${limit}; ${role} is above that.`);
  }
}

/**
 * A caller who may not assign a role cannot take over an account that has it: changes that lead into an account (address, password) are bound by the same limit.
 * @throws DomainError `role_above_limit`
 */
export function requireWithinLimit(by: Authority, target: Rights, policy: RolePolicy): void {
  const limit = roleLimit({ ...by, scopes: undefined }, policy)?.role ?? 'readonly';
  if (isOwner(by.rights) || compareRoles(effectiveRole(target), limit) <= 0) return;
  throw new DomainError(
    'role_above_limit',
    `This user has the role ${effectiveRole(target)}: you manage the sign-in of users up to ${limit}.`,
  );
}

/** A user's own role, status and end are others' to decide (guard rule 1). @throws DomainError `self_change` */
export function requireOther(by: Authority, target: { readonly id: string }): void {
  if (isSelf(by, target.id)) throw selfChange();
}

const selfChange = () =>
  new DomainError(
    'self_change',
    'You cannot change your own role, status or owner flag: ask another administrator.',
  );

export const userNotFound = (): DomainError => notFound('user');
