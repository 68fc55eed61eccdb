import { type Break, breaksOf } from '../break.ts';

/** Sealing, the way out, the database client. */
export const platformBreaks: readonly Break[] = [
  ...breaksOf(
    'src/platform/secret-box.ts',
    ['src/platform/secret-box.test.ts'],
    [
      'const TAG = 16;',
      "const TAG = 16;\nconst Buffer = Object.assign(Object.create(globalThis.Buffer), { from: (text, encoding) => globalThis.Buffer.from(encoding ? text : '', encoding) });",
      'A sealed secret is opened for another purpose than its own.',
    ],
    [
      'cipher.getAuthTag(), body',
      'cipher.getAuthTag().subarray(0, 12), body',
      'A sealed text is authenticated by fewer bytes.',
    ],
  ),
  ...breaksOf(
    'src/platform/http-client/addresses.ts',
    ['src/platform/http-client/addresses.test.ts', 'test/platform/outbound.test.ts'],
    [
      "ipaddr.IPv4.parse(text).range() === 'unicast' && !NEIGHBOURS.has(text)",
      "ipaddr.IPv4.parse(text).range() === 'unicast'",
      'A webhook reaches a metadata service.',
    ],
    [
      '&& !ISATAP.includes(high * 0x1_0000 + low)',
      '',
      'A webhook reaches a private address inside an IPv6 one.',
    ],
    [
      'PRIVATE.has(address.range()) && !NEIGHBOURS.has(address.toString())',
      'PRIVATE.has(address.range())',
      'A webhook reaches a metadata service where private addresses are allowed.',
    ],
  ),
  ...breaksOf(
    'src/platform/http-client/http-client.ts',
    ['test/platform/outbound.test.ts'],
    [
      'const allowed = found.filter(({ address }) => isReachable(address, allowPrivate));',
      'const allowed = found;',
      'A name that resolves to a private address is reached.',
    ],
    [
      'if (isIP(host) !== 0 && !isReachable(host, allowPrivate)) return refusal(allowPrivate);',
      '',
      'A private address in a URL is accepted when it is saved.',
    ],
    [
      'if (next.origin !== new URL(url).origin) headers = withoutCredentials(headers);',
      '',
      'A redirect sends credentials to another site.',
    ],
    [
      'const timer = setTimeout(() => limit.abort(late), timeoutMs);',
      'const timer = setTimeout(() => {}, timeoutMs);',
      'A receiver keeps a connection open for ever.',
    ],
  ),
  ...breaksOf(
    'src/platform/http-client/send.ts',
    ['test/platform/outbound.test.ts'],
    ['lookup: pinned,', '', 'The name is resolved again after it was checked.'],
  ),
  ...breaksOf(
    'src/platform/fair-semaphore.ts',
    ['src/platform/fair-semaphore.test.ts', 'src/http/bounded-semaphore.test.ts'],
    ['known.held >= perKey ||', '', 'One organization holds all connections.'],
    [
      'if (holds < fewest) {',
      'if (holds <= fewest) {',
      'An organization that holds many places is served before one that holds none.',
    ],
  ),
  ...breaksOf(
    'src/platform/db/statement-kind.ts',
    ['src/platform/db/statement-kind.test.ts'],
    [
      '|for\\s+(no\\s+key\\s+)?(update|share)',
      '',
      'A statement that locks rows shares a connection with unauthenticated clients.',
    ],
  ),
  ...breaksOf(
    'src/platform/db/settings.ts',
    ['test/platform/database.test.ts'],
    ["['lock_timeout', String(limits.lock)],", '', 'A statement waits for a lock without end.'],
    ["['statement_timeout', String(limits.statement)],", '', 'A search runs without end.'],
  ),
  ...breaksOf(
    'src/platform/db/database.ts',
    ['test/platform/database.test.ts'],
    [
      'if (waitedForLock(error) && performance.now() - started < patienceMs) {',
      'if (waitedForLock(error) && performance.now() < 0) {',
      'A write fails because another one has locked its row for half a second.',
    ],
    ['if (left > 0 && retryable(error)) continue;', '', 'A deadlock is answered with an error.'],
    [
      "await client.query({ text: 'rollback' }, []).catch(onError);",
      '',
      'A failed transaction stays open on its connection.',
    ],
    [
      "if (error instanceof DatabaseUnavailable && error.reason === 'read_only') renew();",
      '',
      'A process keeps writing to a server that another has replaced.',
    ],
  ),
  ...breaksOf(
    'src/platform/db/pool.ts',
    ['test/platform/database.test.ts'],
    [
      "pool.on('connect', (client) => client.on('error', onError));",
      '',
      'A lost database connection ends the process.',
    ],
  ),
];
