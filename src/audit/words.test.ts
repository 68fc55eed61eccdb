import { expect, test } from '@jest/globals';
import { type SpokenEvent, sentenceOf } from './words.ts';

const event: SpokenEvent = {
  action: 'user.role_changed',
  actor: 'Ada Admin',
  target: 'Jane Doe',
  targetType: 'user',
  member: '',
  changes: { values: { role: ['readonly', 'configure'] } },
  reason: null,
};

test('an event is one sentence, with names and values', () => {
  expect(sentenceOf(event)).toBe('Ada Admin changed the role of Jane Doe from readonly to configure.');
});

test.each([
  ['elevation.requested', 'member', 'Ada Admin asked for the role admin for themselves.'],
  ['api_key.created', 'member', 'Ada Admin created an API key for themselves.'],
  ['api_key.revoked', 'member', 'Ada Admin revoked their own API key.'],
  ['second_factor.disabled', 'target', 'Ada Admin disabled their own second factor.'],
  ['elevation.revoked', 'member', 'Ada Admin ended their own higher role before its time.'],
  ['service_account.created', 'member', 'Ada Admin created Jane Doe, which they own, with the role admin.'],
  ['group.member_added', 'member', 'Ada Admin added themselves to Jane Doe.'],
  ['user.activated', 'target', 'Ada Admin activated their own account.'],
  ['user.updated', 'target', 'Ada Admin changed their own account.'],
] as const)('%s by the user whom it is about does not name them twice', (action, party, expected) => {
  const values = { role: [null, 'admin'] as const };
  expect(sentenceOf({ ...event, action, changes: { values }, self: [party] })).toBe(expected);
});

test.each([
  ['saml', 'SAML'],
  ['oidc', 'OpenID Connect'],
  ['password and code', 'password and code'],
  ['invitation', 'an invitation'],
])('a session begun by %s is one with %s', (method, words) => {
  const changes = { values: { method: [null, method] as const } };
  expect(sentenceOf({ ...event, action: 'session.started', changes })).toBe(
    `Jane Doe signed in with ${words}.`,
  );
});

test('an alert opened for failed sign-ins says so as it is written', () => {
  const changes = { values: { kind: [null, 'failed_sign_ins'], severity: [null, 'high'] } } as const;
  expect(sentenceOf({ ...event, action: 'alert.opened', changes })).toContain(
    'an alert: failed sign-ins locked the account, ',
  );
});

test.each([
  ['Covers for a colleague.', 'because “Covers for a colleague”.'],
  ['Covers for\n a colleague', 'because “Covers for a colleague”.'],
  ['Really?', 'because “Really?”.'],
])('the reason %j is quoted, and the sentence ends once', (reason, end) => {
  expect(sentenceOf({ ...event, reason })).toMatch(new RegExp(`, ${end.replaceAll(/[.?]/g, '\\$&')}$`));
});

test.each([
  [1, 'Ada Admin reminded 1 reviewer of the access review Jane Doe.'],
  [4, 'Ada Admin reminded 4 reviewers of the access review Jane Doe.'],
])('%i reviewers are a number with its noun', (reviewers, expected) => {
  const changes = { values: { reviewers: [null, reviewers] as const } };
  expect(sentenceOf({ ...event, action: 'review.reminded', changes })).toBe(expected);
});

test('minutes are said as hours where they are whole ones', () => {
  const changes = { values: { role: [null, 'admin'], minutes: [null, 240] } as const };
  expect(sentenceOf({ ...event, action: 'elevation.requested', member: 'Joe', changes })).toBe(
    'Ada Admin asked for the role admin for Joe for 4 hours.',
  );
});

test.each([
  ['user', 'Jane Doe', 'A sign-in as Jane Doe was refused: wrong password.'],
  [
    'sso_connection',
    'the connection Okta',
    'A sign-in through the connection Okta was refused: wrong password.',
  ],
] as const)(
  'a refused sign-in is one as a user, or through a connection (%s)',
  (targetType, target, expected) => {
    const changes = { values: { outcome: [null, 'wrong_password'] as const } };
    expect(sentenceOf({ ...event, action: 'auth.failed', targetType, target, changes })).toBe(expected);
  },
);
