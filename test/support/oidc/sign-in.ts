import { inspect } from 'node:util';
import type { OidcClient } from '../../../src/oidc/client.ts';
import type { RelyingParty, SignInResponse, VerifiedTokens } from '../../../src/oidc/relying-party.ts';
import type { SsoReason } from '../../../src/sso/rules/reasons.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { CLIENT_ID, type HostileProvider, NONCE } from './hostile-provider.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
const CODE = 'code-of-the-sign-in';
const SECRET = 'secret-of-the-client';
const VERIFIER = 'verifier-of-the-sign-in-that-is-long-enough-for-it';

/** What no error may hold. */
const SECRETS = [CODE, SECRET, VERIFIER, 'access-token-of-the-sign-in', NONCE];

/** A connection to the provider as it describes itself now. */
export async function connectionTo(party: RelyingParty, provider: HostileProvider): Promise<OidcClient> {
  return {
    connectionId: 'c-1',
    metadata: await party.discover(provider.issuer),
    clientId: CLIENT_ID,
    auth: { method: 'client_secret_post', secret: SECRET },
    scopes: ['email'],
  };
}

/** Comes back from the provider with a code. */
export function comeBack(
  party: RelyingParty,
  client: OidcClient,
  response: Partial<SignInResponse> = {},
): Promise<VerifiedTokens> {
  return party.complete(client, {
    callbackUrl: new URL(`${REDIRECT}?code=${CODE}&state=s`),
    redirectUri: REDIRECT,
    state: 's',
    nonce: NONCE,
    codeVerifier: VERIFIER,
    startedAt: new Date(),
    ...response,
  });
}

/** Why something is rejected; checks that nothing of the error is a secret. @throws Error if it is accepted */
export async function refusal(
  work: Promise<unknown>,
  token?: string,
): Promise<{ readonly reason: SsoReason; readonly detail: string }> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof SsoError)) throw error;
    const written = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
    const parts = token?.split('.').filter((part) => part.length > 20) ?? [];
    const leaked = [...SECRETS, ...parts].find((secret) => written.includes(secret));
    if (leaked !== undefined) throw new Error(`The error holds ${leaked}: ${written}`);
    return { reason: error.reason, detail: error.message };
  }
  throw new Error('It was accepted.');
}
