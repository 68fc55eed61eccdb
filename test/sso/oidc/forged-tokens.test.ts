import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { verifyIdToken } from '../../../src/oidc/tokens.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import {
  CLIENT_ID,
  createSigningKey,
  type HostileProvider,
  hmacJwt,
  NONCE,
  publicJwk,
  signJwt,
  startHostileProvider,
  unsignedJwt,
} from '../../support/oidc/hostile-provider.ts';
import { comeBack, connectionTo, refusal } from '../../support/oidc/sign-in.ts';

const newParty = () =>
  createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now: () => new Date() });
const stranger = createSigningKey('RS256', 'k1');
const seconds = () => Math.floor(Date.now() / 1_000);

let provider: HostileProvider;
beforeAll(async () => {
  provider = await startHostileProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

/** Signs in with this ID token at a relying party that has seen nothing yet. */
async function offer(token: string) {
  const party = newParty();
  provider.tokens = { id_token: token };
  return comeBack(party, await connectionTo(party, provider));
}

/** Verifies this ID token with nothing in front. */
async function verifyAlone(token: string) {
  const client = await connectionTo(newParty(), provider);
  const findKey = createLocalJWKSet(provider.keys as JSONWebKeySet);
  return verifyIdToken(token, client, { findKey, now: new Date(), nonce: NONCE, freshness: undefined });
}

type Forgery = (provider: HostileProvider) => string;
const publicPem = ({ key }: HostileProvider) =>
  createPublicKey(key.key).export({ type: 'spki', format: 'pem' }).toString();
const publicDer = ({ key }: HostileProvider) =>
  createPublicKey(key.key).export({ type: 'spki', format: 'der' });

const FORGED: readonly (readonly [string, Forgery, RegExp])[] = [
  ['without a signature', (p) => unsignedJwt({ alg: 'none' }, p.claims()), /alg/],
  ['without a signature, spelled otherwise', (p) => unsignedJwt({ alg: 'NoNe' }, p.claims()), /alg/],
  ['whose signature was cut off', (p) => p.idToken().replace(/[^.]*$/, ''), /signature/],
  ['with the public key as HMAC secret', (p) => hmacJwt(p.claims(), publicPem(p)), /alg/],
  ['with the same in binary', (p) => hmacJwt(p.claims(), publicDer(p), { kid: 'k1' }), /alg/],
  [
    'that declares RS256 and is an HMAC',
    (p) => hmacJwt(p.claims(), publicPem(p), { alg: 'RS256', kid: 'k1' }),
    /signature/,
  ],
  [
    'signed by an attacker with the id of the key',
    (p) => signJwt(p.claims(), stranger),
    /signature verification/,
  ],
  [
    'signed by a key that is not published',
    (p) => signJwt(p.claims(), { ...stranger, kid: 'k2' }),
    /no applicable key/,
  ],
  ['that brings its key', (p) => signJwt(p.claims(), stranger, { jwk: publicJwk(stranger) }), /signature/],
  ['that brings a certificate chain', (p) => signJwt(p.claims(), stranger, { x5c: ['MIIB'] }), /signature/],
  [
    'with an algorithm that the provider does not announce',
    (p) => signJwt(p.claims(), { ...p.key, alg: 'RS512' }),
    /alg/,
  ],
  ['with a critical extension', (p) => p.idToken({}, { crit: ['x'], x: 1 }), /crit/],
  ['with an unencoded payload', (p) => p.idToken({}, { crit: ['b64'], b64: false }), /crit/],
  ['of another issuer', (p) => p.idToken({ iss: 'https://other.example' }), /iss/],
  ['of the issuer with a slash more', (p) => p.idToken({ iss: `${p.issuer}/` }), /iss/],
  ['of several issuers', (p) => p.idToken({ iss: [p.issuer] }), /iss/],
  ['without an issuer', (p) => p.idToken({ iss: undefined }), /iss/],
  ['for another client', (p) => p.idToken({ aud: 'other' }), /aud/],
  ['for other clients', (p) => p.idToken({ aud: ['a', 'b'], azp: CLIENT_ID }), /aud/],
  ['without an audience', (p) => p.idToken({ aud: [] }), /aud/],
  ['without an audience', (p) => p.idToken({ aud: undefined }), /aud/],
  ['for us and another, without azp', (p) => p.idToken({ aud: [CLIENT_ID, 'b'] }), /aud/],
  [
    'for us and another, whose party is the other',
    (p) => p.idToken({ aud: [CLIENT_ID, 'b'], azp: 'b' }),
    /azp/,
  ],
  ['for us, whose party is another', (p) => p.idToken({ azp: 'b' }), /azp/],
  ['with another nonce', (p) => p.idToken({ nonce: 'other' }), /nonce/],
  ['without a nonce', (p) => p.idToken({ nonce: undefined }), /nonce/],
  ['that has expired', (p) => p.idToken({ exp: seconds() - 61 }), /exp/],
  ['that never expires', (p) => p.idToken({ exp: undefined }), /exp/],
  ['whose expiry is text', (p) => p.idToken({ exp: '9999999999' }), /exp/],
  ['that was issued in the future', (p) => p.idToken({ iat: seconds() + 65 }), /iat/],
  ['that was issued long ago', (p) => p.idToken({ iat: seconds() - 665 }), /iat/],
  ['without a time of issue', (p) => p.idToken({ iat: undefined }), /iat/],
  ['that is not valid yet', (p) => p.idToken({ nbf: seconds() + 65 }), /nbf/],
  ['without a subject', (p) => p.idToken({ sub: undefined }), /sub/],
  ['about a number', (p) => p.idToken({ sub: 7 }), /sub/],
  ['with several subjects', (p) => p.idToken({ sub: ['u-1', 'u-2'] }), /sub/],
  ['with a time of authentication that is text', (p) => p.idToken({ auth_time: '1' }), /auth_time/],
  [
    'with a time of authentication in the future',
    (p) => p.idToken({ auth_time: seconds() + 65 }),
    /auth_time/,
  ],
  ['that is encrypted', () => 'e30.e30.e30.e30.e30', /JWE/],
  ['of two parts', () => 'e30.e30', /JWT/],
  ['that is no token', () => 'x', /JWT/],
  ['whose header is no JSON', (p) => `AAAA${p.idToken().slice(4)}`, /header/i],
  ['whose payload is a list', (p) => signJwt([p.claims()], p.key), /object/],
];

describe('an ID token', () => {
  test.each(FORGED)('%s is rejected', async (_, forge, detail) => {
    const token = forge(provider);
    const refused = await refusal(offer(token), token);
    expect(refused).toEqual({ reason: 'token_invalid', detail: expect.stringMatching(detail) });
    // openid-client compares claims, too, and must not be all that does.
    expect((await refusal(verifyAlone(token), token)).reason).toMatch(/^(token_invalid|subject_missing)$/);
  });

  test.each(['', ' ', ' u-1', 'u-1\n', 'ü', 'x'.repeat(256), 'a\u0000b', 'a\u200bb'])(
    'about %j has no subject that can be kept',
    async (sub) => {
      const { reason } = await refusal(offer(provider.idToken({ sub })));
      expect(reason).toBe('subject_missing');
    },
  );

  test.each<[string, Forgery]>([
    ['a minute after its end', (p) => p.idToken({ exp: seconds() - 55 })],
    ['a minute before its time', (p) => p.idToken({ iat: seconds() + 55, nbf: seconds() + 55 })],
    [
      'dated five minutes back, as Entra does',
      (p) => p.idToken({ iat: seconds() - 300, nbf: seconds() - 300 }),
    ],
    ['for us alone, as a list', (p) => p.idToken({ aud: [CLIENT_ID] })],
    ['for us and another, with azp', (p) => p.idToken({ aud: ['b', CLIENT_ID], azp: CLIENT_ID })],
    ['without typ', (p) => p.idToken({}, { typ: undefined })],
    ['without kid, where one key is published', (p) => p.idToken({}, { kid: undefined })],
    ['with the longest subject', (p) => p.idToken({ sub: 'x'.repeat(255) })],
  ])('%s is accepted', async (_, make) => {
    expect((await offer(make(provider))).issuer).toBe(provider.issuer);
  });

  test('an address of keys that it names is never asked', async () => {
    provider.answers.set('/attacker', (_request, response) => {
      response.end(JSON.stringify({ keys: [publicJwk(stranger)] }));
    });
    const url = `${provider.issuer}/attacker`;
    const { reason } = await refusal(offer(signJwt(provider.claims(), stranger, { jku: url, x5u: url })));
    expect(reason).toBe('token_invalid');
    expect(provider.requested).not.toContain('/attacker');
  });
});

describe('the algorithm', () => {
  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])(
    '%s is accepted where it is announced',
    async (alg) => {
      const key = createSigningKey(alg, 'k');
      provider.keys = { keys: [publicJwk(key)] };
      provider.metadata = { id_token_signing_alg_values_supported: ['HS256', 'none', alg] };
      expect((await offer(signJwt(provider.claims(), key))).subject).toBe('u-1');
    },
  );

  test('HS256 is not accepted where it is announced and its secret is published', async () => {
    provider.metadata = { id_token_signing_alg_values_supported: ['HS256', 'RS256'] };
    const secret = Buffer.alloc(32, 7);
    provider.keys = { keys: [{ kty: 'oct', k: secret.toString('base64url'), kid: 'k', alg: 'HS256' }] };
    for (const header of [{ kid: 'k' }, {}]) {
      const { reason } = await refusal(offer(hmacJwt(provider.claims(), secret, header)));
      expect(reason).toBe('token_invalid');
    }
  });

  test('a signature of a key that is for encryption is rejected', async () => {
    provider.keys = { keys: [{ ...publicJwk(provider.key), use: 'enc' }] };
    expect((await refusal(offer(provider.idToken()))).reason).toBe('token_invalid');
  });

  test('a signature of a key that is for another algorithm is rejected', async () => {
    provider.keys = { keys: [{ ...publicJwk(provider.key), alg: 'RS512' }] };
    expect((await refusal(offer(provider.idToken()))).reason).toBe('token_invalid');
  });

  test('a key of 1024 bits is not accepted', async () => {
    const weak = createSigningKey('RS256', 'weak', 1_024);
    provider.keys = { keys: [publicJwk(weak)] };
    const { reason, detail } = await refusal(offer(signJwt(provider.claims(), weak)));
    expect({ reason, detail }).toEqual({
      reason: 'token_invalid',
      detail: 'The provider’s key cannot be used to verify signatures.',
    });
  });

  test('a published private key is not accepted', async () => {
    const { kty = '', ...jwk } = provider.key.key.export({ format: 'jwk' });
    provider.keys = { keys: [{ ...jwk, kty, kid: 'k1', alg: 'RS256' }] };
    expect((await refusal(offer(provider.idToken()))).reason).toBe('token_invalid');
  });

  test('of several keys the token has to name one', async () => {
    provider.keys = { keys: [publicJwk(provider.key), publicJwk(createSigningKey('RS256', 'k2'))] };
    expect((await offer(provider.idToken())).subject).toBe('u-1');
    expect((await refusal(offer(provider.idToken({}, { kid: undefined })))).reason).toBe('token_invalid');
  });
});
