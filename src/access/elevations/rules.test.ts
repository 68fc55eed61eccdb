import { describe, expect, test } from '@jest/globals';
import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Authority, Rights } from '../../directory/roles/authority.ts';
import { checkJustification, needsApproval, requireHigher, spanOf } from './rules.ts';

const now = new Date('2026-11-24T12:00:00.000Z');
const rights: Rights = {
  id: 'someone' as UserId,
  status: 'active',
  role: 'train',
  owner: false,
  groupRoles: [],
  elevations: [],
};
const by = (scopes?: Authority['scopes']): Authority => {
  const actor = { type: 'user', id: rights.id, via: 'api' } as const;
  return { org: 'org' as OrgId, rights, scopes, actor, origin: { actor, requestId: 'test' } };
};
const refusal = (code: string) => expect.objectContaining({ code });
const noApproval = { train: false, configure: false, admin: false };

describe('spanOf', () => {
  test('an elevation lasts eight hours by default, and 24 at most', () => {
    expect(spanOf(undefined, now)).toEqual({ minutes: 480, expiresAt: '2026-11-24T20:00:00.000Z' });
    expect(spanOf({ minutes: 1_440 }, now).expiresAt).toBe('2026-11-25T12:00:00.000Z');
    expect(() => spanOf({ minutes: 1_441 }, now)).toThrow(refusal('too_long'));
    expect(() => spanOf({ expiresAt: '2026-11-25T12:00:00.001Z' }, now)).toThrow(refusal('too_long'));
  });

  test.each(['2026-11-24T12:00:00.000Z', '2026-11-24T11:59:59.999Z', '2020-01-01T00:00:00Z'])(
    'an end that is not in the future is rejected: %s',
    (expiresAt) => {
      expect(() => spanOf({ expiresAt }, now)).toThrow(refusal('in_the_past'));
    },
  );
});

describe('needsApproval', () => {
  test('a session needs none where the organization asks for none', () => {
    const settings = { elevationApproval: noApproval, onlyOwnersGrantAdmin: false };
    expect(needsApproval(by(), 'admin', settings)).toBe(false);
  });

  test('a key always does', () => {
    const settings = { elevationApproval: noApproval, onlyOwnersGrantAdmin: false };
    expect(needsApproval(by(new Set(['elevation:request'] as const)), 'configure', settings)).toBe(true);
  });

  test('admin does where only owners grant it, and any role for which the organization requires it', () => {
    const settings = {
      elevationApproval: { ...noApproval, configure: true },
      onlyOwnersGrantAdmin: true,
    };
    expect(needsApproval(by(), 'admin', settings)).toBe(true);
    expect(needsApproval(by(), 'configure', settings)).toBe(true);
    expect(needsApproval(by(), 'train', settings)).toBe(false);
  });
});

test('requireHigher takes a higher role of an active user only', () => {
  requireHigher(rights, 'configure');
  expect(() => requireHigher(rights, 'train')).toThrow(refusal('not_higher'));
  expect(() => requireHigher({ ...rights, status: 'inactive' }, 'admin')).toThrow(refusal('target_inactive'));
});

test('checkJustification asks for ten characters besides blanks', () => {
  expect(checkJustification('  on call now  ')).toBe('on call now');
  expect(() => checkJustification('         x          ')).toThrow(refusal('justification_required'));
});
