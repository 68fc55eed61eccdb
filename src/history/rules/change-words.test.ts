import { describe, expect, test } from '@jest/globals';
import { type SpokenChange, wordsOf } from './change-words.ts';

const active = { status: 'active', role: 'train', owner: false, deletedAt: null };
const names = { user: 'Jane Doe', group: 'Engineering' };
const member = { inGroupRole: 'member', sources: ['scim'] };

type Case = readonly [
  kind: SpokenChange['kind'],
  before: SpokenChange['before'],
  after: SpokenChange['after'],
  effects: readonly string[],
  sentence: string,
];

describe('a change in words', () => {
  test.each<Case>([
    [
      'group',
      { name: 'Engineering' },
      { name: 'Engineering', autoAssignPattern: '*@eng.example' },
      ['group_changed'],
      'The group Engineering adds everyone with *@eng.example.',
    ],
    [
      'group',
      { name: 'Engineering', autoAssignPattern: '*@eng.example' },
      { name: 'Engineering', autoAssignPattern: null },
      ['group_changed'],
      'The group Engineering no longer adds everyone with *@eng.example.',
    ],
    ['user', null, active, ['joined'], 'Jane Doe joined as train.'],
    ['user', null, { ...active, status: 'pending' }, ['joined'], 'Jane Doe joined as train, pending.'],
    ['user', active, null, ['left'], 'Jane Doe left, with the role train.'],
    ['user', active, { ...active, deletedAt: '2026-11-29' }, ['left'], 'Jane Doe left, with the role train.'],
    ['user', { ...active, deletedAt: '2026-11-29' }, active, ['joined'], 'Jane Doe joined as train.'],
    ['user', { ...active, deletedAt: '2026-11-29' }, null, ['left'], 'Jane Doe was removed for good.'],
    [
      'user',
      active,
      { ...active, status: 'inactive', role: 'readonly' },
      ['deactivated', 'lost_role'],
      'Jane Doe became inactive, went from train to readonly.',
    ],
    [
      'user',
      active,
      { ...active, role: 'admin', owner: true },
      ['gained_role', 'gained_owner'],
      'Jane Doe went from train to admin, became an owner.',
    ],
    ['membership', null, member, ['gained_group'], 'Jane Doe joined Engineering.'],
    ['membership', member, null, ['lost_group'], 'Jane Doe left Engineering.'],
    [
      'membership',
      member,
      { ...member, sources: ['scim', 'manual'] },
      ['sources_changed'],
      'Jane Doe is in Engineering by scim and manual now.',
    ],
    [
      'group',
      { name: 'Engineering', role: 'train' },
      { name: 'Engineering', role: null },
      ['group_lost_role'],
      'The group Engineering gives the role none instead of train.',
    ],
    [
      'elevation',
      { role: 'admin', state: 'active' },
      { role: 'admin', state: 'revoked' },
      ['elevation_ended'],
      'Jane Doe lost the role admin before its time.',
    ],
    [
      'elevation',
      { role: 'admin', state: 'pending' },
      { role: 'admin', state: 'rejected' },
      ['elevation_refused'],
      'Jane Doe did not get the role admin.',
    ],
  ])('of a %s from %j to %j', (kind, before, after, effects, sentence) => {
    expect(wordsOf({ kind, before, after, ...names })).toEqual({ effects, sentence });
  });
});
