import { type Break, breaksOf } from '../break.ts';

const REPLAY_TEST = 'test/sso/replay-and-browser.test.ts';
const MEANWHILE = 'test/sign-in/concurrent-changes.test.ts';
const LIMITS = 'test/sign-in/limits.test.ts';
const SECOND_STEP = 'test/sign-in/second-step.test.ts';
const SIGN_IN = 'test/admin/sign-in.test.ts';
const LINKS = 'test/sign-in/mailed-links.test.ts';

/** Passwords, second factors, sessions, proofs. */
export const signInBreaks: readonly Break[] = [
  ...breaksOf(
    'src/sign-in/password-sign-in.ts',
    [MEANWHILE, SECOND_STEP, LIMITS],
    [
      "if (current === undefined || current.status !== 'active' || isLocked(current)) return 'not_active';",
      "if (current === undefined) return 'not_active';",
      'A right password that races the fifth wrong one signs in.',
    ],
    [
      'if (current.hash !== candidate.hash || current.sealedSecret !== candidate.sealedSecret) {',
      'if (current.id !== candidate.id) {',
      'A password that was replaced meanwhile signs in.',
    ],
    [
      "if (candidate.sealedSecret !== null && !(await takeCode(context, candidate, code ?? ''))) {",
      'if (candidate.sealedSecret === "") {',
      'Any code is right.',
    ],
    [
      '      if (matching.length === 0) await limits.count(guess, now());\n',
      '',
      'Passwords are guessed without limit.',
    ],
    [
      "if (result === 'wrong_code') await limits.count(guess, now());",
      '',
      'Codes are guessed without limit.',
    ],
    [
      'row?.isCurrent === true ?',
      'row !== undefined ?',
      'A code finishes a sign-in whose password was changed.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/guess-limits.ts',
    [LIMITS, SIGN_IN],
    [
      "if (row.hits >= limit) throw throttled(row, now, ', or set a new password by mail');",
      '',
      'Passwords are guessed without limit.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/failures.ts',
    [LIMITS, SIGN_IN],
    [
      'const isGuess = candidate.hash !== null;',
      'const isGuess = true;',
      'An unauthenticated client locks a user without a password out of their provider.',
    ],
    ["source === 'session'", 'true', 'An unauthenticated client ends the sessions of a user.'],
  ),
  ...breaksOf(
    'src/directory/roles/rules/recent-proof.ts',
    ['test/sign-in/recent-proof.test.ts'],
    ['now.getTime() - at < STEP_UP_MINUTES * 60_000', 'now.getTime() >= at', 'A proof is valid forever.'],
    [
      'if (provedAt !== undefined && isRecentProof(Date.parse(provedAt), now)) return;',
      'if (provedAt === undefined || isRecentProof(Date.parse(provedAt), now)) return;',
      'A command that needs a proof runs without one.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/step-up.ts',
    ['test/sign-in/public-routes.test.ts', SIGN_IN],
    [
      'return candidate !== undefined && digestOf(candidate) === password ? at : undefined;',
      'return candidate !== undefined && password !== undefined ? at : undefined;',
      'A proof survives a change of the password.',
    ],
    [
      'await endSessions(tx, org, by.rights.id, session === undefined ? {} : { except: session }, at);',
      '',
      'A change of the password leaves a stolen session.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/second-factor.ts',
    [SIGN_IN, SECOND_STEP],
    ['const WINDOW = 1;', 'const WINDOW = 20;', 'A code of ten minutes ago is right.'],
  ),
  ...breaksOf(
    'src/sign-in/store/second-factors.ts',
    [SIGN_IN, SECOND_STEP, 'test/admin/second-factor-reset.test.ts'],
    ['and last_step < $3 returning user_id', 'returning user_id', 'A code is used twice.'],
    [
      'array_remove(recovery_hashes, $3)',
      'array_remove(recovery_hashes, null)',
      'A recovery code is used twice.',
    ],
    [
      'where user_totp.confirmed_at is null returning user_id',
      'returning user_id',
      'A session replaces the authenticator app without a proof.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/pending-sign-ins.ts',
    [SECOND_STEP],
    [
      'where s.hash = $1 and s.used_at is null and',
      'where s.hash = $1 and',
      'A second step is tried any number of times.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/password-resets.ts',
    [LINKS, MEANWHILE, SIGN_IN],
    [
      '      and not exists (\n        select from user_passwords p where p.org_id = $1 and p.user_id = r.user_id and p.changed_at > r.created_at\n      ) returning',
      '      returning',
      'A reset link works after another one was used while it was looked at.',
    ],
    [
      'r.used_at is null and r.expires_at > $2 and',
      'r.used_at is null and $2::timestamptz is not null and',
      'A reset link works for ever.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/password-resets.ts',
    [LINKS, SIGN_IN],
    [
      "if (candidate.status !== 'active' || !candidate.mayReset) continue;",
      "if (candidate.status !== 'active') continue;",
      'A user of a provider gets a password by mail.',
    ],
    [
      '        await endSessions(tx, org, row.user, {}, at);\n',
      '',
      'A new password leaves a stolen session.',
    ],
    [
      'await throttle.enter(email.trim(), client.ip, now());',
      '',
      'An unauthenticated client fills a mailbox with links.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/sessions.ts',
    [SIGN_IN, 'test/admin/me.test.ts', 'test/admin/lifecycle.test.ts'],
    [
      'const live = `s.ended_at is null\n    and s.seen_at',
      'const live = `s.seen_at',
      'A session continues after its user signed out.',
    ],
    [
      "and s.seen_at > $2::timestamptz - make_interval(mins => ${settingSql('sessionIdleMinutes')})",
      '',
      'An idle session never ends.',
    ],
    [
      "and s.started_at > $2::timestamptz - make_interval(hours => ${settingSql('sessionMaxHours')})",
      '',
      'A session never ends.',
    ],
    [
      'and (u.sessions_from is null or s.started_at > u.sessions_from)`',
      '`',
      'A session continues after its user was deactivated and activated again.',
    ],
    [
      'update sessions set ended_at = $4 where org_id = $1 and user_id = $2 and',
      'update sessions set ended_at = $4 where org_id = $1 and $2::uuid is not null and',
      "A user ends another user's session.",
    ],
  ),
  ...breaksOf(
    'src/sign-in/sessions.ts',
    ['test/admin/trespass.test.ts', 'test/admin/roles.test.ts'],
    [
      "if (user !== actor.rights.id) requireManage(actor, directoryUser, 'whole account');",
      '',
      "A user ends another user's sessions.",
    ],
  ),
  ...breaksOf(
    'src/directory/command-runner.ts',
    [MEANWHILE],
    [
      "if (current?.rights.status !== 'active') throw new DomainError('forbidden', FORBIDDEN);",
      "if (current === undefined) throw new DomainError('forbidden', FORBIDDEN);",
      'A user who was deactivated meanwhile finishes their request.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/password-sign-in.ts',
    [REPLAY_TEST, 'test/admin/sso-domains.test.ts'],
    [
      '(await passwordIsAllowed(db, candidate)) ? candidate : { ...candidate, hash: null }',
      'candidate',
      'A password signs in where only the provider may.',
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/sessions.ts',
    [REPLAY_TEST],
    [
      'and (s.expires_at is null or s.expires_at > $2::timestamptz)',
      '',
      "A session continues after its provider's.",
    ],
  ),
  ...breaksOf(
    'src/sign-in/store/sessions.ts',
    ['test/sso/npm-providers.test.ts', REPLAY_TEST],
    [
      '($3::text is null or subject = $3) and',
      '$3::text is not null and',
      'A provider that ends one session ends those of everybody.',
    ],
  ),
];
