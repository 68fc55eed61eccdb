import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { SsoError } from '../sso/sso-error.ts';
import { ALGORITHMS } from './algorithms.ts';
import type { OidcMetadata } from './metadata.ts';

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
    // What the library attaches holds claims and tokens; its code and sentence hold neither.
    if (error instanceof errors.JOSEError) throw new SsoError(reason, error.message);
    throw new SsoError(reason, 'The provider’s key cannot be used to verify signatures.');
  }
}

/** One signature has one spelling: the library overlooks spaces and spare bits. */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}
