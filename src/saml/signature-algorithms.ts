import { createHash, createVerify, type KeyObject } from 'node:crypto';

interface SignatureAlgorithm {
  readonly keyType: 'rsa' | 'ec';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

/** Signatures of public keys (RFC 9231 §2.3), by their URI: never a symmetric one, never SHA-1. */
export const SIGNATURE_ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [`${MORE}rsa-sha256`, { keyType: 'rsa', hash: 'sha256' }],
  [`${MORE}rsa-sha384`, { keyType: 'rsa', hash: 'sha384' }],
  [`${MORE}rsa-sha512`, { keyType: 'rsa', hash: 'sha512' }],
  [`${MORE}ecdsa-sha256`, { keyType: 'ec', hash: 'sha256' }],
  [`${MORE}ecdsa-sha384`, { keyType: 'ec', hash: 'sha384' }],
  [`${MORE}ecdsa-sha512`, { keyType: 'ec', hash: 'sha512' }],
]);

/** Of the digest of what is signed, by its URI (RFC 9231 §2.1). */
export const DIGEST_ALGORITHMS: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  [`${MORE}sha384`, 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);

export function digest(hash: string, text: string): Buffer {
  return createHash(hash).update(text, 'utf8').digest();
}

/**
 * Whether the key made this signature; false as well for a key of another kind, and an algorithm that is not accepted.
 * @param uri of the algorithm
 */
export function isSignedBy(key: KeyObject, uri: string, text: string, value: Buffer): boolean {
  const algorithm = SIGNATURE_ALGORITHMS.get(uri);
  if (algorithm === undefined || key.asymmetricKeyType !== algorithm.keyType) return false;
  try {
    // XML signatures hold r and s side by side (XML Signature §6.4.3).
    const verifier = createVerify(algorithm.hash).update(text, 'utf8');
    return verifier.verify({ key, dsaEncoding: 'ieee-p1363' }, value);
  } catch {
    // OpenSSL throws where ECDSA's r and s are not of the length of the curve.
    return false;
  }
}
