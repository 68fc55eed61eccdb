import { expect, test } from '@jest/globals';
import { EVENT_ACTIONS, EVENTS, outcomeOf, type TargetedEvent, type UserEvent } from './catalogue.ts';
import type { EventDeclaration } from './declaration.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const declarations: readonly (readonly [string, EventDeclaration])[] = Object.entries(EVENTS);

/** What does not compile fails `npm run types`, and so does what compiles in spite of the expectation. */
const compiled: readonly TargetedEvent[] = [
  { action: 'group.member_added', target: ['group', id], member: id },
  {
    action: 'auth.failed',
    target: ['sso_connection', id],
    changes: { values: { outcome: [null, 'expired'] } },
  },
  { action: 'user.role_changed', target: ['user', id], reason: 'Covers for a colleague.' },
  // @ts-expect-error a member is added to a group
  { action: 'group.member_added', target: ['webhook', id], member: id },
  // @ts-expect-error the member is missing
  { action: 'group.member_added', target: ['group', id] },
  // @ts-expect-error a webhook has no member
  { action: 'webhook.tested', target: ['webhook', id], member: id },
  // @ts-expect-error the event has no changes
  { action: 'user.erased', target: ['user', id], changes: { attributes: ['name'] } },
  // @ts-expect-error the event declares no such value
  { action: 'user.role_changed', target: ['user', id], changes: { values: { email: ['a', 'b'] } } },
  // @ts-expect-error minutes are a number
  {
    action: 'elevation.requested',
    target: ['elevation', id],
    member: id,
    changes: { values: { minutes: [null, 'x'] } },
  },
  // @ts-expect-error no person says why a group was deleted
  { action: 'group.deleted', target: ['group', id], reason: 'Why not' },
  // @ts-expect-error the catalogue is closed
  { action: 'user.promoted', target: ['user', id] },
];

/** A statement that writes users writes events about users. */
const ofUsers: readonly UserEvent[] = [
  { action: 'user.deactivated', changes: { values: { status: ['active', 'inactive'] } } },
  // @ts-expect-error the event is about a webhook
  { action: 'webhook.tested' },
];

test('the catalogue contains every event that a feature declares, once', () => {
  expect(EVENT_ACTIONS).toHaveLength(new Set(EVENT_ACTIONS).size);
  expect(EVENT_ACTIONS.length).toBeGreaterThan(80);
  expect(compiled.length + ofUsers.length).toBe(13);
});

test('every event is named noun.verb_past and says what it means in one sentence', () => {
  for (const [name, { meaning }] of declarations) {
    expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*$/);
    expect(meaning).toMatch(/^[A-Z][^.]+\.$/);
  }
});

test('only rejected sign-ins are events of failure', () => {
  expect(EVENT_ACTIONS.filter((action) => outcomeOf(action) === 'failure')).toEqual(['auth.failed']);
});
