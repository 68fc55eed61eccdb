import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OidcClient } from '../../../src/oidc/client.ts';
import { createProviderKeys } from '../../../src/oidc/provider-keys.ts';
import { createRelyingParty, type RelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound, type Outbound } from '../../../src/platform/http-client/http-client.ts';
import {
  createSigningKey,
  type HostileProvider,
  publicJwk,
  signJwt,
  startHostileProvider,
} from '../../support/oidc/hostile-provider.ts';
import { comeBack, connectionTo, refusal } from '../../support/oidc/sign-in.ts';

const MINUTE = 60_000;
const TOKEN = { payload: '', signature: '' };
const next = createSigningKey('RS256', 'k2');

let provider: HostileProvider;
let now: number;
let party: RelyingParty;
let client: OidcClient;

beforeAll(async () => {
  provider = await startHostileProvider();
});
beforeEach(async () => {
  provider.reset();
  now = Date.now();
  party = createRelyingParty({
    outbound: createOutbound({ allowPrivate: true }),
    now: () => new Date(now),
  });
  client = await connectionTo(party, provider);
});
afterAll(() => provider.close());

const timesAsked = () => provider.requested.filter((path) => path === '/keys').length;

/** Signs in with a token of this key, at the time that it is. */
function signInWith(key = provider.key) {
  const iat = Math.floor(now / 1_000);
  provider.tokens = { id_token: signJwt(provider.claims({ iat, exp: iat + 300 }), key) };
  return comeBack(party, client);
}

const breakKeys = () => {
  provider.answers.set('/keys', (_request, response) => response.writeHead(503).end());
};

describe('the keys of a provider', () => {
  test('are fetched once and used for ten minutes', async () => {
    for (const minutes of [0, 5, 4.9]) {
      now += minutes * MINUTE;
      await signInWith();
    }
    expect(timesAsked()).toBe(1);
    now += 0.2 * MINUTE;
    await signInWith();
    expect(timesAsked()).toBe(2);
  });

  test('are fetched once, however many users sign in at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => signInWith()));
    expect(timesAsked()).toBe(1);
  });

  test('change with overlap without anybody being rejected', async () => {
    await signInWith();
    provider.keys = { keys: [publicJwk(provider.key), publicJwk(next)] };
    now += MINUTE;
    await signInWith();
    await signInWith(next);
    await signInWith();
    provider.keys = { keys: [publicJwk(next)] };
    now += 11 * MINUTE;
    await signInWith(next);
    expect((await refusal(signInWith())).reason).toBe('token_invalid');
  });

  test('change without overlap: the new one is found immediately, the old one is not accepted any more', async () => {
    await signInWith();
    provider.keys = { keys: [publicJwk(next)] };
    now += MINUTE;
    await signInWith(next);
    expect((await refusal(signInWith())).reason).toBe('token_invalid');
  });

  test('that are withdrawn are accepted for ten minutes at most', async () => {
    await signInWith();
    provider.keys = { keys: [] };
    now += 10 * MINUTE;
    expect((await refusal(signInWith())).reason).toBe('token_invalid');
  });

  test('are not asked for again by unknown ids for half a minute', async () => {
    await signInWith();
    now += 31_000;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await refusal(signInWith(next))).reason).toBe('token_invalid');
      now += 5_000;
    }
    expect(timesAsked()).toBe(2);
    now += 5_000;
    await refusal(signInWith(next));
    expect(timesAsked()).toBe(3);
  });
});

describe('a provider that does not answer for its keys', () => {
  test('is fetched again by the next sign-in, if there never were any', async () => {
    breakKeys();
    expect((await refusal(signInWith())).reason).toBe('provider_unreachable');
    provider.answers.clear();
    expect((await signInWith()).subject).toBe('u-1');
  });

  test('keeps the previous ones in use for an hour, and is fetched twice a minute', async () => {
    await signInWith();
    breakKeys();
    now += 11 * MINUTE;
    await signInWith();
    now += 10_000;
    await signInWith();
    expect(timesAsked()).toBe(2);
    now += 48 * MINUTE;
    await signInWith();
    expect(timesAsked()).toBe(3);
    now += MINUTE;
    expect((await refusal(signInWith())).reason).toBe('provider_unreachable');
  });

  test('is distinguished from a provider without the key', async () => {
    await signInWith();
    breakKeys();
    now += MINUTE;
    expect((await refusal(signInWith(next))).reason).toBe('provider_unreachable');
  });
});

describe('a set of keys', () => {
  test.each<[string, string | object]>([
    ['is no JSON', 'keys'],
    ['is no set', {}],
    ['is a list', []],
    ['holds no keys', { keys: ['x'] }],
    ['holds hundreds of keys', { keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) }],
    ['is larger than any', { keys: [], padding: 'x'.repeat(128 * 1024) }],
  ])('that %s is rejected', async (_, body) => {
    provider.answers.set('/keys', (_request, response) => {
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    expect((await refusal(signInWith())).reason).toBe('provider_misconfigured');
  });

  test('that is nested without end is rejected', async () => {
    const deep = '['.repeat(60_000) + ']'.repeat(60_000);
    provider.answers.set('/keys', (_request, response) => {
      response.end(`{"keys":[{"kty":"RSA","kid":"k1","n":${deep}}]}`);
    });
    expect((await refusal(signInWith())).reason).toMatch(/^(token_invalid|provider_misconfigured)$/);
  });

  test('elsewhere, behind a redirect, is not followed', async () => {
    provider.answers.set('/keys', (_request, response) => {
      response.writeHead(302, { Location: `${provider.issuer}/elsewhere` }).end();
    });
    expect(await refusal(signInWith())).toEqual({
      reason: 'provider_misconfigured',
      detail: 'The key set answered with status 302.',
    });
    expect(provider.requested).not.toContain('/elsewhere');
  });

  test('is forgotten when a thousand connections were used since', async () => {
    const requested: string[] = [];
    const outbound: Outbound = {
      ...createOutbound({ allowPrivate: true }),
      fetch: async (url) => {
        requested.push(url);
        return { status: 200, headers: new Map(), body: Buffer.from(JSON.stringify(provider.keys)) };
      },
    };
    const findKeys = createProviderKeys({ outbound, now: () => new Date(now) });
    const find = (connectionId: string) =>
      findKeys({ ...client, connectionId })({ alg: 'RS256', kid: 'k1' }, TOKEN);
    for (let id = 0; id <= 1_000; id += 1) await find(String(id));
    await find('1');
    expect(requested).toHaveLength(1_001);
    await find('0');
    expect(requested).toHaveLength(1_002);
  });

  test('is not shared between connections', async () => {
    await signInWith();
    await comeBack(party, { ...client, connectionId: 'c-2' });
    expect(timesAsked()).toBe(2);
  });
});
