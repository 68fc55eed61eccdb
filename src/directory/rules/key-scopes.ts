import { type Rights, reach } from '../authority.ts';
import { Refusal } from '../errors.ts';
import { PERMISSION_NAMES, type Permission } from './permissions.ts';

/**
 * What a key may be made for: permissions that its owner has at this moment. What the owner loses later the key
 * loses as well, since both are asked at each use (guard rule 6).
 * @returns each once, in the order of the table
 * @throws Refusal `invalid_scope`
 */
export function checkScopes(owner: Rights, scopes: readonly Permission[]): Permission[] {
  const beyond = scopes.filter((scope) => reach(owner, scope) === 'none');
  if (beyond.length > 0) {
    throw new Refusal(
      'invalid_scope',
      `You do not have ${beyond.join(', ')}: a key cannot be made for more than its owner may.`,
    );
  }
  return PERMISSION_NAMES.filter((permission) => scopes.includes(permission));
}
