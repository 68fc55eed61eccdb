import { describe, expect, test } from '@jest/globals';
import type { UserId } from '../../directory/ids.ts';
import {
  decideLink,
  type LinkCandidate,
  type LinkDecision,
  type LinkState,
  type VerifiedIdentity,
} from './account-linking.ts';

const jane = '01890000-0000-7000-8000-000000000001' as UserId;
const john = '01890000-0000-7000-8000-000000000002' as UserId;

const identity: VerifiedIdentity = {
  subject: 'subject-1',
  subjectAsSent: 'subject-1',
  subjectIsAddress: false,
  email: 'jane@acme.example',
  emailVerified: undefined,
  name: 'Jane Doe',
  externalId: 'external-1',
  groups: undefined,
  groupsOverage: false,
  authenticatedAt: undefined,
  sessionIndex: undefined,
  expiresAt: undefined,
  logoutHint: '',
};

/** An active user whom an administrator invited once, with no identity here. */
const local: LinkCandidate = {
  id: jane,
  status: 'active',
  deleted: false,
  locked: false,
  owner: false,
  subjectHere: null,
  provisionedHere: false,
  externalIdHere: null,
  sharesAddress: false,
  invited: false,
};

/** No one is known, everything is allowed. */
const open: LinkState = {
  linked: undefined,
  byExternalId: [],
  byEmail: [],
  erasedBefore: false,
  inactiveVariant: false,
  present: undefined,
  domainVerified: true,
  domainElsewhere: false,
  domainAllowed: true,
  creates: true,
  externalIdConfigured: false,
};

type Row = [
  claim: string,
  state: Partial<LinkState>,
  expected: LinkDecision,
  identity?: Partial<VerifiedIdentity>,
];

const admits = (link: 'external_id' | 'email' | 'confirmation' | undefined, activates = false) =>
  ({ kind: 'admit', user: jane, link, activates }) as const;
const refuses = (reason: string) => ({ kind: 'refuse', reason }) as LinkDecision;
const linked = (change: Partial<LinkCandidate> = {}): Partial<LinkState> => ({
  linked: { ...local, subjectHere: 'subject-1', ...change },
});
const byEmail = (change: Partial<LinkCandidate> = {}): Partial<LinkState> => ({
  byEmail: [{ ...local, ...change }],
});
const byExternalId = (change: Partial<LinkCandidate> = {}): Partial<LinkState> => ({
  byExternalId: [{ ...local, provisionedHere: true, externalIdHere: 'external-1', ...change }],
});

const table: Readonly<Record<string, readonly Row[]>> = {
  'rule 1: the link comes first': [
    ['a linked user signs in', linked(), admits(undefined)],
    [
      'also with another address than before (R57)',
      linked(),
      admits(undefined),
      { email: 'new@acme.example' },
    ],
    ['also without an address', linked(), admits(undefined), { email: undefined }],
    [
      'also from a domain that no organization has verified',
      { ...linked(), domainVerified: false },
      admits(undefined),
    ],
    ['also if another user has the address', { ...linked(), ...byEmail({ id: john }) }, admits(undefined)],
    ['SCIM’s externalId links', byExternalId(), admits('external_id')],
    [
      'an externalId that two users have links neither, whatever the address',
      { byExternalId: [local, { ...local, id: john }], ...byEmail() },
      refuses('external_id_shared'),
    ],
    [
      'SCIM’s externalId links before an address does',
      { ...byExternalId(), ...byEmail({ id: john }) },
      admits('external_id'),
    ],
    ['an address of this connection’s SCIM user links', byEmail({ provisionedHere: true }), admits('email')],
    ['an unknown user is created', {}, { kind: 'create' }],
    ['an unknown user is rejected where JIT is off (R51)', { creates: false }, refuses('account_not_found')],
  ],
  'rule 2: inactive, deleted and locked users stay out (R56)': [
    ['linked and inactive', linked({ status: 'inactive' }), refuses('account_inactive')],
    ['linked and deleted', linked({ deleted: true }), refuses('account_deleted')],
    ['linked and locked', linked({ locked: true }), refuses('account_locked')],
    ['found by externalId and inactive', byExternalId({ status: 'inactive' }), refuses('account_inactive')],
    [
      'found by address and inactive, whoever has verified the domain',
      { ...byEmail({ status: 'inactive' }), domainVerified: false },
      refuses('account_inactive'),
    ],
    [
      'found by address, inactive, and the browser has their session',
      { ...byEmail({ status: 'inactive' }), present: jane },
      refuses('account_inactive'),
    ],
    ['deleted before, and JIT on', { erasedBefore: true }, refuses('account_deleted')],
    ['found by address and locked', byEmail({ locked: true }), refuses('account_locked')],
  ],
  'rule 3: what JIT creates': [
    [
      'not a user of a domain outside the list (R52)',
      { domainAllowed: false },
      refuses('domain_not_allowed'),
    ],
    [
      'not a user of a domain that belongs to another connection',
      { domainElsewhere: true },
      refuses('domain_elsewhere'),
    ],
    ['not a user without an address', {}, refuses('email_missing'), { email: undefined }],
    ['not a user whose address is not verified', {}, refuses('email_unverified'), { emailVerified: false }],
  ],
  'rule 5: a first link of what is there': [
    ['asks the owner to confirm', byEmail(), { kind: 'confirm', user: jane }],
    [
      'is made in the browser that has their session',
      { ...byEmail(), present: jane },
      admits('confirmation'),
    ],
    [
      'is not made by the session of another',
      { ...byEmail(), present: john },
      { kind: 'confirm', user: jane },
    ],
    [
      'is refused without a proved domain',
      { ...byEmail(), domainVerified: false },
      refuses('domain_unverified'),
    ],
    [
      'is refused without a proved domain, session or not',
      { ...byEmail(), domainVerified: false, present: jane },
      refuses('domain_unverified'),
    ],
    [
      'is refused by an unverified address (nOAuth)',
      byEmail(),
      refuses('email_unverified'),
      { emailVerified: false },
    ],
    [
      'is rejected if two users have the address',
      { byEmail: [local, { ...local, id: john }] },
      refuses('account_ambiguous'),
    ],
    [
      'is rejected if one of two users has the address only because they share it',
      { byEmail: [local, { ...local, id: john, sharesAddress: true }] },
      refuses('email_shared'),
    ],
  ],
  'an owner is linked by nothing that an administrator can write': [
    ['SCIM’s externalId asks', byExternalId({ owner: true }), { kind: 'confirm', user: jane }],
    [
      'the address of this connection’s SCIM user asks',
      byEmail({ owner: true, provisionedHere: true }),
      { kind: 'confirm', user: jane },
    ],
    [
      'a session of theirs, which any page can lead here, is no proof',
      { ...byExternalId({ owner: true }), present: jane },
      { kind: 'confirm', user: jane },
    ],
    ['a locked one is not asked', byExternalId({ owner: true, locked: true }), refuses('account_locked')],
    [
      'an inactive one is not asked',
      byExternalId({ owner: true, status: 'inactive' }),
      refuses('account_inactive'),
    ],
    ['once linked they get in', linked({ owner: true }), admits(undefined)],
  ],
  'rule 6: another subject': [
    ['of the same address is refused', byEmail({ subjectHere: 'subject-0' }), refuses('subject_changed')],
    [
      'of the same externalId is refused',
      byExternalId({ subjectHere: 'subject-0' }),
      refuses('subject_changed'),
    ],
    [
      'another externalId than SCIM’s is refused, where one is configured',
      { ...byEmail({ provisionedHere: true, externalIdHere: 'external-0' }), externalIdConfigured: true },
      refuses('external_id_mismatch'),
    ],
  ],
  'R53: a pending invitee': [
    ['becomes active', byEmail({ status: 'pending', invited: true }), admits('email', true)],
    [
      'becomes active where JIT is off',
      { ...byEmail({ status: 'pending', invited: true }), creates: false },
      admits('email', true),
    ],
    ['does not once the invitation has expired', byEmail({ status: 'pending' }), refuses('invitation_over')],
    [
      'does if SCIM provisions them here, invitation or not',
      byEmail({ status: 'pending', provisionedHere: true }),
      admits('email', true),
    ],
    [
      'does not through a domain that is not verified',
      { ...byEmail({ status: 'pending', invited: true }), domainVerified: false },
      refuses('domain_unverified'),
    ],
    [
      'linked by an administrator before becomes active',
      linked({ status: 'pending', invited: true }),
      admits(undefined, true),
    ],
  ],
};

describe.each(Object.entries(table))('%s', (_rule, rows) => {
  test.each(rows)('%s', (_claim, state, expected, change = {}) => {
    expect(decideLink({ ...identity, ...change }, { ...open, ...state })).toEqual(expected);
  });
});
