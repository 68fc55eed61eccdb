import type { Outbound } from '../platform/http-client/http-client.ts';
import {
  type Claims,
  hasGroupsOverage,
  isKeepable,
  mergeUserinfo,
  readClaims,
  readEmailVerified,
} from './claims.ts';
import type { OidcClient } from './client.ts';
import {
  type BegunSignIn,
  beginSignIn,
  exchangeCode,
  readAuthorizationResponse,
  readUserinfo,
  type SignInRequest,
} from './code-flow.ts';
import { endSessionUrl, type LogoutRequest, verifyLogoutToken } from './logout.ts';
import { createProviderDescriptions, discoverProvider, type OidcMetadata } from './metadata.ts';
import { createProviderKeys } from './provider-keys.ts';
import { type IdTokenClaims, verifyIdToken } from './tokens.ts';

/** What came back, and what was kept since `begin`. */
export interface SignInResponse {
  /** As the browser requested it; only its query is used. */
  readonly callbackUrl: URL;
  /** As it was given to `begin`. */
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** When `begin` was called. */
  readonly startedAt: Date;
  /** Seconds: the user must have authenticated no longer than that before `startedAt`. */
  readonly maxAge?: number;
  /** Asks the userinfo endpoint, where there is one, if the ID token lacks one of these claims. */
  readonly neededClaims?: readonly string[];
  /** The claim with the groups; `groups` by default. */
  readonly groupsClaim?: string;
}

/** Who signed in, verified by the provider's signature. It decides nothing. */
export interface VerifiedTokens {
  readonly issuer: string;
  /** Printable ASCII, at most 255 characters; unique with the issuer. */
  readonly subject: string;
  readonly claims: Claims;
  /** Of the `email` claim; undefined if the provider does not send it, which does not mean true. */
  readonly emailVerified: boolean | undefined;
  /** The user has groups that the token does not contain: the token's groups are incomplete. */
  readonly groupsOverage: boolean;
  /** ISO 8601. */
  readonly authTime: string | undefined;
  /** The session at the provider, which a logout token may name. */
  readonly sid: string | undefined;
  /** For `endSessionUrl`; a secret. */
  readonly idToken: string;
}

/**
 * The OpenID Connect relying party (docs/sso-design.md §5). It keeps the keys and the descriptions of providers and
 * nothing else.
 */
export interface RelyingParty {
  /** The provider's current metadata. @throws SsoError `provider_unreachable`, `provider_misconfigured` */
  discover(issuer: string): Promise<OidcMetadata>;
  /** The same, a few minutes old at most: for what unauthenticated clients can bring about. @throws SsoError */
  describe(issuer: string): Promise<OidcMetadata>;
  begin(client: OidcClient, request: SignInRequest): Promise<BegunSignIn>;
  /** @throws SsoError for everything that is not a proof */
  complete(client: OidcClient, response: SignInResponse): Promise<VerifiedTokens>;
  /** @returns undefined if the provider has no such address */
  endSessionUrl(
    client: Pick<OidcClient, 'metadata' | 'clientId'>,
    request: Parameters<typeof endSessionUrl>[1],
  ): string | undefined;
  /** @throws SsoError `logout_token_invalid`, `provider_unreachable`, `provider_misconfigured` */
  verifyLogoutToken(client: OidcClient, token: string): Promise<LogoutRequest>;
}

/** Builds a relying party whose every request leaves through `outbound`. */
export function createRelyingParty(dependencies: {
  readonly outbound: Outbound;
  readonly now: () => Date;
}): RelyingParty {
  const { outbound, now } = dependencies;
  const findKeys = createProviderKeys(dependencies);
  const descriptions = createProviderDescriptions({
    discover: (issuer) => discoverProvider(outbound, issuer),
    now,
  });

  const complete = async (client: OidcClient, response: SignInResponse): Promise<VerifiedTokens> => {
    const { metadata } = client;
    const { state, nonce, codeVerifier, redirectUri, startedAt, maxAge, groupsClaim = 'groups' } = response;
    const code = readAuthorizationResponse(response.callbackUrl.searchParams, {
      state,
      issuer: metadata.issuer,
      issuerRequired: metadata.authorization_response_iss_parameter_supported,
    });
    const exchange = { code, state, nonce, codeVerifier, redirectUri };
    const { idToken, accessToken } = await exchangeCode(dependencies, client, exchange);
    const signed = await verifyIdToken(idToken, client, {
      findKey: findKeys(client),
      now: now(),
      nonce,
      freshness: maxAge === undefined ? undefined : { maxAge, startedAt },
    });
    const { sub: subject, auth_time: authTime, sid } = signed;
    const merged = await completed(client, signed, accessToken, response.neededClaims ?? []);
    return {
      issuer: metadata.issuer,
      subject,
      claims: readClaims(merged),
      emailVerified: readEmailVerified(merged),
      groupsOverage: hasGroupsOverage(merged, groupsClaim),
      authTime: typeof authTime === 'number' ? new Date(authTime * 1_000).toISOString() : undefined,
      sid: typeof sid === 'string' && isKeepable(sid) ? sid : undefined,
      idToken,
    };
  };

  const completed = async (
    client: OidcClient,
    signed: IdTokenClaims,
    accessToken: string,
    needed: readonly string[],
  ): Promise<Readonly<Record<string, unknown>>> => {
    const endpoint = client.metadata.userinfo_endpoint;
    if (endpoint === undefined || needed.every((name) => Object.hasOwn(signed, name))) return signed;
    const tokens = { accessToken, subject: signed.sub };
    return mergeUserinfo(signed, await readUserinfo(dependencies, client, endpoint, tokens));
  };

  return {
    discover: descriptions.renew,
    describe: descriptions.current,
    begin: (client, request) => beginSignIn(client, request, now()),
    complete,
    endSessionUrl,
    verifyLogoutToken: (client, token) =>
      verifyLogoutToken(token, client, { findKey: findKeys(client), now: now() }),
  };
}
