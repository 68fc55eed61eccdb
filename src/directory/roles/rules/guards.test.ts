import { describe, expect, test } from '@jest/globals';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import type { Authority, Rights } from '../authority.ts';
import {
  mayRead,
  requireGrantable,
  requireManage,
  requireOther,
  requirePermission,
  requireWholeOrganization,
} from './guards.ts';

const [support, sales] = ['support' as GroupId, 'sales' as GroupId];
const membership = (group: GroupId, inGroupRole: 'manager' | 'member' = 'member') => ({
  group,
  name: group,
  inGroupRole,
  role: undefined,
});
const userOf = (id: string, more: Partial<Rights> = {}): Rights => ({
  id: id as UserId,
  status: 'active',
  role: 'readonly',
  owner: false,
  groupRoles: [],
  elevations: [],
  ...more,
});
const by = (rights: Rights): Authority => {
  const actor = { type: 'user', id: rights.id, via: 'api' } as const;
  return { org: 'org' as OrgId, rights, scopes: undefined, actor, origin: { actor, requestId: 'test' } };
};
const owner = userOf('owner', { role: 'admin', owner: true });
const admin = userOf('admin', { role: 'admin' });
const manager = userOf('manager', { role: 'configure', groupRoles: [membership(support, 'manager')] });
const reader = userOf('reader');
const inSupport = userOf('in support', { role: 'train', groupRoles: [membership(support)] });
const inBoth = userOf('in both', { groupRoles: [membership(support), membership(sales)] });
const inSales = userOf('in sales', { groupRoles: [membership(sales)] });
const refusal = (code: string) => expect.objectContaining({ code });
const open = { onlyOwnersGrantAdmin: false };
const strict = { onlyOwnersGrantAdmin: true };

describe('a permission', () => {
  test('that the role does not have is rejected', () => {
    expect(() => requirePermission(by(reader), 'users:manage')).toThrow(refusal('forbidden'));
    expect(requirePermission(by(manager), 'users:manage')).toBe('group');
  });

  test('that reaches some groups is not enough where it must reach the organization', () => {
    expect(() => requireWholeOrganization(by(manager), 'users:manage')).toThrow(refusal('forbidden'));
    expect(() => requireWholeOrganization(by(reader), 'users:read')).toThrow(refusal('forbidden'));
    requireWholeOrganization(by(admin), 'users:manage');
  });
});

describe('mayRead', () => {
  test.each([
    ['an admin reads anyone', admin, inSales, true],
    ['a manager reads the members of their groups', manager, inSupport, true],
    ['a manager reads no one else', manager, inSales, false],
    ['a reader reads themselves', reader, reader, true],
    ['a reader reads no one else', reader, inSupport, false],
  ])('%s', (_name, who, target, allowed) => {
    expect(mayRead(by(who), 'users:read', target)).toBe(allowed);
  });
});

describe('requireManage', () => {
  test('an admin manages anyone but owners and, as a whole account, themselves', () => {
    requireManage(by(admin), inSales, 'whole account');
    requireManage(by(admin), admin, 'edit');
    expect(() => requireManage(by(admin), admin, 'whole account')).toThrow(refusal('self_change'));
    expect(() => requireManage(by(admin), owner, 'edit')).toThrow(refusal('forbidden'));
    requireManage(by(owner), userOf('other', { role: 'admin', owner: true }), 'edit');
  });

  test('a manager manages members of their groups, and does not see others', () => {
    requireManage(by(manager), inSupport, 'whole account');
    expect(() => requireManage(by(manager), inSales, 'edit')).toThrow(refusal('not_found'));
  });

  test('a manager edits a member of other groups, too, but does not act on the whole account', () => {
    requireManage(by(manager), inBoth, 'edit');
    expect(() => requireManage(by(manager), inBoth, 'whole account')).toThrow(refusal('forbidden'));
  });

  test.each(['configure', 'admin'] as const)('a manager does not act on a member who is %s', (role) => {
    const peer = userOf('peer', { role, groupRoles: [membership(support)] });
    expect(() => requireManage(by(manager), peer, 'edit')).toThrow(refusal('forbidden'));
  });
});

describe('requireGrantable', () => {
  test('an admin gives any role, and admin only where not only owners may', () => {
    requireGrantable(by(admin), 'admin', open);
    requireGrantable(by(admin), 'configure', strict);
    expect(() => requireGrantable(by(admin), 'admin', strict)).toThrow(refusal('role_above_limit'));
    requireGrantable(by(owner), 'admin', strict);
  });

  test('a manager gives roles up to train', () => {
    requireGrantable(by(manager), 'train', open);
    expect(() => requireGrantable(by(manager), 'configure', open)).toThrow(refusal('role_above_limit'));
  });

  test('a user without the permission gives none', () => {
    expect(() => requireGrantable(by(reader), 'readonly', open)).toThrow(refusal('forbidden'));
  });
});

test('requireOther rejects what users would do to themselves', () => {
  expect(() => requireOther(by(admin), admin)).toThrow(refusal('self_change'));
  requireOther(by(admin), owner);
});
