import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import fc from 'fast-check';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import {
  type HostileProvider,
  publicJwk,
  startHostileProvider,
} from '../../support/oidc/hostile-provider.ts';
import { comeBack, connectionTo } from '../../support/oidc/sign-in.ts';

const now = () => new Date();
const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now });

let provider: HostileProvider;
beforeAll(async () => {
  provider = await startHostileProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

describe('whatever JSON comes', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const orderly = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof SsoError)) throw error;
    });

  test('from a token endpoint is accepted or rejected, and breaks nothing', async () => {
    const client = await connectionTo(party, provider);
    const names = fc.constantFrom(
      'id_token',
      'access_token',
      'token_type',
      'expires_in',
      'refresh_token',
      'scope',
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, json), async (tokens) => {
        provider.tokens = tokens;
        await orderly(comeBack(party, client));
      }),
      { numRuns: 60 },
    );
  });

  test('in an ID token or its header is accepted or rejected, and breaks nothing', async () => {
    const client = await connectionTo(party, provider);
    const claims = fc.constantFrom(
      'sub',
      'aud',
      'azp',
      'exp',
      'iat',
      'auth_time',
      'sid',
      'email',
      '_claim_names',
    );
    const header = fc.constantFrom('typ', 'kid', 'alg', 'crit', 'jwk', 'b64', 'zip');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(claims, json), fc.dictionary(header, json), async (said, named) => {
        provider.tokens = { id_token: provider.idToken(said, named) };
        await orderly(comeBack(party, client, { maxAge: 0 }));
        provider.tokens = { id_token: provider.idToken(said) };
        await orderly(comeBack(party, client));
      }),
      { numRuns: 60 },
    );
  });

  test('from a userinfo endpoint is accepted or rejected, and breaks nothing', async () => {
    const client = await connectionTo(party, provider);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), json), fc.boolean(), async (said, right) => {
        provider.userinfo = right ? { ...said, sub: 'u-1' } : said;
        await orderly(comeBack(party, client, { neededClaims: ['email'] }));
      }),
      { numRuns: 60 },
    );
  });

  test('as a key is accepted or rejected, and breaks nothing', async () => {
    const names = fc.constantFrom('kty', 'n', 'e', 'alg', 'use', 'key_ops', 'kid', 'x5c', 'ext', 'd');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, json), async (changes) => {
        const fresh = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now });
        provider.keys = { keys: [{ ...publicJwk(provider.key), ...changes }] };
        await orderly(comeBack(fresh, await connectionTo(fresh, provider)));
      }),
      { numRuns: 60 },
    );
  });
});
