import { describe, expect, test } from '@jest/globals';
import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Authority, Rights } from '../../directory/roles/authority.ts';
import type { Role } from '../../directory/users/user.ts';
import { checkAccountScopes } from './rules.ts';

const rightsOf = (id: string, role: Role): Rights => ({
  id: id as UserId,
  status: 'active',
  role,
  owner: false,
  groupRoles: [],
  elevations: [],
});
const by = (role: Role): Authority => {
  const rights = rightsOf('creator', role);
  const actor = { type: 'user', id: rights.id, via: 'api' } as const;
  return { org: 'org' as OrgId, rights, scopes: undefined, actor, origin: { actor, requestId: 'test' } };
};
const invalid = expect.objectContaining({ code: 'invalid_scope' });

describe('a key of a service account', () => {
  test('is created with what both the account and the creator may', () => {
    expect(checkAccountScopes(rightsOf('account', 'admin'), by('admin'), ['users:read'])).toEqual([
      'users:read',
    ]);
  });

  test('is not created with what the creator may not, though the account may', () => {
    expect(() => checkAccountScopes(rightsOf('account', 'admin'), by('configure'), ['sso:manage'])).toThrow(
      invalid,
    );
  });

  test('is not created with what the account may not, though the creator may', () => {
    expect(() => checkAccountScopes(rightsOf('account', 'train'), by('admin'), ['sso:manage'])).toThrow(
      invalid,
    );
  });
});
