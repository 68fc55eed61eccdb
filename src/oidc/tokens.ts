import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { SsoError } from '../sso/sso-error.ts';
import type { OidcClient } from './client.ts';
import { ALGORITHMS, type OidcMetadata } from './metadata.ts';

/** How far clocks may be apart. */
export const SKEW_SECONDS = 60;
/** Entra dates tokens five minutes back; a token that is older than twice that was not made for this. */
export const MAX_AGE_SECONDS = 600;

export interface TokenExpectation {
  readonly metadata: OidcMetadata;
  readonly clientId: string;
  readonly findKey: JWTVerifyGetKey;
  readonly now: Date;
  /** What a failure is called. */
  readonly reason: 'token_invalid' | 'logout_token_invalid';
  readonly requiredClaims: readonly string[];
}

/**
 * Verifies a JWT of a provider: a key that the provider publishes signed it, with an algorithm that it announces
 * and that is accepted here, for this client, about now. Keys and addresses of keys in its header are not looked at.
 * @throws SsoError the reason asked for, or that of keys that cannot be had
 */
export async function verifyToken(token: string, expected: TokenExpectation): Promise<JWTPayload> {
  const { metadata, clientId, findKey, now, reason, requiredClaims } = expected;
  if (!hasCanonicalSignature(token)) throw new SsoError(reason, 'Invalid Compact JWS');
  const options: JWTVerifyOptions = {
    algorithms: metadata.id_token_signing_alg_values_supported.filter((name) => ALGORITHMS.has(name)),
    issuer: metadata.issuer,
    audience: clientId,
    clockTolerance: SKEW_SECONDS,
    maxTokenAge: MAX_AGE_SECONDS,
    requiredClaims: ['iss', 'aud', 'exp', 'iat', ...requiredClaims],
    currentDate: now,
  };
  try {
    const { payload } = await jwtVerify(token, findKey, options);
    return payload;
  } catch (error) {
    if (error instanceof SsoError) throw error;
    // What the library attaches contains claims and tokens; its code and message contain neither.
    if (error instanceof errors.JOSEError) throw new SsoError(reason, error.message);
    throw new SsoError(reason, 'The provider’s key cannot be used to verify signatures.');
  }
}

/** One signature has one spelling: the library overlooks spaces and spare bits. */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

interface IdTokenExpectation {
  readonly findKey: JWTVerifyGetKey;
  readonly now: Date;
  readonly nonce: string;
  /** The authentication must not be older than so many seconds before the sign-in began. */
  readonly freshness: { readonly maxAge: number; readonly startedAt: Date } | undefined;
}

export interface IdTokenClaims extends JWTPayload {
  readonly sub: string;
}

/**
 * Verifies an ID token (OpenID Connect Core 1.0 §3.1.3.7).
 * @throws SsoError `token_invalid`, `subject_missing`, `authentication_stale`, or that of keys that cannot be had
 */
export async function verifyIdToken(
  idToken: string,
  client: OidcClient,
  { findKey, now, nonce, freshness }: IdTokenExpectation,
): Promise<IdTokenClaims> {
  const { metadata, clientId } = client;
  const claims = await verifyToken(idToken, {
    metadata,
    clientId,
    findKey,
    now,
    reason: 'token_invalid',
    requiredClaims: ['nonce'],
  });
  if (claims['nonce'] !== nonce) throw new SsoError('token_invalid', 'unexpected "nonce" claim value');
  const { azp, sub } = claims;
  const manyAudiences = Array.isArray(claims.aud) && claims.aud.length > 1;
  if (azp === undefined ? manyAudiences : azp !== clientId) {
    throw new SsoError('token_invalid', 'unexpected "azp" claim value');
  }
  if (!isSubject(sub)) {
    throw new SsoError(
      'subject_missing',
      'The sub claim is missing, longer than 255 characters or not printable ASCII.',
    );
  }
  checkFreshness(claims, now, freshness);
  return { ...claims, sub };
}

/** Printable ASCII, as §2 has it: two subjects that look alike are alike. */
const isSubject = (sub: unknown): sub is string =>
  typeof sub === 'string' && /^[\x20-\x7e]{1,255}$/.test(sub) && sub.trim() === sub;

/**
 * Whether the user was authenticated for this sign-in, or so long before as was allowed. Counted from its
 * beginning: typing a second factor takes its time.
 */
function checkFreshness(
  { auth_time: authTime }: JWTPayload,
  now: Date,
  freshness: IdTokenExpectation['freshness'],
): void {
  if (authTime !== undefined && !(typeof authTime === 'number' && authTime >= 0)) {
    throw new SsoError('token_invalid', '"auth_time" claim must be a number');
  }
  if (typeof authTime === 'number' && authTime > now.getTime() / 1_000 + SKEW_SECONDS) {
    throw new SsoError('token_invalid', '"auth_time" claim must be in the past');
  }
  if (freshness === undefined) return;
  if (typeof authTime !== 'number') {
    throw new SsoError('authentication_stale', 'The auth_time claim is missing.');
  }
  const earliest = freshness.startedAt.getTime() / 1_000 - freshness.maxAge - SKEW_SECONDS;
  if (authTime < earliest) {
    throw new SsoError('authentication_stale', 'The auth_time claim is from before the sign-in began.');
  }
}
