import { describe, expect, test } from '@jest/globals';
import { subscriptionOf } from './subscriptions.ts';

describe('subscriptionOf', () => {
  test('event names select themselves', () => {
    expect(subscriptionOf(['user.created', 'group.deleted'])).toEqual({
      everything: false,
      named: ['user.created', 'group.deleted'],
      derived: [],
      derivedByRole: [],
    });
  });

  test('* is everything', () => {
    expect(subscriptionOf(['*'])).toMatchObject({ everything: true, named: [], derived: [] });
  });

  test('permissions.changed is derived from what gives and takes rights, and from groups whose role changed', () => {
    const { everything, named, derived, derivedByRole } = subscriptionOf(['permissions.changed']);
    expect({ everything, named }).toEqual({ everything: false, named: [] });
    expect(derived).toEqual(
      expect.arrayContaining([
        'user.role_changed',
        'group.member_added',
        'elevation.expired',
        'api_key.revoked',
      ]),
    );
    expect(derived).not.toContain('group.updated');
    expect(derivedByRole).toEqual(['group.updated']);
  });
});
