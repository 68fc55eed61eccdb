import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { OidcClient } from './client.ts';
import { configure } from './configuration.ts';

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
