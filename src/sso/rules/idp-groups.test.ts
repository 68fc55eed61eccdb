import { describe, expect, test } from '@jest/globals';
import type { GroupId } from '../../directory/ids.ts';
import {
  decideGroups,
  type GroupsDecision,
  type IdpGroups,
  type KnownGroup,
  MAX_IDP_GROUPS,
  mappedRole,
} from './idp-groups.ts';

const support = '01890000-0000-7000-8000-0000000000a1' as GroupId;
const group = (change: Partial<KnownGroup> = {}): KnownGroup => ({
  id: support,
  nameKey: 'support team',
  role: null,
  source: 'manual',
  ...change,
});

const said = (change: Partial<IdpGroups> = {}): IdpGroups => ({
  groups: ['Support Team'],
  overage: false,
  scimPushesGroups: false,
  ...change,
  provisioning: {
    groupAttribute: 'memberOf',
    autoCreateGroups: false,
    roleSource: 'app',
    ...change.provisioning,
  },
});

const stays: GroupsDecision = { follows: false, join: [], create: [], ignored: [] };
const provisioning = (change: Partial<IdpGroups['provisioning']>) =>
  said({ provisioning: change as IdpGroups['provisioning'] });
const ignores = (why: string) => ({
  follows: true,
  join: [],
  create: [],
  ignored: [{ name: 'Support Team', why }],
});

describe('groups of a sign-in', () => {
  test.each<[string, IdpGroups, KnownGroup[], object]>([
    [
      'a group of the name is joined, upper and lower case being one (R49)',
      said({ groups: ['SUPPORT team '] }),
      [group()],
      { ...stays, follows: true, join: [support] },
    ],
    [
      'a name with marks that turn text round is created without them',
      {
        ...said({ groups: ['Team \u202Enimda'] }),
        ...provisioning({ autoCreateGroups: true }),
        groups: ['Team \u202Enimda'],
      },
      [],
      { ...stays, follows: true, create: ['Team nimda'] },
    ],
    [
      'and found again by the same name',
      said({ groups: ['Support\u202E  Team'] }),
      [group()],
      { ...stays, follows: true, join: [support] },
    ],
    ['an unknown group is ignored and said (R54)', said(), [], ignores('unknown')],
    [
      'an unknown group is created where that is on (R54)',
      provisioning({ autoCreateGroups: true }),
      [],
      { ...stays, follows: true, create: ['Support Team'] },
    ],
    ['no groups in the assertion change nothing', said({ groups: undefined }), [group()], stays],
    ['an empty list takes earlier ones back', said({ groups: [] }), [group()], { ...stays, follows: true }],
    ['too many groups at Entra change nothing', said({ overage: true }), [group()], stays],
    [
      '10,000 groups change nothing',
      said({ groups: Array.from({ length: MAX_IDP_GROUPS * 10 }, (_, n) => `g${n}`) }),
      [group()],
      stays,
    ],
    [
      'where SCIM pushes groups the assertion has no say (rule 4)',
      said({ scimPushesGroups: true }),
      [group()],
      stays,
    ],
    ['without a group attribute nothing is read', provisioning({ groupAttribute: null }), [group()], stays],
    [
      'a group that SCIM manages is not joined',
      said(),
      [group({ source: 'scim' })],
      ignores('managed_by_scim'),
    ],
    [
      'a group with a role is not joined where the provider gives no roles',
      said(),
      [group({ role: 'train' })],
      ignores('carries_a_role'),
    ],
    [
      'a group with a role is joined where the provider’s groups are the source of roles',
      provisioning({ roleSource: 'idp_groups' }),
      [group({ role: 'train' })],
      { ...stays, follows: true, join: [support] },
    ],
    [
      'a group that makes admins is never joined',
      provisioning({ roleSource: 'idp_groups' }),
      [group({ role: 'admin' })],
      ignores('carries_admin'),
    ],
  ])('%s', (_claim, given, known, expected) => {
    expect(decideGroups(given, known)).toEqual(expected);
  });

  test('one sign-in creates at most 50 groups', () => {
    const groups = Array.from({ length: 80 }, (_, n) => `Group ${n}`);
    const { create, ignored } = decideGroups(
      said({
        groups,
        provisioning: { groupAttribute: 'memberOf', autoCreateGroups: true, roleSource: 'app' },
      }),
      [],
    );
    expect([create.length, ignored.length]).toEqual([50, 30]);
  });
});

test('the highest role that the groups are mapped to counts', () => {
  const mapping = [
    { group: 'Trainers', role: 'train' },
    { group: 'Leads', role: 'configure' },
  ] as const;
  expect(mappedRole(['trainers', 'LEADS'], [...mapping])).toBe('configure');
  expect(mappedRole(['others'], [...mapping])).toBeUndefined();
  expect(mappedRole(undefined, [...mapping])).toBeUndefined();
});
