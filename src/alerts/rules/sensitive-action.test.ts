import { expect, test } from '@jest/globals';
import { detectSensitiveAction, isSensitive, madeBySensitive } from './sensitive-action.ts';

const event = {
  action: 'audit.exported',
  actorType: 'user',
  actorId: 'u1',
  targetType: 'organization',
  targetId: 'o1',
  memberId: null,
  changes: null,
  at: '2026-11-29T09:00:00.000Z',
};

test.each<[string, typeof event, boolean, string | undefined]>([
  ['a first export of the audit trail', event, false, 'medium'],
  ['an export by a user who exports often', event, true, undefined],
  ['a first owner made', { ...event, action: 'user.owner_granted' }, false, 'high'],
  ['a change that everyone makes', { ...event, action: 'group.created' }, false, undefined],
])('R113 a sensitive action: %s', (_name, seen, done, severity) => {
  expect(detectSensitiveAction(seen, done, undefined)[0]?.severity).toBe(severity);
});

test.each([
  ['api_key.created', {}, 'o1', 'Laptop', 'The user created the API key Laptop.'],
  ['api_key.created', {}, 'o1', undefined, 'The user created an API key.'],
  ['webhook.created', {}, 'o1', 'hooks.example', 'The user added a webhook to hooks.example.'],
  [
    'sso_certificate.added',
    { memberId: 'c1' },
    'c1',
    'Okta',
    'The user added a certificate of the provider to Okta.',
  ],
  [
    'scim.token_issued',
    { changes: { values: { connection: [null, 'c2'] as const } } },
    'c2',
    'Entra $& ID',
    'The user issued a SCIM token of Entra $& ID.',
  ],
  ['audit.exported', {}, undefined, undefined, 'The user exported the audit trail.'],
])('R113 %s of %j is about %s, called %s: %s', (action, fields, made, name, why) => {
  const seen = { ...event, action, ...fields };
  expect(madeBySensitive(seen)).toBe(made);
  expect(detectSensitiveAction(seen, false, name)[0]?.detail['why']).toBe(why);
});

test('what a connection or the system does is no action of an administrator', () => {
  expect(isSensitive({ ...event, actorType: 'connection' })).toBe(false);
  expect(isSensitive(event)).toBe(true);
});
