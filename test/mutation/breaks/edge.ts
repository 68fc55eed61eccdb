import { type Break, breaksOf } from '../break.ts';

/** HTTP: bodies, connections, cookies, limits. */
export const edgeBreaks: readonly Break[] = [
  ...breaksOf(
    'src/rest/authentication.ts',
    [
      'test/admin/sign-in.test.ts',
      'test/admin/me.test.ts',
      'test/admin/api-keys.test.ts',
      'test/http/limits.test.ts',
    ],
    [
      'if (!isForeign(request, origin) && given.length === wanted.length && timingSafeEqual(given, wanted)) return;',
      'if (!isForeign(request, origin)) return;',
      'A request without a CSRF token changes data.',
    ],
    [
      'if (!isForeign(request, origin) && given',
      'if (given',
      "Another site's page changes data with a token that it got hold of.",
    ],
    ['await limits.count(org);', '', 'An organization sends any number of requests to the REST API.'],
    [
      'limits.countInvalidCredential((request as Partial<Request>).ip);',
      'Promise.resolve(request);',
      'API keys are tried without limit.',
    ],
  ),
  ...breaksOf(
    'src/rest/authentication.ts',
    [
      'test/admin/second-factor-reset.test.ts',
      'test/admin/me.test.ts',
      'test/admin/api-keys.test.ts',
      'test/admin/validation.test.ts',
    ],
    [
      "if (session === undefined) throw new DomainError('forbidden', FORBIDDEN);\n  return session;",
      'return session as LiveSession;',
      'An API key does what a user must do themselves.',
    ],
  ),
  ...breaksOf(
    'src/rest/download.ts',
    ['src/rest/download.test.ts', 'test/admin/groups.test.ts'],
    ['/[^\\p{L}\\p{M}\\p{N}]+/gu', '/\\s+/gu', 'The name of a group puts an export into another folder.'],
    ['/[^a-z0-9]+/g', '/\\s+/g', 'A quote in the name of a group ends the file name of its export.'],
  ),
  ...breaksOf(
    'src/rest/router.ts',
    [
      'test/admin/trespass.test.ts',
      'test/admin/validation.test.ts',
      'test/admin/idempotency.test.ts',
      'src/rest/router.test.ts',
    ],
    ['requirePermission(auth.by, access);', '', 'A route is open to every role.'],
    [
      'if (parsed.success) return { ...bare, body: parsed.data };',
      'if (parsed.success) return answer;',
      'An answer shows members that no one declared.',
    ],
  ),
  ...breaksOf(
    'src/http/cookies.ts',
    ['test/admin/sign-in.test.ts', 'test/admin/me.test.ts', 'test/sso/replay-and-browser.test.ts'],
    ['httpOnly: true,', 'httpOnly: false,', 'A script of a page reads the session.'],
    ["sameSite: 'lax',", "sameSite: 'none',", "Another site's form is sent with the session."],
    ["|| site === 'cross-site'", '', "Another site's request without Origin changes data."],
  ),
  ...breaksOf(
    'src/http/return-path.ts',
    ['src/http/return-path.test.ts'],
    ['origin === base && ', '', 'A sign-in leads to another site.'],
  ),
  ...breaksOf(
    'src/http/body.ts',
    ['test/scim/bad-input.test.ts', 'test/http/limits.test.ts'],
    [
      'if (!collector.add(chunk)) fail(new BodyTooLarge(limit));\n      else if',
      'collector.add(chunk);\n      if',
      'A body that is too large is cut off and carried out.',
    ],
  ),
  ...breaksOf(
    'src/http/bounded-semaphore.ts',
    ['src/http/bounded-semaphore.test.ts'],
    ['if (places.waiting >= waiting) throw new TooBusy();', '', 'Any number of large requests wait.'],
  ),
  ...breaksOf(
    'src/http/rate-limit.ts',
    ['src/http/rate-limit.test.ts', 'test/http/limits.test.ts'],
    ['if (bucket.tokens < requests) {', 'if (bucket.tokens < -1_000_000) {', 'No limit of requests holds.'],
    ['if (bucket.tokens < requests) {', 'if (bucket.tokens < 1) {', 'A Bulk takes more than is left.'],
    [
      'if (connection !== undefined) connections.count(connection, requests);',
      '',
      'A connection has no limit of its own.',
    ],
    [
      'if (buckets.size >= MAX_KEYS) forgetFull(time);',
      '',
      'An unauthenticated client fills the memory with keys.',
    ],
  ),
  ...breaksOf(
    'src/http/server.ts',
    ['src/http/server.test.ts'],
    [
      "if (draining) response.setHeader('Connection', 'close');",
      '',
      'A draining process keeps its connections.',
    ],
    [
      'const cut = setTimeout(() => server.closeAllConnections(), graceMs - lingerMs);',
      'const cut = setTimeout(() => {}, graceMs - lingerMs);',
      'A request that never ends keeps a process from stopping.',
    ],
  ),
  ...breaksOf(
    'src/http/server.ts',
    ['src/http/server.test.ts', 'test/http/limits.test.ts'],
    [
      'const serve = oneAtATime(latest, rejectUnreadable(listener(bound)));',
      'const serve = rejectUnreadable(listener(bound));',
      'A client that reads nothing makes the server keep all its answers.',
    ],
  ),
];
