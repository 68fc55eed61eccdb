import { hash, randomBytes } from 'node:crypto';

/** What a secret is for; scanners of leaked secrets find it by this beginning. */
type TokenKind = 'scim' | 'key' | 'setup';

/** A secret of 256 random bits with a prefix that names its kind. */
export function makeToken(kind: TokenKind): string {
  return `rollcall_${kind}_${randomBytes(32).toString('base64url')}`;
}

/** 43 letters, digits, - and _: 256 random bits, for links and cookies. */
export function makeOpaqueToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * 256 random bits in letters and digits alone, for the address of an invitation (R14): 64 hexadecimal digits.
 */
export function makeLinkToken(): string {
  return `token_${randomBytes(32).toString('hex')}`;
}

/** The four characters by which users tell a token apart. */
export const lastOf = (token: string): string => token.slice(-4);

/** What a process remembers a token by: the same hash as text. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'hex');
}

/** The form in which a token is kept: it has 256 random bits, so a plain SHA-256 cannot be turned round. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
