import { type KeyObject, webcrypto } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  calculatePKCECodeChallenge,
  clockSkew,
  clockTolerance,
  customFetch,
  fetchUserInfo,
  modifyAssertion,
  PrivateKeyJwt,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Outbound } from '../platform/http-client/http-client.ts';
import { SsoError } from '../sso/sso-error.ts';
import { askProvider, libraryProblem, parseAnswer, readJson } from './ask-provider.ts';
import type { ClientAuthentication, OidcClient } from './client.ts';
import type { OidcMetadata } from './metadata.ts';
import { SKEW_SECONDS } from './tokens.ts';

/** The parameters of an authorization request. */
export interface SignInRequest {
  readonly redirectUri: string;
  /** `login` asks the user to authenticate again; only `maxAge` has it proved. */
  readonly prompt?: 'login';
  /** Seconds; `complete` has to get the same value. */
  readonly maxAge?: number;
  readonly loginHint?: string;
}

/** The address to send the browser to, and what has to be kept for `complete`: 256 random bits each. */
export interface BegunSignIn {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Composes an authorization request: code flow, PKCE with S256, state and nonce (RFC 9700 §2.1). */
export async function beginSignIn(
  client: OidcClient,
  request: SignInRequest,
  now: Date,
): Promise<BegunSignIn> {
  const state = randomState();
  const nonce = randomNonce();
  const codeVerifier = randomPKCECodeVerifier();
  const configuration = await configure(client, noFetch, now);
  const parameters = {
    redirect_uri: request.redirectUri,
    scope: [...new Set(['openid', ...client.scopes])].join(' '),
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
    ...(request.maxAge === undefined ? {} : { max_age: String(request.maxAge) }),
    ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
  };
  return { url: buildAuthorizationUrl(configuration, parameters).href, state, nonce, codeVerifier };
}

const noFetch = (): never => {
  throw new Error('Composing an address makes no request.');
};

/** What the answer must be: to our question, from the provider that we asked. */
interface ExpectedResponse {
  readonly state: string;
  readonly issuer: string;
  /** Whether the provider announces that it always sends `iss` (RFC 9207 §3). */
  readonly issuerRequired: boolean;
}

const ONCE = ['code', 'state', 'iss', 'error', 'error_description', 'response'];
/** Parameters of other flows, which were not requested. */
const FOREIGN = ['response', 'id_token', 'access_token', 'token'];

/**
 * Reads an authorization response (RFC 6749 §4.1.2, RFC 9207 §2.4): first whether it answers our request, then
 * its issuer, then its content.
 * @returns the code
 * @throws SsoError `response_malformed`, `request_unknown`, `response_issuer_mismatch`, `provider_error`
 */
export function readAuthorizationResponse(parameters: URLSearchParams, expected: ExpectedResponse): string {
  const repeated = ONCE.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined) throw malformed(`The parameter ${repeated} came more than once.`);
  if (parameters.get('state') !== expected.state) {
    throw new SsoError('request_unknown', 'The state is not the one that was sent.');
  }
  const issuer = parameters.get('iss');
  if (issuer === null && expected.issuerRequired) {
    throw new SsoError(
      'response_issuer_mismatch',
      'The parameter iss is missing; the provider’s description promises it.',
    );
  }
  if (issuer !== null && issuer !== expected.issuer) {
    throw new SsoError('response_issuer_mismatch', 'The parameter iss names another provider.');
  }
  const error = parameters.get('error');
  if (error !== null) {
    throw new SsoError('provider_error', describeError(error, parameters.get('error_description')));
  }
  const foreign = FOREIGN.find((name) => parameters.has(name));
  if (foreign !== undefined) throw malformed(`The parameter ${foreign} belongs to a flow that is not used.`);
  const code = parameters.get('code') ?? '';
  if (code === '') throw malformed('The parameter code is missing.');
  return code;
}

/**
 * An OAuth error for a trace. Of the description only Entra's number is kept: the rest may contain names.
 * @param error RFC 6749 §4.1.2.1, §5.2
 */
export function describeError(error: string, description: string | null | undefined): string {
  const code = /^[\w.-]{1,64}$/.test(error) ? error : 'an error without a usable code';
  const number = /\bAADSTS\d{4,10}\b/.exec(description ?? '')?.[0];
  return number === undefined ? code : `${code} (${number})`;
}

const malformed = (detail: string): SsoError => new SsoError('response_malformed', detail);

const MAX_BYTES = 256 * 1024;

/** What came for a code; the ID token's claims were compared, its signature was not. */
interface ExchangedTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

interface CodeExchange {
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

/**
 * Asks the userinfo endpoint about the user of an ID token (OpenID Connect Core 1.0 §5.3).
 * @throws SsoError `userinfo_mismatch` if it answers about another user, `provider_unreachable`,
 *   `provider_misconfigured`
 */
export async function readUserinfo(
  dependencies: { readonly outbound: Outbound; readonly now: () => Date },
  client: OidcClient,
  endpoint: string,
  tokens: { readonly accessToken: string; readonly subject: string },
): Promise<Readonly<Record<string, unknown>>> {
  const configuration = await configure(
    client,
    async (_url, { headers }) => {
      const answer = await askProvider(dependencies.outbound, 'userinfo endpoint', endpoint, {
        headers: { ...headers, accept: 'application/json' },
        maxBytes: MAX_BYTES,
      });
      return Response.json(parseAnswer('userinfo endpoint', answer));
    },
    dependencies.now(),
  );
  try {
    return await fetchUserInfo(configuration, tokens.accessToken, tokens.subject);
  } catch (error) {
    throw libraryProblem(error, 'userinfo_mismatch');
  }
}

/**
 * A connection as openid-client wants it. It reaches the network only through `fetch`, which also guards the
 * addresses and the time; the library's own rule against http:// is lifted for an issuer that discovery took
 * without TLS, which is on this machine.
 */
async function configure(client: OidcClient, fetch: CustomFetch, now: Date): Promise<Configuration> {
  const { metadata, clientId, auth } = client;
  const configuration = new Configuration(
    {
      ...metadata,
      id_token_signing_alg_values_supported: [...metadata.id_token_signing_alg_values_supported],
      token_endpoint_auth_methods_supported: [...metadata.token_endpoint_auth_methods_supported],
    },
    clientId,
    {
      [clockSkew]: Math.round((now.getTime() - Date.now()) / 1_000),
      [clockTolerance]: SKEW_SECONDS,
    },
    await authentication(auth, metadata),
  );
  configuration[customFetch] = fetch;
  configuration.timeout = 0;
  if (metadata.issuer.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

async function authentication(auth: ClientAuthentication, metadata: OidcMetadata): Promise<ClientAuth> {
  if (auth.method !== 'private_key_jwt') {
    return auth.method === 'client_secret_basic'
      ? ClientSecretBasic(auth.secret)
      : ClientSecretPost(auth.secret);
  }
  const { key, kid, certificate, audience = 'token_endpoint' } = auth;
  return PrivateKeyJwt(
    { key: await forSigning(key), kid },
    {
      [modifyAssertion]: (header, payload) => {
        header['typ'] = 'JWT';
        payload['aud'] = audience === 'issuer' ? metadata.issuer : metadata.token_endpoint;
        if (certificate === undefined) return;
        header['x5t'] = thumbprint(certificate.fingerprint);
        header['x5t#S256'] = thumbprint(certificate.fingerprint256);
      },
    },
  );
}

const forSigning = (key: KeyObject): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey(
    'pkcs8',
    key.export({ type: 'pkcs8', format: 'der' }),
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  );

/** From `AA:BB:…`. RFC 7515 §4.1.7, §4.1.8. */
const thumbprint = (fingerprint: string): string =>
  Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
