import { describe, expect, test } from '@jest/globals';
import type { EventAction } from '../../audit/catalogue.ts';
import { deliveredType } from './subscriptions.ts';

const roleChange = { values: { role: ['readonly', 'admin'] } };
const typeFor = (wanted: string[], action: EventAction, changes: typeof roleChange | null = null) =>
  deliveredType(wanted)({ action, changes });

describe('a webhook', () => {
  test('gets the events that it names, under their names, and no others', () => {
    expect(typeFor(['user.created', 'group.deleted'], 'group.deleted')).toBe('group.deleted');
    expect(typeFor(['user.created', 'group.deleted'], 'group.created')).toBeUndefined();
  });

  test('gets everything by *', () => {
    expect(typeFor(['*'], 'webhook.tested')).toBe('webhook.tested');
  });

  test('gets permissions.changed of what gives and takes rights', () => {
    for (const action of [
      'user.role_changed',
      'group.member_added',
      'elevation.expired',
      'api_key.revoked',
    ] as const) {
      expect(typeFor(['permissions.changed'], action)).toBe('permissions.changed');
    }
    expect(typeFor(['permissions.changed'], 'user.updated')).toBeUndefined();
  });

  test('gets permissions.changed of a group only if its role is another one', () => {
    expect(typeFor(['permissions.changed'], 'group.updated', roleChange)).toBe('permissions.changed');
    expect(typeFor(['permissions.changed'], 'group.updated')).toBeUndefined();
  });

  test('that asks for an event by name and for permissions.changed gets it once, under its name', () => {
    expect(typeFor(['permissions.changed', 'user.deleted'], 'user.deleted')).toBe('user.deleted');
  });
});
