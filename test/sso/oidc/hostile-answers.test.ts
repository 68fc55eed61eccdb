import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import type { SsoReason } from '../../../src/sso/rules/reasons.ts';
import { type HostileProvider, startHostileProvider } from '../../support/oidc/hostile-provider.ts';
import { comeBack, connectionTo, refusal } from '../../support/oidc/sign-in.ts';

const now = () => new Date();
const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now });
const impatient = createRelyingParty({
  outbound: createOutbound({ allowPrivate: true, timeoutMs: 300 }),
  now,
});

let provider: HostileProvider;
beforeAll(async () => {
  provider = await startHostileProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const json = (status: number, body: unknown): RequestListener => {
  const text = JSON.stringify(body);
  return (_request, response) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
};
const huge: RequestListener = (_request, response) => {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const push = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', push);
  push();
};
const silent: RequestListener = () => {};
const endless: RequestListener = (_request, response) => {
  const drip = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(drip));
};
const redirect: RequestListener = (_request, response) => {
  response.writeHead(307, { Location: '/elsewhere' }).end();
};

const ANSWERS: readonly (readonly [string, RequestListener, SsoReason, string])[] = [
  ['is silent', silent, 'provider_unreachable', 'There was no whole answer within 1 seconds.'],
  ['never ends', endless, 'provider_unreachable', 'There was no whole answer within 1 seconds.'],
  ['is huge', huge, 'provider_misconfigured', 'The answer is larger than 262144 bytes.'],
  ['redirects', redirect, 'provider_misconfigured', 'answered with status 307.'],
  [
    'is silent',
    (_request, response) => response.end(),
    'provider_misconfigured',
    'did not answer with JSON.',
  ],
  [
    'answers with HTML',
    (_request, response) => response.end('<p>'),
    'provider_misconfigured',
    'did not answer with JSON.',
  ],
  [
    'is not UTF-8',
    (_request, response) => response.end(Buffer.from('"\xff"', 'latin1')),
    'provider_misconfigured',
    'did not answer with JSON.',
  ],
  [
    'is 204',
    (_request, response) => response.writeHead(204).end(),
    'provider_misconfigured',
    'answered with status 204.',
  ],
  [
    'hangs up',
    (request) => request.socket.destroy(),
    'provider_unreachable',
    'The connection failed (ECONNRESET).',
  ],
  ['is away', json(503, {}), 'provider_unreachable', 'answered with status 503.'],
  ['has had enough', json(429, { error: 'slow_down' }), 'provider_unreachable', 'answered with status 429.'],
];

describe('a token endpoint', () => {
  test.each(ANSWERS)('that %s is rejected', async (_, answer, reason, detail) => {
    const client = await connectionTo(party, provider);
    provider.answers.set('/token', answer);
    const patience = answer === silent || answer === endless ? impatient : party;
    const refused = await refusal(comeBack(patience, client));
    expect(refused).toEqual({ reason, detail: expect.stringContaining(detail) });
    expect(refused.detail).toMatch(/^The token endpoint/);
    expect(provider.requested).not.toContain('/elsewhere');
  });

  test.each<[string, unknown, string]>([
    [
      'with its code',
      { error: 'invalid_client', error_description: 'secret-of-the-client is wrong' },
      'invalid_client',
    ],
    [
      'with Entra’s number',
      { error: 'invalid_grant', error_description: 'AADSTS54005: code-of-the-sign-in' },
      'invalid_grant (AADSTS54005)',
    ],
    ['without a code', { message: 'access-token-of-the-sign-in' }, 'no OAuth error'],
    ['with a code that is none', { error: 'code-of-the-sign-in <b>' }, 'an error without a usable code'],
    ['with nothing', null, 'no OAuth error'],
  ])('that rejects is notified %s and nothing else', async (_, body, said) => {
    const client = await connectionTo(party, provider);
    provider.answers.set('/token', json(400, body));
    expect(await refusal(comeBack(party, client))).toEqual({
      reason: 'token_refused',
      detail: `The token endpoint answered with status 400: ${said}.`,
    });
  });

  test('that demands another authentication is rejected like any', async () => {
    const client = await connectionTo(party, provider);
    provider.answers.set('/token', (_request, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end('{"error":"invalid_client"}');
    });
    const { detail } = await refusal(comeBack(party, client));
    expect(detail).toBe('The token endpoint answered with status 401: invalid_client.');
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['no ID token', { id_token: undefined }],
    ['an invalid ID token', { id_token: {} }],
    ['no access token', { access_token: undefined }],
    ['an unknown kind of token', { token_type: 'mac' }],
  ])('that sends %s is rejected', async (_, tokens) => {
    const client = await connectionTo(party, provider);
    provider.tokens = tokens;
    expect((await refusal(comeBack(party, client))).reason).toBe('token_invalid');
  });

  test('in a private network is never connected to', async () => {
    const client = await connectionTo(party, provider);
    const guarded = createRelyingParty({ outbound: createOutbound({ allowPrivate: false }), now });
    for (const url of ['https://10.0.0.1/token', 'https://127.0.0.1/token', 'http://203.0.113.7/token']) {
      const elsewhere = { ...client, metadata: { ...client.metadata, token_endpoint: url } };
      expect((await refusal(comeBack(guarded, elsewhere))).reason).toBe('provider_misconfigured');
    }
  });
});

describe('a userinfo endpoint', () => {
  test.each(ANSWERS)('that %s is rejected', async (_, answer, reason, detail) => {
    const client = await connectionTo(party, provider);
    provider.answers.set('/userinfo', answer);
    const patience = answer === silent || answer === endless ? impatient : party;
    const refused = await refusal(comeBack(patience, client, { neededClaims: ['email'] }));
    expect(refused).toEqual({ reason, detail: expect.stringContaining(detail) });
    expect(refused.detail).toMatch(/^The userinfo endpoint/);
  });

  test.each([
    { sub: 'u-2' },
    { sub: undefined },
    { sub: '' },
    { sub: ['u-1'] },
    { sub: 'U-1' },
    { sub: 'u-1 ' },
  ])('that answers about another user is rejected: %j', async (userinfo) => {
    const client = await connectionTo(party, provider);
    provider.userinfo = { email: 'ceo@example.com', ...userinfo };
    const { reason } = await refusal(comeBack(party, client, { neededClaims: ['email'] }));
    expect(reason).toBe('userinfo_mismatch');
  });

  test('that signs its answer is rejected: nothing checks the signature', async () => {
    const client = await connectionTo(party, provider);
    provider.answers.set('/userinfo', (_request, response) => {
      response.setHeader('Content-Type', 'application/jwt').end(provider.idToken({ email: 'a@example.com' }));
    });
    const { reason } = await refusal(comeBack(party, client, { neededClaims: ['email'] }));
    expect(reason).toBe('provider_misconfigured');
  });

  test('does not change the claims of the ID token', async () => {
    const client = await connectionTo(party, provider);
    provider.tokens = { id_token: provider.idToken({ email: 'a@example.com', iss: provider.issuer }) };
    provider.userinfo = { email: 'ceo@example.com', email_verified: true, iss: 'x', name: 'A' };
    const verified = await comeBack(party, client, { neededClaims: ['email', 'name'] });
    expect(verified.claims.get('email')).toEqual(['a@example.com']);
    expect(verified.claims.get('name')).toEqual(['A']);
    expect(verified).toMatchObject({ issuer: provider.issuer, emailVerified: undefined });
  });
});

test.each(['token_endpoint', 'jwks_uri', 'userinfo_endpoint'])(
  'nothing is sent to a %s without TLS',
  async (name) => {
    const client = await connectionTo(party, provider);
    const metadata = { ...client.metadata, [name]: 'http://idp.example/x' };
    const refused = await refusal(comeBack(party, { ...client, metadata }, { neededClaims: ['email'] }));
    expect(refused).toEqual({
      reason: 'provider_misconfigured',
      detail: expect.stringContaining('The URL must begin with https://.'),
    });
  },
);

test('an overage of groups is detected, and the rest is not fetched', async () => {
  const client = await connectionTo(party, provider);
  const endpoint = `${provider.issuer}/graph`;
  provider.tokens = {
    id_token: provider.idToken({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }),
  };
  const verified = await comeBack(party, client);
  expect(verified.groupsOverage).toBe(true);
  expect([...verified.claims.keys()]).toEqual(['iss', 'sub']);
  expect(provider.requested).not.toContain('/graph');
});
