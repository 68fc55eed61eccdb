import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import {
  type ClientAuthentication,
  clientJwks,
  createClientKey,
  type OidcClient,
  readClientKey,
} from '../../../src/oidc/client.ts';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import {
  createSigningKey,
  type HostileProvider,
  startHostileProvider,
} from '../../support/oidc/hostile-provider.ts';
import { comeBack, connectionTo } from '../../support/oidc/sign-in.ts';

const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now: () => new Date() });
const REDIRECT = 'https://rollcall.example/sso/oidc/c-1/callback';

/** Of any key: only its thumbprints are sent. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUJV88d1jZbJhkciLqJ9Q9IsPCujowCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIcm9sbGNhbGwwIBcNMjYxMTI3MTk0ODM1WhgPMjEyNjExMDMx
OTQ4MzVaMBMxETAPBgNVBAMMCHJvbGxjYWxsMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEAnCwarRADaM6far9xmQMsc7LSG0PszMFfxZ7Gt7iNwTlXu6yvnDVqM0p
5WtIPGFuTacVx2qRoJpWLZ/3VW4y6qNTMFEwHQYDVR0OBBYEFNSobKievFSoP3Rh
xxekpns/l/FaMB8GA1UdIwQYMBaAFNSobKievFSoP3Rhxxekpns/l/FaMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgDUt9QIlrqIL5f+ci/vSyK6i7
71NNN+TOluy/YhXB2AsCIQDXYKB5ASbLXYed4xkr5I5YfIoS1tYV9PIM3SC6uGVT
fw==
-----END CERTIFICATE-----`;

let provider: HostileProvider;
let client: OidcClient;
beforeAll(async () => {
  provider = await startHostileProvider();
});
beforeEach(async () => {
  provider.reset();
  client = await connectionTo(party, provider);
});
afterAll(() => provider.close());

describe('an authorization request', () => {
  test('asks for a code with PKCE, state and nonce, and for openid', async () => {
    const { url, state, nonce, codeVerifier } = await party.begin(client, { redirectUri: REDIRECT });
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      client_id: 'rollcall',
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    for (const secret of [state, nonce, codeVerifier]) {
      expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    }
    expect(url).not.toContain(codeVerifier);
  });

  test('is never the same twice', async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, () => party.begin(client, { redirectUri: REDIRECT })),
    );
    const secrets = many.flatMap(({ state, nonce, codeVerifier }) => [state, nonce, codeVerifier]);
    expect(new Set(secrets).size).toBe(60);
  });

  test('asks for an authentication anew and hints at who it is', async () => {
    const requested = { prompt: 'login', maxAge: 0, loginHint: 'a+b@example.com' } as const;
    const { url } = await party.begin(
      { ...client, scopes: ['openid', 'openid'] },
      { redirectUri: REDIRECT, ...requested },
    );
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      prompt: 'login',
      max_age: '0',
      login_hint: 'a+b@example.com',
      scope: 'openid',
    });
  });

  test('keeps the query that the provider’s address has', async () => {
    const metadata = { ...client.metadata, authorization_endpoint: 'https://idp.example/auth?p=policy' };
    const { url } = await party.begin({ ...client, metadata }, { redirectUri: REDIRECT });
    expect(url).toMatch(/^https:\/\/idp\.example\/auth\?p=policy&/);
  });

  test('asks no one', async () => {
    provider.requested.length = 0;
    await party.begin(client, { redirectUri: REDIRECT });
    expect(provider.requested).toEqual([]);
  });
});

describe('a token request', () => {
  /** What the token endpoint is sent. */
  async function sent(auth: ClientAuthentication) {
    let body = '';
    let headers: Readonly<Record<string, unknown>> = {};
    provider.answers.set('/token', async (request, response) => {
      headers = request.headers;
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const tokens = { access_token: 'a', token_type: 'Bearer', id_token: provider.idToken() };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(tokens));
    });
    await comeBack(party, { ...client, auth });
    return { headers, parameters: Object.fromEntries(new URLSearchParams(body)) };
  }

  test('contains the code, the verifier and the redirect URI as it was sent', async () => {
    const { parameters, headers } = await sent({ method: 'client_secret_post', secret: 'x' });
    expect(parameters).toEqual({
      grant_type: 'authorization_code',
      code: 'code-of-the-sign-in',
      code_verifier: 'verifier-of-the-sign-in-that-is-long-enough-for-it',
      redirect_uri: 'http://127.0.0.1:9/callback',
      client_id: 'rollcall',
      client_secret: 'x',
    });
    expect(headers).toMatchObject({ 'user-agent': 'Rollcall-SSO/1.0', 'accept-encoding': 'identity' });
  });

  test('contains an assertion for this provider, good for a minute, that our published key verifies', async () => {
    const key = await createClientKey();
    const { parameters } = await sent({ method: 'private_key_jwt', ...key });
    const [jwk = {}] = (await clientJwks([key])).keys;
    const assertion = parameters['client_assertion'] ?? '';
    const { payload, protectedHeader } = await jwtVerify(assertion, await importJWK(jwk), {
      audience: client.metadata.token_endpoint,
      issuer: 'rollcall',
      subject: 'rollcall',
    });
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: key.kid, typ: 'JWT' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(payload.jti).toHaveLength(43);
    expect(parameters).not.toHaveProperty('client_secret');
  });

  test('names the certificate of the key, for Entra, and the requested audience', async () => {
    const { key, kid } = await createClientKey();
    const certificate = new X509Certificate(CERTIFICATE);
    const auth = { method: 'private_key_jwt', key, kid, certificate, audience: 'issuer' } as const;
    const assertion = (await sent(auth)).parameters['client_assertion'] ?? '';
    const digest = (name: string) => createHash(name).update(certificate.raw).digest('base64url');
    expect(decodeProtectedHeader(assertion)).toMatchObject({
      x5t: digest('sha1'),
      'x5t#S256': digest('sha256'),
    });
    expect(decodeJwt(assertion).aud).toBe(provider.issuer);
  });
});

describe('a client key', () => {
  test('is RSA with 2048 bits, is read again from PEM, and is known by its thumbprint', async () => {
    const made = await createClientKey();
    const pem = made.key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const read = await readClientKey(pem);
    expect(read.kid).toBe(made.kid);
    expect(read.key.equals(made.key)).toBe(true);
    expect(made.key.asymmetricKeyDetails?.modulusLength).toBe(2_048);
    const jwk = createPublicKey(made.key).export({ format: 'jwk' });
    expect(made.kid).toBe(await calculateJwkThumbprint(jwk));
  });

  test('is published without its private half, several during a rotation', async () => {
    const keys = [await createClientKey(), await createClientKey()];
    const published = await clientJwks(keys);
    expect(published.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid));
    for (const jwk of published.keys)
      expect(Object.keys(jwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  test.each([
    ['ES256', 2_048],
    ['RS256', 1_024],
  ])('of another kind is not read: %s with %s bits', async (alg, bits) => {
    const pem = createSigningKey(alg, 'k', bits).key.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expect(readClientKey(pem)).rejects.toThrow('RSA with at least 2048 bits');
  });
});
