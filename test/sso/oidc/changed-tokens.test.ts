import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLocalJWKSet } from 'jose';
import type { OidcClient } from '../../../src/oidc/client.ts';
import { verifyIdToken } from '../../../src/oidc/tokens.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import {
  CLIENT_ID,
  createSigningKey,
  NONCE,
  publicJwk,
  signJwt,
} from '../../support/oidc/hostile-provider.ts';

const key = createSigningKey('ES256', 'k1');
const findKey = createLocalJWKSet({ keys: [publicJwk(key)] });
const now = new Date('2026-03-01T12:00:00Z');
const iat = now.getTime() / 1_000;
const claims = { iss: 'https://idp.example', aud: CLIENT_ID, sub: 'u-1', nonce: NONCE, iat, exp: iat + 300 };
const token = signJwt(claims, key);
const client: OidcClient = {
  connectionId: 'c-1',
  clientId: CLIENT_ID,
  auth: { method: 'client_secret_post', secret: 'x' },
  scopes: [],
  metadata: {
    issuer: claims.iss,
    authorization_endpoint: 'https://idp.example/a',
    token_endpoint: 'https://idp.example/t',
    jwks_uri: 'https://idp.example/k',
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'PS256', 'EdDSA'],
    token_endpoint_auth_methods_supported: [],
    authorization_response_iss_parameter_supported: false,
    backchannel_logout_supported: false,
    backchannel_logout_session_supported: false,
  },
};

const verify = (offered: string) =>
  verifyIdToken(offered, client, { findKey, now, nonce: NONCE, freshness: undefined });

/** @returns the subject, or undefined if it was rejected in an orderly way */
async function subjectOf(offered: string): Promise<string | undefined> {
  try {
    return (await verify(offered)).sub;
  } catch (error) {
    if (error instanceof SsoError) return undefined;
    throw error;
  }
}

const json = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as object;
const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const [header, payload, signature] = token.split('.');

test('the token that is changed below is a good one', async () => {
  expect(await subjectOf(token)).toBe('u-1');
});

test('no change of a character of it is accepted', async () => {
  const character = fc.constantFrom(...'ABCXYZabcxyz0189-_.=+/ \n\u0000é');
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), character, async (at, other) => {
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      fc.pre(changed !== token);
      expect(await subjectOf(changed)).toBeUndefined();
    }),
    { numRuns: 600 },
  );
});

test('no other spelling of its signature is accepted', async () => {
  const last = token.at(-1) ?? '';
  const same = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter((other) => {
    const bytes = Buffer.from(`${signature?.slice(0, -1)}${other}`, 'base64url');
    return other !== last && bytes.equals(Buffer.from(signature ?? '', 'base64url'));
  });
  expect(same.length).toBeGreaterThan(0);
  const spelled = same.map((other) => token.slice(0, -1) + other);
  for (const changed of [...spelled, `${token}=`, `${token}==`, `${token}\n`, `${token} `]) {
    expect(await subjectOf(changed)).toBeUndefined();
  }
});

test('no text in place of a part of it, before it or behind it is accepted', async () => {
  const junk = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' });
  await fc.assert(
    fc.asyncProperty(junk, fc.nat(4), async (other, place) => {
      const parts = [header, payload, signature];
      const changed =
        place === 3 ? other + token : place === 4 ? token + other : parts.with(place, other).join('.');
      expect(await subjectOf(changed)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('no claim and no header parameter can be added or replaced', async () => {
  const name = fc.oneof(
    fc.constantFrom('sub', 'email', 'aud', 'groups', 'alg', 'kid', 'jwk', 'crit', 'b64', 'typ', '__proto__'),
    fc.string(),
  );
  const value = fc.oneof(fc.constantFrom('u-2', 'none', 'HS256', 'k2', publicJwk(key)), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(name, value, fc.boolean(), async (changed, to, inHeader) => {
      const replaced = { ...json(inHeader ? header : payload) };
      Object.defineProperty(replaced, changed, { value: to, enumerable: true });
      const part = text(replaced);
      fc.pre(part !== (inHeader ? header : payload));
      const forged = inHeader ? [part, payload, signature] : [header, part, signature];
      expect(await subjectOf(forged.join('.'))).toBeUndefined();
    }),
    { numRuns: 400 },
  );
});
