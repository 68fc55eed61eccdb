import { describe, expect, test } from '@jest/globals';
import type { GroupId } from '../../directory/ids.ts';
import {
  decideGroups,
  type GroupsDecision,
  type IdpGroups,
  type KnownGroup,
  MAX_IDP_GROUPS,
  roleOfKnownUser,
  roleOfNewUser,
} from './idp-groups.ts';

const support = '01890000-0000-7000-8000-0000000000a1' as GroupId;
const group = (change: Partial<KnownGroup> = {}): KnownGroup => ({
  id: support,
  nameKey: 'support team',
  role: null,
  source: 'manual',
  ...change,
});

const stated = (change: Partial<IdpGroups> = {}): IdpGroups => ({
  groups: ['Support Team'],
  overage: false,
  scimPushesGroups: false,
  ...change,
  provisioning: {
    groupAttribute: 'memberOf',
    autoCreateGroups: false,
    roleSource: 'app',
    roleMapping: [],
    defaultRole: 'readonly',
    ...change.provisioning,
  },
});

const kept: GroupsDecision = { follows: false, join: [], create: [], ignored: [] };
const provisioning = (change: Partial<IdpGroups['provisioning']>) =>
  stated({ provisioning: change as IdpGroups['provisioning'] });
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
      stated({ groups: ['SUPPORT team '] }),
      [group()],
      { ...kept, follows: true, join: [support] },
    ],
    [
      'a name with marks that turn text round is created without them',
      {
        ...stated({ groups: ['Team \u202Enimda'] }),
        ...provisioning({ autoCreateGroups: true }),
        groups: ['Team \u202Enimda'],
      },
      [],
      { ...kept, follows: true, create: ['Team nimda'] },
    ],
    [
      'and found again by the same name',
      stated({ groups: ['Support\u202E  Team'] }),
      [group()],
      { ...kept, follows: true, join: [support] },
    ],
    ['an unknown group is ignored and reported (R54)', stated(), [], ignores('unknown')],
    [
      'an unknown group is created where that is on (R54)',
      provisioning({ autoCreateGroups: true }),
      [],
      { ...kept, follows: true, create: ['Support Team'] },
    ],
    ['no groups in the assertion change nothing', stated({ groups: undefined }), [group()], kept],
    ['an empty list takes earlier ones back', stated({ groups: [] }), [group()], { ...kept, follows: true }],
    ['too many groups at Entra change nothing', stated({ overage: true }), [group()], kept],
    [
      '10,000 groups change nothing',
      stated({ groups: Array.from({ length: MAX_IDP_GROUPS * 10 }, (_, n) => `g${n}`) }),
      [group()],
      kept,
    ],
    [
      'where SCIM pushes groups the assertion is ignored (rule 4)',
      stated({ scimPushesGroups: true }),
      [group()],
      kept,
    ],
    ['without a group attribute nothing is read', provisioning({ groupAttribute: null }), [group()], kept],
    [
      'a group that SCIM manages is not joined',
      stated(),
      [group({ source: 'scim' })],
      ignores('managed_by_scim'),
    ],
    [
      'a group with a role is not joined where the provider gives no roles',
      stated(),
      [group({ role: 'train' })],
      ignores('carries_a_role'),
    ],
    [
      'a group with a role is joined where the provider’s groups are the source of roles',
      provisioning({ roleSource: 'idp_groups' }),
      [group({ role: 'train' })],
      { ...kept, follows: true, join: [support] },
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
    const { create, ignored } = decideGroups({ ...provisioning({ autoCreateGroups: true }), groups }, []);
    expect([create.length, ignored.length]).toEqual([50, 30]);
  });
});

describe('roles', () => {
  const mapping: IdpGroups['provisioning']['roleMapping'] = [
    { group: 'Trainers', role: 'train' },
    { group: 'Leads', role: 'configure' },
  ];
  const decides = (
    groups: readonly string[] | undefined,
    change: Partial<IdpGroups['provisioning']> = {},
  ) => ({
    ...provisioning({ roleSource: 'idp_groups', roleMapping: mapping, ...change }),
    groups,
  });
  const known = { owner: false, roleManaged: false };

  test.each([
    ['is the highest that the groups are mapped to', decides(['trainers', 'LEADS']), known, 'configure'],
    ['is the default if no group is mapped', decides(['others'], { defaultRole: 'train' }), known, 'train'],
    ['stays where the provider sent no groups', decides(undefined), known, undefined],
    ['stays where roles are set here', decides(['Leads'], { roleSource: 'app' }), known, undefined],
    ['stays where nothing is mapped', decides(['Leads'], { roleMapping: [] }), known, undefined],
    ['stays that of an owner', decides(['Leads']), { ...known, owner: true }, undefined],
    [
      'stays that of a user whose roles SCIM sends',
      decides(['Leads']),
      { ...known, roleManaged: true },
      undefined,
    ],
    ['stays where SCIM pushes groups', { ...decides(['Leads']), scimPushesGroups: true }, known, undefined],
  ] as const)('the role of a user who is here %s', (_claim, given, user, expected) => {
    expect(roleOfKnownUser(given, user)).toBe(expected);
  });

  test.each([
    ['the mapped one', decides(['Leads']), false, 'configure'],
    [
      'the mapped one, also where roles are set here later',
      decides(['Leads'], { roleSource: 'app' }),
      false,
      'configure',
    ],
    ['the default without a mapped group', decides(undefined, { defaultRole: 'train' }), false, 'train'],
    ['readonly while training is due', decides(['Leads']), true, 'readonly'],
  ] as const)('the role of a new user is %s', (_claim, given, trainingRequired, expected) => {
    expect(roleOfNewUser(given, { trainingRequired })).toBe(expected);
  });
});
