import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { SsoReason } from '../../../src/directory/rules/sso-reasons.ts';
import { createOutbound } from '../../../src/platform/outbound.ts';
import type { ClientAuthentication, OidcClient } from '../../../src/sso/oidc/client.ts';
import { clientJwks, createClientKey } from '../../../src/sso/oidc/client-key.ts';
import { createRelyingParty, type SignInResponse } from '../../../src/sso/oidc/relying-party.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { type Browser, createBrowser } from '../../support/browser.ts';
import { startOidcProvider, type TestOidcProvider } from '../../support/oidc/provider.ts';

const REDIRECT = 'http://127.0.0.1:9/sso/oidc/callback';
const ALICE = {
  login: 'alice',
  sub: 'u-1',
  claims: { email: 'alice@example.com', email_verified: true, name: 'Alice', groups: ['staff', 'admins'] },
};
const BOB = { login: 'bob', sub: 'u-2', claims: { email: 'bob@example.com' } };
const SECRET = 'a secret-of_enough:characters~!%+';

const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now: () => new Date() });
let provider: TestOidcProvider;
/** Says claims at the userinfo endpoint only. */
let reticent: TestOidcProvider;

beforeAll(async () => {
  provider = await startOidcProvider({ accounts: [ALICE, BOB] });
  reticent = await startOidcProvider({ accounts: [ALICE], claimsIn: 'userinfo' });
});
afterAll(() => Promise.all([provider.close(), reticent.close()]));

const bySecret: ClientAuthentication = { method: 'client_secret_basic', secret: SECRET };

async function clientOf(at: TestOidcProvider, auth: ClientAuthentication = bySecret): Promise<OidcClient> {
  const registered =
    auth.method === 'private_key_jwt' ? { jwks: await clientJwks([auth]) } : { client_secret: auth.secret };
  at.register({
    client_id: 'rollcall',
    token_endpoint_auth_method: auth.method,
    redirect_uris: [REDIRECT],
    ...registered,
  });
  const metadata = await party.discover(at.issuer);
  return { connectionId: 'c-1', metadata, clientId: 'rollcall', auth, scopes: ['email', 'profile'] };
}

const isCallback = (url: URL) => url.href.startsWith(REDIRECT);

async function signIn(
  client: OidcClient,
  options: { browser?: Browser; login?: string; prompt?: 'login'; maxAge?: number } = {},
): Promise<SignInResponse> {
  const { browser = createBrowser(), login = 'alice', ...request } = options;
  const startedAt = new Date();
  const begun = await party.begin(client, { redirectUri: REDIRECT, ...request });
  let page = await browser.get(begun.url, { stopAt: isCallback });
  if (!isCallback(page.url)) page = await browser.submit(page, { login }, { stopAt: isCallback });
  return { ...begun, callbackUrl: page.url, redirectUri: REDIRECT, startedAt };
}

async function refusal(work: Promise<unknown>): Promise<{ reason: SsoReason; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SsoError) return { reason: error.reason, message: error.message };
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('a sign-in at a real provider', () => {
  test('proves who signed in and what the provider says of them', async () => {
    const client = await clientOf(provider);
    const verified = await party.complete(client, await signIn(client));
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
      const client = await clientOf(provider, { method, secret: SECRET });
      expect((await party.complete(client, await signIn(client))).subject).toBe('u-1');
    },
  );

  test.each(['token_endpoint', 'issuer'] as const)(
    'a key of ours proves that it is us, to the %s',
    async (audience) => {
      const key = await createClientKey();
      const client = await clientOf(provider, { method: 'private_key_jwt', ...key, audience });
      expect((await party.complete(client, await signIn(client))).subject).toBe('u-1');
    },
  );

  test('a key that the provider does not know is refused by it', async () => {
    const client = await clientOf(provider, { method: 'private_key_jwt', ...(await createClientKey()) });
    const other = { ...client, auth: { method: 'private_key_jwt', ...(await createClientKey()) } as const };
    expect(await refusal(party.complete(other, await signIn(other)))).toEqual({
      reason: 'token_refused',
      message: 'The token endpoint answered with status 401: invalid_client.',
    });
  });

  test('a wrong secret is refused by the provider, and no message holds it', async () => {
    const client = await clientOf(provider);
    const wrong = { ...client, auth: { method: 'client_secret_basic', secret: 'wrong-secret' } as const };
    const { reason, message } = await refusal(party.complete(wrong, await signIn(wrong)));
    expect(reason).toBe('token_refused');
    expect(message).not.toContain('wrong-secret');
  });

  test('what the provider refuses the person is an error with its code', async () => {
    const client = await clientOf(provider);
    expect(await refusal(party.complete(client, await signIn(client, { login: 'mallory' })))).toEqual({
      reason: 'provider_error',
      message: 'access_denied',
    });
  });

  test('a code is good for one sign-in', async () => {
    const client = await clientOf(provider);
    const response = await signIn(client);
    await party.complete(client, response);
    expect(await refusal(party.complete(client, response))).toEqual({
      reason: 'token_refused',
      message: 'The token endpoint answered with status 400: invalid_grant.',
    });
  });

  test('the code of another sign-in is refused: the verifier is not its own', async () => {
    const client = await clientOf(provider);
    const [alice, bob] = [await signIn(client), await signIn(client, { login: 'bob' })];
    const injected = new URL(alice.callbackUrl);
    injected.searchParams.set('code', bob.callbackUrl.searchParams.get('code') ?? '');
    const { reason } = await refusal(party.complete(client, { ...alice, callbackUrl: injected }));
    expect(reason).toBe('token_refused');
  });

  test('the answer to the sign-in of another browser is not ours', async () => {
    const client = await clientOf(provider);
    const [mine, theirs] = [await signIn(client), await signIn(client, { login: 'bob' })];
    const { reason } = await refusal(party.complete(client, { ...mine, callbackUrl: theirs.callbackUrl }));
    expect(reason).toBe('request_unknown');
  });

  test('the provider names itself in its answer, as it promised', async () => {
    const client = await clientOf(provider);
    expect(client.metadata.authorization_response_iss_parameter_supported).toBe(true);
    const response = await signIn(client);
    for (const iss of [undefined, 'https://other.example']) {
      const callbackUrl = new URL(response.callbackUrl);
      if (iss === undefined) callbackUrl.searchParams.delete('iss');
      else callbackUrl.searchParams.set('iss', iss);
      const { reason } = await refusal(party.complete(client, { ...response, callbackUrl }));
      expect(reason).toBe('response_issuer_mismatch');
    }
  });

  test('the address of the callback does not matter, only what was sent as the redirect URI', async () => {
    const client = await clientOf(provider);
    const response = await signIn(client);
    const behindProxy = new URL(`http://10.0.0.7:3000/callback${response.callbackUrl.search}`);
    expect((await party.complete(client, { ...response, callbackUrl: behindProxy })).subject).toBe('u-1');
  });
});

describe('an authentication anew', () => {
  test('is asked for although the browser has a session, and its time is proved', async () => {
    const client = await clientOf(provider);
    const browser = createBrowser();
    await party.complete(client, await signIn(client, { browser }));
    const begun = await party.begin(client, { redirectUri: REDIRECT });
    expect(isCallback((await browser.get(begun.url, { stopAt: isCallback })).url)).toBe(true);

    const response = await signIn(client, { browser, prompt: 'login', maxAge: 0 });
    const verified = await party.complete(client, { ...response, maxAge: 0 });
    const age = response.startedAt.getTime() - Date.parse(verified.authTime ?? '');
    expect(Math.abs(age)).toBeLessThan(5_000);
  });

  test('that was long before is refused, counted from when the sign-in began', async () => {
    const client = await clientOf(provider);
    const later = createRelyingParty({
      outbound: createOutbound({ allowPrivate: true }),
      now: () => new Date(Date.now() + 120_000),
    });
    const response = await signIn(client, { maxAge: 3_600 });
    const startedAt = new Date(Date.now() + 120_000);
    const stale = later.complete(client, { ...response, startedAt, maxAge: 30 });
    expect((await refusal(stale)).reason).toBe('authentication_stale');
    // Three minutes with a second factor are no old authentication.
    const slow = await signIn(client, { prompt: 'login', maxAge: 0 });
    expect((await later.complete(client, { ...slow, maxAge: 0 })).subject).toBe('u-1');
  });

  test('without a time is refused', async () => {
    const client = await clientOf(provider);
    const response = await signIn(client);
    expect(await refusal(party.complete(client, { ...response, maxAge: 0 }))).toEqual({
      reason: 'authentication_stale',
      message: 'The auth_time claim is missing.',
    });
  });
});

describe('the userinfo endpoint', () => {
  test('is asked for claims that are needed and missing', async () => {
    const client = await clientOf(reticent);
    const verified = await party.complete(client, { ...(await signIn(client)), neededClaims: ['email'] });
    expect(verified.claims.get('email')).toEqual(['alice@example.com']);
    expect(verified.emailVerified).toBe(true);
  });

  test('is not asked otherwise', async () => {
    const client = await clientOf(reticent);
    const verified = await party.complete(client, { ...(await signIn(client)), neededClaims: ['sub'] });
    expect(verified.claims.has('email')).toBe(false);
    expect(verified.emailVerified).toBeUndefined();
  });
});

describe('logout', () => {
  test('at the provider ends its session and comes back with the state', async () => {
    const client = await clientOf(provider);
    provider.register({
      client_id: 'rollcall',
      client_secret: SECRET,
      redirect_uris: [REDIRECT],
      post_logout_redirect_uris: ['http://127.0.0.1:9/goodbye'],
    });
    const browser = createBrowser();
    const { idToken } = await party.complete(client, await signIn(client, { browser }));
    const url = party.endSessionUrl(client, {
      idTokenHint: idToken,
      postLogoutRedirectUri: 'http://127.0.0.1:9/goodbye',
      state: 'xyz',
    });
    const stopAt = ({ pathname }: URL) => pathname === '/goodbye';
    const confirm = await browser.get(url ?? '');
    const last = await browser.submit(confirm, { logout: 'yes' }, { stopAt });
    expect(last.url.href).toBe('http://127.0.0.1:9/goodbye?state=xyz');
    const again = await party.begin(client, { redirectUri: REDIRECT });
    expect(isCallback((await browser.get(again.url, { stopAt: isCallback })).url)).toBe(false);
  });

  test('is told through the back channel with a token about the session of the sign-in', async () => {
    const client = await clientOf(provider);
    const received = receive();
    const server = await received.listen();
    provider.register({
      client_id: 'rollcall',
      client_secret: SECRET,
      redirect_uris: [REDIRECT],
      backchannel_logout_uri: server,
      backchannel_logout_session_required: true,
    });
    const browser = createBrowser();
    const { sid, idToken } = await party.complete(client, await signIn(client, { browser }));
    const confirm = await browser.get(party.endSessionUrl(client, { idTokenHint: idToken }) ?? '');
    await browser.submit(confirm, { logout: 'yes' });
    const token = new URLSearchParams(await received.body).get('logout_token') ?? '';
    await received.close();

    expect(client.metadata).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
    const request = await party.verifyLogoutToken(client, token);
    expect(request).toMatchObject({ subject: 'u-1', sid, jti: expect.any(String) });
    expect(request.expiresAt.getTime()).toBeGreaterThan(Date.now());
    expect((await refusal(party.verifyLogoutToken(client, idToken))).reason).toBe('logout_token_invalid');
  });
});

/** Takes one request. */
function receive() {
  let server: Server | undefined;
  let take: (body: string) => void = () => {};
  const body = new Promise<string>((resolve) => {
    take = resolve;
  });
  return {
    body,
    listen: async () => {
      server = createServer(async (request, response) => {
        let text = '';
        for await (const chunk of request.setEncoding('utf8')) text += chunk;
        response.end();
        take(text);
      });
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`;
    },
    close: async () => {
      await new Promise((resolve) => server?.close(resolve));
    },
  };
}
