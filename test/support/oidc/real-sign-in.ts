import { type ClientAuthentication, clientJwks, type OidcClient } from '../../../src/oidc/client.ts';
import type { RelyingParty, SignInResponse } from '../../../src/oidc/relying-party.ts';
import { type Browser, createBrowser } from '../browser.ts';
import type { TestAccount, TestOidcProvider } from './provider.ts';

/** Nothing listens there: a browser stops before it. */
export const REDIRECT = 'http://127.0.0.1:9/sso/oidc/callback';
export const SECRET = 'a secret-of_enough:characters~!%+';
export const ALICE: TestAccount = {
  login: 'alice',
  sub: 'u-1',
  claims: { email: 'alice@example.com', email_verified: true, name: 'Alice', groups: ['staff', 'admins'] },
};

const bySecret: ClientAuthentication = { method: 'client_secret_basic', secret: SECRET };

/** Registers the client `rollcall` at a real provider, with what more of its metadata, and discovers the provider. */
export async function registerAt(
  party: RelyingParty,
  provider: TestOidcProvider,
  auth: ClientAuthentication = bySecret,
  more: Readonly<Record<string, unknown>> = {},
): Promise<OidcClient> {
  const proof =
    auth.method === 'private_key_jwt' ? { jwks: await clientJwks([auth]) } : { client_secret: auth.secret };
  provider.register({
    client_id: 'rollcall',
    token_endpoint_auth_method: auth.method,
    redirect_uris: [REDIRECT],
    ...proof,
    ...more,
  });
  const metadata = await party.discover(provider.issuer);
  return { connectionId: 'c-1', metadata, clientId: 'rollcall', auth, scopes: ['email', 'profile'] };
}

export const isCallback = (url: URL): boolean => url.href.startsWith(REDIRECT);

/** Signs a user in (Alice by default) and stops before the callback. @returns what `complete` takes */
export async function signInAt(
  party: RelyingParty,
  client: OidcClient,
  options: { browser?: Browser; login?: string; prompt?: 'login'; maxAge?: number } = {},
): Promise<SignInResponse> {
  const { browser = createBrowser(), login = ALICE.login, ...request } = options;
  const startedAt = new Date();
  const begun = await party.begin(client, { redirectUri: REDIRECT, ...request });
  let page = await browser.get(begun.url, { stopAt: isCallback });
  if (!isCallback(page.url)) page = await browser.submit(page, { login }, { stopAt: isCallback });
  return { ...begun, callbackUrl: page.url, redirectUri: REDIRECT, startedAt };
}
