import { X509Certificate } from 'node:crypto';
import { SsoError } from '../sso/sso-error.ts';

/** A certificate with which an identity provider signs, as its connection has it configured. */
export interface IdpCertificate {
  /** SHA-256 of its DER, in hexadecimal digits. */
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
}

/** Certificates that are held, by their PEM: reading one takes a millisecond. The oldest makes room. */
const held = new Map<string, X509Certificate>();
const MAX_HELD = 500;

/** @param pem of a certificate that was read before it was trusted */
export function certificateOf(pem: string): X509Certificate {
  const found = held.get(pem);
  if (found !== undefined) return found;
  const certificate = new X509Certificate(pem);
  const [oldest] = held.keys();
  if (held.size >= MAX_HELD && oldest !== undefined) held.delete(oldest);
  held.set(pem, certificate);
  return certificate;
}

const MIN_RSA_BITS = 2_048;
/** A longer key makes every check slow. */
const MAX_RSA_BITS = 8_192;
const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Whether the key of a certificate may sign: RSA of 2048 to 8192 bits, or ECDSA over a curve of NIST's. */
export function maySign(certificate: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa') return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
  return type === 'ec' && CURVES.has(details?.namedCurve);
}

/**
 * The certificates that may sign. Their dates are ignored: the key is trusted.
 * @throws SsoError certificate_missing if there is none; without a key no signature is good
 */
export function usableCertificates(certificates: readonly IdpCertificate[]): readonly IdpCertificate[] {
  const usable = certificates.filter((each) => maySign(each.certificate));
  if (usable.length === 0) throw new SsoError('certificate_missing');
  return usable;
}
