import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createClientKey } from '../../../src/oidc/client.ts';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import { createBrowser } from '../../support/browser.ts';
import { startOidcProvider, type TestOidcProvider } from '../../support/oidc/provider.ts';
import {
  ALICE,
  isCallback,
  REDIRECT,
  registerAt,
  SECRET,
  signInAt,
} from '../../support/oidc/real-sign-in.ts';
import { refusal } from '../../support/oidc/sign-in.ts';

const BOB = { login: 'bob', sub: 'u-2', claims: { email: 'bob@example.com' } };

const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now: () => new Date() });
let provider: TestOidcProvider;
/** Returns claims at the userinfo endpoint only. */
let reticent: TestOidcProvider;

beforeAll(async () => {
  provider = await startOidcProvider({ accounts: [ALICE, BOB] });
  reticent = await startOidcProvider({ accounts: [ALICE], claimsIn: 'userinfo' });
});
afterAll(() => Promise.all([provider.close(), reticent.close()]));

describe('a sign-in at a real provider', () => {
  test('verifies who signed in and their claims', async () => {
    const client = await registerAt(party, provider);
    const verified = await party.complete(client, await signInAt(party, client));
    expect(verified).toMatchObject({
      issuer: provider.issuer,
      subject: 'u-1',
      emailVerified: true,
      groupsOverage: false,
      authTime: undefined,
    });
    expect(verified.claims.get('email')).toEqual(['alice@example.com']);
    expect(verified.claims.get('groups')).toEqual(['staff', 'admins']);
    expect([...verified.claims.keys()]).not.toContain('nonce');
    expect(decodeJwt(verified.idToken).sub).toBe('u-1');
  });

  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'a secret of any characters is understood by %s',
    async (method) => {
      const client = await registerAt(party, provider, { method, secret: SECRET });
      expect((await party.complete(client, await signInAt(party, client))).subject).toBe('u-1');
    },
  );

  test.each(['token_endpoint', 'issuer'] as const)(
    'a key of ours proves that it is us, to the %s',
    async (audience) => {
      const key = await createClientKey();
      const client = await registerAt(party, provider, { method: 'private_key_jwt', ...key, audience });
      expect((await party.complete(client, await signInAt(party, client))).subject).toBe('u-1');
    },
  );

  test('a key that the provider does not know is rejected by it', async () => {
    const client = await registerAt(party, provider, {
      method: 'private_key_jwt',
      ...(await createClientKey()),
    });
    const other = { ...client, auth: { method: 'private_key_jwt', ...(await createClientKey()) } as const };
    expect(await refusal(party.complete(other, await signInAt(party, other)))).toEqual({
      reason: 'token_refused',
      detail: 'The token endpoint answered with status 401: invalid_client.',
    });
  });

  test('a wrong secret is rejected by the provider, and no message contains it', async () => {
    const client = await registerAt(party, provider);
    const wrong = { ...client, auth: { method: 'client_secret_basic', secret: 'wrong-secret' } as const };
    const { reason, detail } = await refusal(party.complete(wrong, await signInAt(party, wrong)));
    expect(reason).toBe('token_refused');
    expect(detail).not.toContain('wrong-secret');
  });

  test('what the provider rejects the user is an error with its code', async () => {
    const client = await registerAt(party, provider);
    expect(
      await refusal(party.complete(client, await signInAt(party, client, { login: 'mallory' }))),
    ).toEqual({
      reason: 'provider_error',
      detail: 'access_denied',
    });
  });

  test('a code is good for one sign-in', async () => {
    const client = await registerAt(party, provider);
    const response = await signInAt(party, client);
    await party.complete(client, response);
    expect(await refusal(party.complete(client, response))).toEqual({
      reason: 'token_refused',
      detail: 'The token endpoint answered with status 400: invalid_grant.',
    });
  });

  test('the code of another sign-in is rejected: the verifier is not its own', async () => {
    const client = await registerAt(party, provider);
    const [alice, bob] = [await signInAt(party, client), await signInAt(party, client, { login: 'bob' })];
    const injected = new URL(alice.callbackUrl);
    injected.searchParams.set('code', bob.callbackUrl.searchParams.get('code') ?? '');
    const { reason } = await refusal(party.complete(client, { ...alice, callbackUrl: injected }));
    expect(reason).toBe('token_refused');
  });

  test('the answer to the sign-in of another browser is not ours', async () => {
    const client = await registerAt(party, provider);
    const [mine, theirs] = [await signInAt(party, client), await signInAt(party, client, { login: 'bob' })];
    const { reason } = await refusal(party.complete(client, { ...mine, callbackUrl: theirs.callbackUrl }));
    expect(reason).toBe('request_unknown');
  });

  test('the provider names itself in its answer, as it promised', async () => {
    const client = await registerAt(party, provider);
    expect(client.metadata.authorization_response_iss_parameter_supported).toBe(true);
    const response = await signInAt(party, client);
    for (const iss of [undefined, 'https://other.example']) {
      const callbackUrl = new URL(response.callbackUrl);
      if (iss === undefined) callbackUrl.searchParams.delete('iss');
      else callbackUrl.searchParams.set('iss', iss);
      const { reason } = await refusal(party.complete(client, { ...response, callbackUrl }));
      expect(reason).toBe('response_issuer_mismatch');
    }
  });

  test('the address of the callback does not matter, only what was sent as the redirect URI', async () => {
    const client = await registerAt(party, provider);
    const response = await signInAt(party, client);
    const behindProxy = new URL(`http://10.0.0.7:3000/callback${response.callbackUrl.search}`);
    expect((await party.complete(client, { ...response, callbackUrl: behindProxy })).subject).toBe('u-1');
  });
});

describe('an authentication anew', () => {
  test('is requested although the browser has a session, and its time is verified', async () => {
    const client = await registerAt(party, provider);
    const browser = createBrowser();
    await party.complete(client, await signInAt(party, client, { browser }));
    const begun = await party.begin(client, { redirectUri: REDIRECT });
    expect(isCallback((await browser.get(begun.url, { stopAt: isCallback })).url)).toBe(true);

    const response = await signInAt(party, client, { browser, prompt: 'login', maxAge: 0 });
    const verified = await party.complete(client, { ...response, maxAge: 0 });
    const age = response.startedAt.getTime() - Date.parse(verified.authTime ?? '');
    expect(Math.abs(age)).toBeLessThan(5_000);
  });

  test('that was long before is rejected, counted from when the sign-in began', async () => {
    const client = await registerAt(party, provider);
    const later = createRelyingParty({
      outbound: createOutbound({ allowPrivate: true }),
      now: () => new Date(Date.now() + 120_000),
    });
    const response = await signInAt(party, client, { maxAge: 3_600 });
    const startedAt = new Date(Date.now() + 120_000);
    const stale = later.complete(client, { ...response, startedAt, maxAge: 30 });
    expect((await refusal(stale)).reason).toBe('authentication_stale');
    // Three minutes with a second factor are no old authentication.
    const slow = await signInAt(party, client, { prompt: 'login', maxAge: 0 });
    expect((await later.complete(client, { ...slow, maxAge: 0 })).subject).toBe('u-1');
  });

  test('without a time is rejected', async () => {
    const client = await registerAt(party, provider);
    const response = await signInAt(party, client);
    expect(await refusal(party.complete(client, { ...response, maxAge: 0 }))).toEqual({
      reason: 'authentication_stale',
      detail: 'The auth_time claim is missing.',
    });
  });
});

describe('the userinfo endpoint', () => {
  test('is asked for needed claims that the ID token lacks', async () => {
    const client = await registerAt(party, reticent);
    const verified = await party.complete(client, {
      ...(await signInAt(party, client)),
      neededClaims: ['email'],
    });
    expect(verified.claims.get('email')).toEqual(['alice@example.com']);
    expect(verified.emailVerified).toBe(true);
  });

  test('is not asked otherwise', async () => {
    const client = await registerAt(party, reticent);
    const verified = await party.complete(client, {
      ...(await signInAt(party, client)),
      neededClaims: ['sub'],
    });
    expect(verified.claims.has('email')).toBe(false);
    expect(verified.emailVerified).toBeUndefined();
  });
});
