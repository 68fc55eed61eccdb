import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { hashToken } from '../platform/opaque-token.ts';

const PERIOD = 30;
/** Steps that a phone's clock may be off, each way (RFC 6238 §5.2). */
const WINDOW = 1;
const RECOVERY_CODES = 10;

const totpOf = (secret: string, label = '', issuer = 'Rollcall') =>
  new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: PERIOD });

/** A new secret in base32, 160 bits. */
export function makeTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What an authenticator app reads: `otpauth://totp/…`. */
export function totpUri(secret: string, email: string, organization: string): string {
  return totpOf(secret, email, organization).toString();
}

/** @returns the step that a code is of, or undefined if it is of none that is near */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: now.getTime(), window: WINDOW });
  return delta === null ? undefined : Math.floor(now.getTime() / 1_000 / PERIOD) + delta;
}

/** Codes for the day the phone is lost: 10 of 80 bits each, to be shown once. */
export function makeRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    (randomBytes(10).toString('hex').match(/.{5}/g) as string[]).join('-'),
  );
}

/** The form in which a recovery code is kept. */
export function hashRecoveryCode(code: string): Buffer {
  return hashToken(code.trim().toLowerCase());
}
