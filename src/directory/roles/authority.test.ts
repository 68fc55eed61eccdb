import { describe, expect, test } from '@jest/globals';
import type { GroupId, OrgId, UserId } from '../ids.ts';
import { type Authority, effectiveRole, isOwner, managedGroups, type Rights, scopeOf } from './authority.ts';

const group = (name: string) => `group-${name}` as GroupId;
const rightsOf = (more: Partial<Rights> = {}): Rights => ({
  id: 'someone' as UserId,
  status: 'active',
  role: 'configure',
  owner: false,
  groupRoles: [
    { group: group('managed'), name: 'Managed', inGroupRole: 'manager', role: undefined },
    { group: group('joined'), name: 'Joined', inGroupRole: 'member', role: undefined },
  ],
  elevations: [],
  ...more,
});
const authorityOf = (rights: Rights, scopes?: Authority['scopes']): Authority => {
  const actor = { type: 'user', id: rights.id, via: 'api' } as const;
  return { org: 'org' as OrgId, rights, scopes, actor, origin: { actor, requestId: 'test' } };
};

describe('managedGroups', () => {
  test('are those in which the user is a manager, not those in which they are a member', () => {
    expect([...managedGroups(rightsOf())]).toEqual([group('managed')]);
  });

  test('are empty below the role configure, and for a user who is not active', () => {
    expect(managedGroups(rightsOf({ role: 'train' })).size).toBe(0);
    expect(managedGroups(rightsOf({ status: 'inactive' })).size).toBe(0);
  });
});

describe('effectiveRole', () => {
  test('is the highest of the direct role, the roles of the groups and the elevations', () => {
    const carries = { group: group('a'), name: 'A', inGroupRole: 'member', role: 'train' } as const;
    const elevation = { id: 'e', role: 'admin', expiresAt: '2030-01-01T00:00:00.000Z' } as const;
    expect(effectiveRole(rightsOf({ role: 'readonly', groupRoles: [carries] }))).toBe('train');
    expect(
      effectiveRole(rightsOf({ role: 'readonly', groupRoles: [carries], elevations: [elevation] })),
    ).toBe('admin');
  });

  test('of an elevation to admin makes no owner of a user with the owner flag', () => {
    const elevation = { id: 'e', role: 'admin', expiresAt: '2030-01-01T00:00:00.000Z' } as const;
    expect(isOwner(rightsOf({ role: 'configure', owner: true, elevations: [elevation] }))).toBe(false);
    expect(isOwner(rightsOf({ role: 'admin', owner: true }))).toBe(true);
    expect(isOwner(rightsOf({ role: 'admin', owner: true, status: 'inactive' }))).toBe(false);
  });
});

describe('scopeOf', () => {
  test('a key reaches as far as its owner, and only with the permissions that it was made for', () => {
    const rights = rightsOf({ role: 'admin' });
    const key = authorityOf(rights, new Set(['users:read'] as const));
    expect(scopeOf(key, 'users:read')).toBe('all');
    expect(scopeOf(key, 'users:delete')).toBe('none');
    expect(scopeOf(authorityOf(rights), 'users:delete')).toBe('all');
  });

  test('a key loses what its owner has lost', () => {
    const key = authorityOf(rightsOf({ role: 'readonly' }), new Set(['users:delete'] as const));
    expect(scopeOf(key, 'users:delete')).toBe('none');
  });
});
