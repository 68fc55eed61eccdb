import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose';
import type { OidcMetadata } from './metadata.ts';
import { type TokenExpectation, verifyToken } from './tokens.ts';

const now = new Date('2026-11-24T12:00:00.000Z');
const issuer = 'https://idp.example';
const seconds = now.getTime() / 1_000;
const claims = { iss: issuer, aud: 'client', iat: seconds, exp: seconds + 300, sub: 'someone' };

/** What a token is verified with, whatever key its header leads to. */
const expecting = (key: CryptoKey | Uint8Array, announced: string[]): TokenExpectation => ({
  metadata: { issuer, id_token_signing_alg_values_supported: announced } as unknown as OidcMetadata,
  clientId: 'client',
  findKey: async () => key,
  now,
  reason: 'token_invalid',
  requiredClaims: [],
});

test('a token with an algorithm that is accepted here and announced by the provider is verified', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
  expect(await verifyToken(token, expecting(publicKey, ['ES256']))).toMatchObject({ sub: 'someone' });
  await expect(verifyToken(token, expecting(publicKey, ['RS256']))).rejects.toMatchObject({
    reason: 'token_invalid',
  });
});

test.each(['HS256', 'HS384', 'HS512'])(
  'a token with the symmetric %s is rejected although the provider announces it and the key is found',
  async (alg) => {
    const secret = randomBytes(64);
    const token = await new SignJWT(claims).setProtectedHeader({ alg }).sign(secret);
    await expect(verifyToken(token, expecting(secret, [alg, 'RS256']))).rejects.toMatchObject({
      reason: 'token_invalid',
    });
  },
);
