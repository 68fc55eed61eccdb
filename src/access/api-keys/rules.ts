import { DomainError } from '../../directory/errors.ts';
import { type Authority, type Rights, reach, scopeOf } from '../../directory/roles/authority.ts';
import { PERMISSION_NAMES, type Permission } from '../../directory/roles/rules/permissions.ts';

/** Permissions over oneself, which a program has no use for. */
const USERS_ONLY: readonly Permission[] = ['api_keys:own', 'elevation:request'];

/**
 * What a key of a service account may be made for: permissions that reach beyond the key's own holder.
 * @param account the rights of the account at this moment, which its role and its owner limit
 * @param by who creates the key, and needs each permission themselves
 * @returns each permission once, in the order of the table
 * @throws DomainError `invalid_scope`
 */
export function checkAccountScopes(
  account: Rights,
  by: Authority,
  scopes: readonly Permission[],
): Permission[] {
  const beyond = scopes.filter(
    (scope) =>
      USERS_ONLY.includes(scope) ||
      ['none', 'self'].includes(reach(account, scope)) ||
      scopeOf(by, scope) === 'none',
  );
  if (beyond.length > 0) {
    throw new DomainError(
      'invalid_scope',
      `The service account cannot have ${beyond.join(', ')}: its role, its owner or you do not have it.`,
    );
  }
  return PERMISSION_NAMES.filter((permission) => scopes.includes(permission));
}

/**
 * What a key may be made for: permissions that its owner has at this moment. Permissions that the owner loses
 * later are lost for the key as well, since both are checked at each use (guard rule 6).
 * @returns each permission once, in the order of the table
 * @throws DomainError `invalid_scope`
 */
export function checkScopes(owner: Rights, scopes: readonly Permission[]): Permission[] {
  const beyond = scopes.filter((scope) => reach(owner, scope) === 'none');
  if (beyond.length > 0) {
    throw new DomainError(
      'invalid_scope',
      `You do not have ${beyond.join(', ')}: a key cannot be made for more than its owner may.`,
    );
  }
  return PERMISSION_NAMES.filter((permission) => scopes.includes(permission));
}
