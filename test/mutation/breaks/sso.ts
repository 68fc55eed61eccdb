import { type Break, breaksOf } from '../break.ts';

const REPLAY_TEST = 'test/sso/replay-and-browser.test.ts';
const RULES = 'src/sso/rules/account-linking.test.ts';

/** Single sign-on: whose request, which user, what follows. */
export const ssoBreaks: readonly Break[] = [
  ...breaksOf(
    'src/sso/rules/account-linking.ts',
    [RULES],
    [
      "if (!state.domainVerified) return deny('domain_unverified');",
      '',
      'An address of a domain that no one proved opens an account.',
    ],
    [
      "if (subjectHere !== null && subjectHere !== subject) return deny('subject_changed');",
      '',
      'An address that was given to another user opens the account of its former owner.',
    ],
    [
      "if (emailVerified === false) return deny('email_unverified');\n    if (subjectHere",
      'if (subjectHere',
      'An address that the provider has not verified opens an account.',
    ],
    [
      'if (state.byEmail.length > 1) {',
      'if (state.byEmail.length > 9) {',
      'An address that two users have opens one of them.',
    ],
    [
      'return candidate.owner ? ask(candidate) : admitCandidate(candidate, link);',
      'return createOrLink(candidate, link);',
      'An address opens the account of an owner.',
    ],
    [
      'const present = state.present === candidate.id && !candidate.owner;',
      'const present = state.present === candidate.id;',
      "An owner's browser that is led through a provider links it.",
    ],
    [
      "if (status === 'inactive') return 'account_inactive';",
      '',
      'A deactivated user signs in through a provider.',
    ],
    [
      "return locked ? 'account_locked' : undefined;",
      'return undefined;',
      'A locked user signs in through a provider.',
    ],
    [
      "if (state.domainElsewhere) return deny('domain_elsewhere');",
      '',
      "A provider creates users of another organization's domain.",
    ],
    [
      "return named.subjectHere === null ? recognise(named, 'external_id') : deny('subject_changed');",
      "return recognise(named, 'external_id');",
      'An external id opens an account that belongs to another subject.',
    ],
    [
      "if (state.byExternalId.length > 1) return deny('external_id_shared');",
      '',
      'An external id that two users have opens one of them.',
    ],
  ),
  ...breaksOf(
    'src/sso/rules/idp-groups.ts',
    ['src/sso/rules/idp-groups.test.ts'],
    ["if (role === 'admin') return 'carries_admin';", '', "A group of the provider's makes admins."],
    [
      'roleMapping.length === 0 || owner || roleManaged)',
      'roleMapping.length === 0 || roleManaged)',
      'A provider takes the role of an owner away.',
    ],
    [
      'roleMapping.length === 0 || owner || roleManaged)',
      'roleMapping.length === 0 || owner)',
      'A sign-in changes a role that SCIM sets.',
    ],
    ["if (source === 'scim') return 'managed_by_scim';", '', 'A sign-in changes groups that SCIM manages.'],
  ),
  ...breaksOf(
    'src/sso/rules/domains.ts',
    ['src/sso/rules/domains.test.ts'],
    [
      "return PUBLIC.has(domain) ? { problem: 'public_domain' } : { domain };",
      'return { domain };',
      'An organization claims a domain where everybody gets an address.',
    ],
  ),
  ...breaksOf(
    'src/sso/rules/metadata-refresh.ts',
    ['src/sso/rules/metadata-refresh.test.ts'],
    [
      'const ssoStays = sameOrigin(fresh.ssoUrl, current.ssoUrl);',
      'const ssoStays = true;',
      'New metadata sends users to another site unseen.',
    ],
    [
      'if (fresh.entityId !== current.entityId) {',
      "if (fresh.entityId === '') {",
      'New metadata replaces the provider unseen.',
    ],
  ),
  ...breaksOf(
    'src/sso/login/decide-login.ts',
    [REPLAY_TEST],
    [
      '  requireFresh(request, login);\n  if (!(await recordStepUp',
      '  if (!(await recordStepUp',
      'An old sign-in at the provider proves who sits there.',
    ],
    [
      'if (connection.settings.forceAuthn && request !== undefined) requireFresh(request, login);',
      '',
      'A provider that was to ask for the password has not asked.',
    ],
  ),
  ...breaksOf(
    'src/sso/login/complete-login.ts',
    [REPLAY_TEST],
    [
      "return same ? undefined : 'browser_mismatch';",
      'return undefined;',
      "An attacker's response signs in another browser.",
    ],
    ["if (row.usedAt !== null) return 'request_used';", '', 'One request is answered twice.'],
    [
      'if (replay !== undefined && !(await insertReplay(tx, org, id, replay.id, replay.until))) {',
      'if (replay === null) {',
      'A captured assertion signs in again.',
    ],
  ),
  ...breaksOf(
    'src/sso/store/identities.ts',
    ['test/sso/concurrent-changes.test.ts'],
    [
      "and s.state = 'active'\n    join users u on u.org_id = c.org_id and u.id = c.user_id",
      '\n    join users u on u.org_id = c.org_id and u.id = c.user_id',
      'A link confirms an identity of a connection that was switched off.',
    ],
  ),
  ...breaksOf(
    'src/sso/login/provider-session.ts',
    ['test/sso/npm-providers.test.ts', REPLAY_TEST],
    [
      'if (!(await insertReplay(tx, org, connection.id, `logout ${replay.id}`, replay.until))) return false;',
      '',
      'A captured logout ends sessions again.',
    ],
  ),
  ...breaksOf(
    'src/sso/administration/domains.ts',
    ['test/admin/sso-domains.test.ts'],
    [
      'if (!(await claimDomain(context.tx, context.org, domain.domain))) throw takenElsewhere(domain.domain);',
      '',
      'Two organizations own one domain.',
    ],
    [
      "if (state !== 'found' || token !== domain.token) {",
      "if (state === 'unknown') {",
      'A domain is verified without its record.',
    ],
    [
      'if (enforced && present?.enforced !== true) requireEnforceable(before, domain, present);',
      '',
      'Users are kept from their passwords for a provider that signs no user in.',
    ],
  ),
  ...breaksOf(
    'src/pages/login-flow.ts',
    [REPLAY_TEST],
    ["scopeOf(session.authority, 'sso:manage') !== 'all'", 'false', 'Any user tests a connection.'],
  ),
  ...breaksOf(
    'src/sso/login/decide-login.ts',
    ['test/sso/untrusted-messages.test.ts'],
    [
      "if (connection.state !== 'active' && purpose !== 'test') throw new LoginStopped('connection_off');",
      '',
      'An outstanding answer signs in through a connection that was switched off.',
    ],
  ),
  ...breaksOf(
    'src/sso/login/complete-login.ts',
    ['test/sso/concurrent-changes.test.ts'],
    [
      "if (current !== version) throw new LoginStopped('connection_changed');",
      '',
      'An answer is judged by what the connection trusted before it was changed.',
    ],
  ),
];
