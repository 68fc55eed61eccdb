import type { JWTVerifyGetKey } from 'jose';
import { SsoError } from '../sso/sso-error.ts';
import { isKeepable } from './claims.ts';
import type { OidcClient } from './client.ts';
import { MAX_AGE_SECONDS, SKEW_SECONDS, verifyToken } from './tokens.ts';

/** Whose sessions a provider wants ended: those of a subject, or the one it names. */
export interface LogoutRequest {
  readonly subject?: string;
  readonly sid?: string;
  /** Unique for the issuer; accepted once. */
  readonly jti: string;
  /** Until then the `jti` has to be remembered; the token is rejected for its age afterwards. */
  readonly expiresAt: Date;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_LENGTH = 16 * 1024;
/** Explicit typing is only recommended, so none will do; a type of something else won't. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'logout+jwt', 'application/logout+jwt']);

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). The caller checks whether its `jti` was
 * used before.
 * @throws SsoError `logout_token_invalid`, or that of keys that cannot be had
 */
export async function verifyLogoutToken(
  token: string,
  client: Pick<OidcClient, 'metadata' | 'clientId'>,
  { findKey, now }: { readonly findKey: JWTVerifyGetKey; readonly now: Date },
): Promise<LogoutRequest> {
  if (token.length > MAX_LENGTH) throw invalid('The logout token is too long.');
  const { metadata, clientId } = client;
  const claims = await verifyToken(token, {
    metadata,
    clientId,
    findKey: (header, jws) => {
      if (!TYPES.has(header.typ?.toLowerCase())) throw invalid('unexpected "typ" JWT header value');
      return findKey(header, jws);
    },
    now,
    reason: 'logout_token_invalid',
    requiredClaims: ['jti', 'events'],
  });
  const { jti, sub: subject, sid, events, iat = 0, exp = 0 } = claims;
  if (!isName(jti)) throw invalid('unexpected "jti" claim value');
  if (!isObject(events) || !isObject(events[EVENT])) throw invalid('unexpected "events" claim value');
  if (Object.hasOwn(claims, 'nonce')) throw invalid('unexpected "nonce" claim');
  if (subject === undefined && sid === undefined) throw invalid('missing "sub" and "sid" claims');
  if (subject !== undefined && !isName(subject)) throw invalid('unexpected "sub" claim value');
  if (sid !== undefined && !isName(sid)) throw invalid('unexpected "sid" claim value');
  return {
    jti,
    ...(subject === undefined ? {} : { subject }),
    ...(sid === undefined ? {} : { sid }),
    expiresAt: new Date((Math.min(exp, iat + MAX_AGE_SECONDS) + SKEW_SECONDS) * 1_000),
  };
}

/**
 * Where to send a browser so that the provider ends its session, too (OpenID Connect RP-Initiated Logout 1.0 §2).
 * @returns undefined if the provider has no such address
 */
export function endSessionUrl(
  { metadata, clientId }: Pick<OidcClient, 'metadata' | 'clientId'>,
  request: {
    readonly idTokenHint?: string;
    readonly postLogoutRedirectUri?: string;
    readonly state?: string;
  },
): string | undefined {
  if (metadata.end_session_endpoint === undefined) return undefined;
  const url = new URL(metadata.end_session_endpoint);
  const parameters = {
    client_id: clientId,
    id_token_hint: request.idTokenHint,
    post_logout_redirect_uri: request.postLogoutRedirectUri,
    state: request.state,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 && isKeepable(value);

const invalid = (detail: string): SsoError => new SsoError('logout_token_invalid', detail);
