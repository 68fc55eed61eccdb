import { expect, test } from '@jest/globals';
import { detectSensitiveAction, isSensitive } from './sensitive-action.ts';

const event = {
  action: 'audit.exported',
  actorType: 'user',
  actorId: 'u1',
  targetType: 'organization',
  targetId: 'o1',
  at: '2026-11-29T09:00:00.000Z',
};

test.each<[string, typeof event, boolean, string | undefined]>([
  ['a first export of the audit trail', event, false, 'medium'],
  ['an export by a user who exports often', event, true, undefined],
  ['a first Super Admin made', { ...event, action: 'user.owner_granted' }, false, 'high'],
  ['a change that everyone makes', { ...event, action: 'group.created' }, false, undefined],
])('R113 a sensitive action: %s', (_name, seen, done, severity) => {
  expect(detectSensitiveAction(seen, done)[0]?.severity).toBe(severity);
});

test('what a connection or the system does is no action of an administrator', () => {
  expect(isSensitive({ ...event, actorType: 'connection' })).toBe(false);
  expect(isSensitive(event)).toBe(true);
});
