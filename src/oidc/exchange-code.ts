import { authorizationCodeGrant, type CustomFetch } from 'openid-client';
import type { Outbound } from '../platform/http-client/http-client.ts';
import { SsoError } from '../sso/sso-error.ts';
import { askProvider, parseAnswer, readJson } from './ask-provider.ts';
import { describeError } from './authorization-response.ts';
import type { OidcClient } from './client.ts';
import { configure } from './configuration.ts';
import { libraryProblem } from './library-problem.ts';

const MAX_BYTES = 256 * 1024;

/** What came for a code; the ID token's claims were compared, its signature was not. */
export interface ExchangedTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

export interface CodeExchange {
  readonly code: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** As it was sent in the authorization request. */
  readonly redirectUri: string;
}

/**
 * Exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).
 * @throws SsoError `token_refused`, `token_invalid`, `provider_unreachable`, `provider_misconfigured`
 */
export async function exchangeCode(
  dependencies: { readonly outbound: Outbound; readonly now: () => Date },
  client: OidcClient,
  { code, state, nonce, codeVerifier, redirectUri }: CodeExchange,
): Promise<ExchangedTokens> {
  const fetch = askTokenEndpoint(dependencies.outbound, client.metadata.token_endpoint);
  const configuration = await configure(client, fetch, dependencies.now());
  const { issuer } = client.metadata;
  // The library reads the redirect URI off the address of the callback, which a proxy may have changed.
  const callback = new URL(redirectUri);
  callback.search = new URLSearchParams({ code, state, iss: issuer }).toString();
  try {
    const { id_token: idToken, access_token: accessToken } = await authorizationCodeGrant(
      configuration,
      callback,
      { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
    );
    if (idToken === undefined) throw new SsoError('token_invalid', 'There is no ID token.');
    return { idToken, accessToken };
  } catch (error) {
    throw libraryProblem(error, 'token_invalid');
  }
}

function askTokenEndpoint(outbound: Outbound, endpoint: string): CustomFetch {
  return async (_url, { method, headers, body }) => {
    const answer = await askProvider(outbound, 'token endpoint', endpoint, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      body: String(body),
      maxBytes: MAX_BYTES,
    });
    if (answer.status >= 400)
      throw new SsoError('token_refused', describeDomainError(answer.status, answer.body));
    return Response.json(parseAnswer('token endpoint', answer));
  };
}

function describeDomainError(status: number, body: Buffer): string {
  const json = readJson(body);
  const { error, error_description: description } =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const said =
    typeof error === 'string'
      ? describeError(error, typeof description === 'string' ? description : undefined)
      : 'no OAuth error';
  return `The token endpoint answered with status ${status}: ${said}.`;
}
