import { describe, expect, test } from '@jest/globals';
import {
  type AccountFacts,
  type KeyFacts,
  type Suggestion,
  suggestForAccount,
  suggestForKey,
  suggestForUser,
  type UserFacts,
} from './suggestion.ts';
import { usageOf } from './usage.ts';

const reader: UserFacts = {
  status: 'active',
  role: 'readonly',
  effectiveRole: 'readonly',
  owner: false,
  idleDays: 3,
  hasSignedIn: true,
  ageDays: 400,
  roleGroups: [],
  usage: { used: [], unused: [], unknown: [] },
  elevatedTo: [],
  peers: [],
};
const unusedOf = (role: 'configure' | 'admin') => usageOf(role, false, []);
const manager: UserFacts = {
  ...reader,
  role: 'configure',
  effectiveRole: 'configure',
  usage: unusedOf('configure'),
};
const admin: UserFacts = { ...reader, role: 'admin', effectiveRole: 'admin', usage: unusedOf('admin') };
const working = {
  usage: usageOf('admin', false, [{ action: 'user.invited', at: '2026-11-01T00:00:00.000Z' }]),
};
const peers = [{ group: 'Sales', others: 10, below: 9, usual: 'train' as const }];
const team = { id: 'g1', name: 'Operators', role: 'admin' as const };

const UNUSED_ADMIN = 'Used none of the 15 rights of the role admin whose use is recorded.';
const UNUSED_MANAGER = 'Used none of the 4 rights of the role configure whose use is recorded.';
const UNRECORDED = 'Work on agents and data sources is not recorded here, so the role may be in use.';

const short = ({ decision, role, group, risk }: Suggestion) => [decision, role ?? group, risk];

describe('the suggestion about a user', () => {
  test.each<[string, UserFacts, unknown[], string[]]>([
    ['keeps who works', reader, ['keep', null, 'low'], []],
    ['keeps who was idle for less than the limit', { ...reader, idleDays: 89 }, ['keep', null, 'low'], []],
    [
      'R127 deactivates who was idle for 90 days',
      { ...reader, idleDays: 90 },
      ['deactivate', null, 'medium'],
      ['Did nothing here for 90 days.'],
    ],
    [
      'calls an idle administrator a high risk',
      { ...admin, idleDays: 96 },
      ['deactivate', null, 'high'],
      ['Did nothing here for 96 days.', UNUSED_ADMIN],
    ],
    [
      'deactivates who was invited and never came',
      { ...reader, status: 'pending', hasSignedIn: false, idleDays: 120 },
      ['deactivate', null, 'medium'],
      ['Was invited 120 days ago and never signed in.'],
    ],
    [
      'says that an account was never used',
      { ...reader, hasSignedIn: false, idleDays: 200 },
      ['deactivate', null, 'medium'],
      ['Never signed in; the account is 200 days old.'],
    ],
    [
      'R130 lowers an administrator who used no right of the role',
      admin,
      ['change_role', 'configure', 'high'],
      [UNUSED_ADMIN],
    ],
    [
      'keeps an administrator who is new, and says that nothing was used',
      { ...admin, ageDays: 29 },
      ['keep', null, 'medium'],
      [UNUSED_ADMIN, 'The account is 29 days old: too new to judge it by what was not used.'],
    ],
    [
      'says of a new administrator who never signed in only that',
      { ...admin, status: 'pending', hasSignedIn: false, ageDays: 4, idleDays: 4 },
      ['keep', null, 'medium'],
      ['Was invited 4 days ago and never signed in.'],
    ],
    [
      'keeps an administrator who used one, and says of how many',
      { ...admin, ...working },
      ['keep', null, 'low'],
      ['Used 1 of the 15 rights of the role admin whose use is recorded.'],
    ],
    [
      'takes a user out of the group that gives the unused role',
      { ...admin, role: 'train', roleGroups: [team] },
      ['remove_group', 'g1', 'high'],
      [UNUSED_ADMIN, 'The role admin comes from the group Operators.'],
    ],
    [
      'leaves a user in a group that adds them by their address, and says so',
      { ...admin, role: 'train', roleGroups: [{ ...team, isByPattern: true }] },
      ['keep', null, 'high'],
      [
        UNUSED_ADMIN,
        'The role admin comes from the group Operators.',
        'It adds everyone with such an address.',
      ],
    ],
    [
      'leaves a temporary role alone',
      { ...admin, role: 'train' },
      ['keep', null, 'high'],
      [UNUSED_ADMIN, 'The role is a temporary one, and ends by itself.'],
    ],
    [
      'keeps configure where agents may be all that is made, and says that nothing else was used',
      manager,
      ['keep', null, 'medium'],
      [UNUSED_MANAGER, UNRECORDED],
    ],
    [
      'lowers an unused configure that is above its peers to their usual role',
      { ...manager, peers },
      ['change_role', 'train', 'medium'],
      [UNUSED_MANAGER, '9 of 10 others in Sales have a lower role.'],
    ],
    [
      'keeps a used role above its peers, as a medium risk',
      { ...manager, peers, ...working },
      ['keep', null, 'medium'],
      [
        '9 of 10 others in Sales have a lower role.',
        'Used 1 of the 15 rights of the role configure whose use is recorded.',
      ],
    ],
    [
      'compares nobody with three others',
      { ...manager, peers: [{ group: 'Sales', others: 3, below: 3, usual: 'train' }] },
      ['keep', null, 'medium'],
      [UNUSED_MANAGER, UNRECORDED],
    ],
    [
      'never lowers an owner',
      { ...admin, owner: true },
      ['keep', null, 'medium'],
      [UNUSED_ADMIN, 'An owner has the role admin: remove the owner flag first to lower it.'],
    ],
    [
      'gives a role that is asked for again and again',
      { ...reader, elevatedTo: ['configure', 'configure', 'configure'] },
      ['change_role', 'configure', 'medium'],
      ['Had the role configure for a while 3 times: if the work needs it, give it as their role.'],
    ],
    [
      'does not mind two elevations',
      { ...reader, elevatedTo: ['configure', 'configure'] },
      ['keep', null, 'low'],
      [],
    ],
    [
      'does not mind elevations to the role that they have',
      { ...manager, elevatedTo: ['configure', 'configure', 'configure'] },
      ['keep', null, 'medium'],
      [UNUSED_MANAGER, UNRECORDED],
    ],
  ])('%s', (_name, facts, expected, reasons) => {
    const suggestion = suggestForUser(facts, 90);
    expect([short(suggestion), suggestion.reasons]).toEqual([expected, reasons]);
  });
});

const account: AccountFacts = {
  role: 'readonly',
  status: 'active',
  ownerIsActive: true,
  keys: 1,
  idleDays: 0,
};

describe('the suggestion about a service account', () => {
  test.each<[string, AccountFacts, unknown[]]>([
    ['keeps one that works', account, ['keep', null, 'low']],
    ['looks twice at one with a high role', { ...account, role: 'admin' }, ['keep', null, 'medium']],
    [
      'disables one for which nobody answers',
      { ...account, ownerIsActive: false },
      ['deactivate', null, 'high'],
    ],
    ['disables one without keys', { ...account, keys: 0 }, ['deactivate', null, 'medium']],
    [
      'disables one whose keys lie idle',
      { ...account, idleDays: 90, role: 'admin' },
      ['deactivate', null, 'high'],
    ],
    ['leaves one that is disabled', { ...account, status: 'inactive', keys: 0 }, ['keep', null, 'low']],
  ])('%s', (_name, facts, expected) => {
    expect(short(suggestForAccount(facts, 90))).toEqual(expected);
  });
});

const key: KeyFacts = { idleDays: 0, wasUsed: true, expires: true, holderIsActive: true, role: 'readonly' };

describe('the suggestion about a key', () => {
  test.each<[string, KeyFacts, unknown[], string[]]>([
    ['keeps one that is used', key, ['keep', null, 'low'], []],
    [
      'looks twice at one without an end',
      { ...key, expires: false },
      ['keep', null, 'medium'],
      ['It never expires.'],
    ],
    [
      'revokes one that is not used',
      { ...key, idleDays: 90 },
      ['deactivate', null, 'medium'],
      ['It was not used for 90 days.'],
    ],
    [
      'calls the unused key of an administrator a high risk',
      { ...key, idleDays: 100, wasUsed: false, role: 'admin' },
      ['deactivate', null, 'high'],
      ['It was never used in the 100 days since it was made.'],
    ],
    [
      'revokes one whose holder is not active',
      { ...key, holderIsActive: false },
      ['deactivate', null, 'medium'],
      ['Its holder is not active.'],
    ],
  ])('%s', (_name, facts, expected, reasons) => {
    const suggestion = suggestForKey(facts, 90);
    expect([short(suggestion), suggestion.reasons]).toEqual([expected, reasons]);
  });
});

describe('the rights in use', () => {
  test('are told by events, and what leaves no trace is unknown', () => {
    const usage = usageOf('configure', false, [
      { action: 'user.invited', at: '2026-11-01T00:00:00.000Z' },
      { action: 'user.updated', at: '2026-11-03T00:00:00.000Z' },
      { action: 'session.started', at: '2026-11-04T00:00:00.000Z' },
    ]);
    expect(usage).toEqual({
      used: [{ permission: 'users:manage', lastAt: '2026-11-03T00:00:00.000Z' }],
      unused: ['roles:assign', 'groups:members', 'reviews:decide'],
      unknown: ['responses:train', 'agents:create', 'agents:edit', 'data_sources:manage', 'api_keys:own'],
    });
  });
});
