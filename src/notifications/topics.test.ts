import { describe, expect, test } from '@jest/globals';
import type { UserId } from '../directory/ids.ts';
import type { Rights } from '../directory/roles/authority.ts';
import type { Role } from '../directory/users/user.ts';
import {
  allowedFrequencies,
  type Frequency,
  frequencyOf,
  isInAudience,
  TOPIC_DECLARATIONS,
  TOPICS,
  type Topic,
} from './topics.ts';

const NOTHING_SET = { notificationDefaults: {}, notificationsRequired: [] };
const rights = (role: Role, owner = false, status: Rights['status'] = 'active'): Rights => ({
  id: 'a' as UserId,
  role,
  owner,
  status,
  groupRoles: [],
  elevations: [],
});

describe('who is told', () => {
  test.each<[Topic, Rights, boolean]>([
    ['own_sign_ins', rights('readonly'), true],
    ['own_sign_ins', rights('readonly', false, 'inactive'), false],
    ['review', rights('configure'), true],
    ['review', rights('train'), false],
    ['review_oversight', rights('configure'), false],
    ['review_oversight', rights('admin'), true],
    ['mass_change', rights('admin'), true],
    ['mass_change', rights('admin', true, 'inactive'), false],
    ['mass_change', rights('configure', true), false],
    ['elevation_request', rights('configure'), false],
    ['dead_job', rights('admin'), true],
  ])('of %s, case %#', (topic, who, expected) => {
    expect(isInAudience(topic, who)).toBe(expected);
  });

  test('everyone is told of what their own account is about', () => {
    expect(TOPICS.filter((topic) => isInAudience(topic, rights('readonly')))).toEqual([
      'own_account',
      'own_sign_ins',
      'own_elevations',
    ]);
  });
});

describe('how often', () => {
  test.each<[Topic, Rights, object, Frequency | undefined, Frequency]>([
    ['alert', rights('admin'), {}, undefined, 'daily'],
    ['alert', rights('admin'), {}, 'off', 'off'],
    ['alert', rights('admin'), { notificationDefaults: { alert: 'at_once' } }, undefined, 'at_once'],
    ['alert', rights('admin'), { notificationDefaults: { alert: 'at_once' } }, 'off', 'off'],
    ['alert', rights('admin'), { notificationsRequired: ['alert'] }, 'off', 'at_once'],
    ['mass_change', rights('admin'), {}, 'daily', 'daily'],
    ['mass_change', rights('admin'), {}, 'off', 'at_once'],
    ['mass_change', rights('admin', true), {}, 'daily', 'at_once'],
    ['own_sign_ins', rights('admin'), {}, 'off', 'at_once'],
    [
      'own_sign_ins',
      rights('admin'),
      { notificationDefaults: { own_sign_ins: 'off' } },
      undefined,
      'at_once',
    ],
    ['review', rights('configure'), { notificationDefaults: { review: 'off' } }, undefined, 'at_once'],
  ])('of %s, case %#', (topic, who, settings, chosen, expected) => {
    expect(frequencyOf(topic, who, { ...NOTHING_SET, ...settings }, chosen)).toBe(expected);
  });

  test('what concerns one’s own account cannot be switched off', () => {
    for (const topic of TOPICS.filter((each) => TOPIC_DECLARATIONS[each].audience === 'self')) {
      expect(allowedFrequencies(topic, rights('admin', true), NOTHING_SET)).toEqual(['at_once']);
    }
  });
});
