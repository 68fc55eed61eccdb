import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { SsoError } from '../sso/sso-error.ts';
import type { OidcClient } from './client.ts';
import { SKEW_SECONDS, verifyToken } from './verify-token.ts';

export interface IdTokenExpectation {
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
