/**
 * Step 4 of src/saml: the keys that are trusted.
 * Decides which certificates an administrator may add, and which of a connection's may verify a signature. Only the key
 * is trusted: not the dates, not the names, and never a certificate that a message brings.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { SsoError } from '../sso/sso-error.ts';

/** A certificate with which an identity provider signs, as its connection has it configured. */
export interface IdpCertificate {
  /** SHA-256 of its DER, in hexadecimal digits. */
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
}

/** Parsed certificates by their PEM: parsing one takes a millisecond. The oldest is evicted first. */
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
/** Beyond, a signature takes so long to check that it is an attack. */
const MAX_RSA_BITS = 8_192;
const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** Whether the key of a certificate may sign: RSA of 2048 to 8192 bits, or ECDSA over a curve of NIST's. */
function maySign(certificate: X509Certificate): boolean {
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

/** What an administrator is shown of a certificate. */
export interface ReadCertificate {
  /** Always in the same form: equal certificates have equal texts. */
  readonly pem: string;
  /** SHA-256 of its DER, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** `CN=…, O=…`; nothing in it is checked or trusted. */
  readonly subject: string;
  readonly notBefore: Date;
  /** One that has ended is still read: what is trusted is the key (docs/sso-design.md §3). */
  readonly notAfter: Date;
}

const LONGEST = 32 * 1_024;

const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/g;
const CERTIFICATE = /-----BEGIN (X509 )?CERTIFICATE-----([^-]*)-----END (X509 )?CERTIFICATE-----/;

const PRIVATE_KEY =
  'This is a private key, not a certificate. As it has left the provider now, make a new one there, and paste its certificate here.';

/** What users paste instead, by its label. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/PRIVATE KEY$/, PRIVATE_KEY],
  [/CERTIFICATE REQUEST$/, 'This is a request for a certificate. Paste the certificate that was made of it.'],
  [/PUBLIC KEY$/, 'This is a public key. Paste the certificate that the provider offers for download.'],
  [/^(PKCS7|CMS)$/, 'This is a PKCS #7 file. Export the certificate alone, as Base64 (X.509).'],
];

/**
 * Reads one X.509 certificate as users paste it: PEM, its base64 alone, in lines or in one.
 * @throws MetadataError if it is none, is several, or its key may not sign: RSA of 2048 to 8192 bits, ECDSA over a curve of NIST's
 */
export function readCertificate(text: string): ReadCertificate {
  const certificate = parse(decode(text));
  checkKey(certificate);
  const notBefore = new Date(certificate.validFrom);
  const notAfter = new Date(certificate.validTo);
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) {
    throw new MetadataError('The certificate has no validity period.');
  }
  return {
    pem: presentPem('CERTIFICATE', certificate.raw),
    fingerprint: sha256(certificate.raw),
    subject: (certificate.subject ?? '').replaceAll('\n', ', '),
    notBefore,
    notAfter,
  };
}

/** The SHA-256 of a certificate's DER, 64 hexadecimal digits. @throws if it is no certificate */
export function fingerprintOf(certificatePem: string): string {
  return sha256(new X509Certificate(certificatePem).raw);
}

/** The base64 in a certificate of ours, as XML contains it: without its frame, in one line. */
export function base64Of(certificatePem: string): string {
  return new X509Certificate(certificatePem).raw.toString('base64');
}

/** Writes DER as PEM: lines of 64 characters (RFC 7468). */
export function presentPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function decode(text: string): Buffer {
  if (text.length > LONGEST) throw new MetadataError('This is too long for one certificate.');
  if (text.trim() === '') throw new MetadataError('Paste the signing certificate of the provider.');
  const labels = [...text.matchAll(BEGIN)].map(([, label]) => label ?? '');
  for (const [label, sentence] of MISTAKES) {
    if (labels.some((each) => label.test(each))) throw new MetadataError(sentence);
  }
  if (labels.length > 1) {
    throw new MetadataError(
      `These are ${labels.length} certificates. Add each by itself, without its chain.`,
    );
  }
  const framed = labels.length === 0 ? text : (CERTIFICATE.exec(text)?.[2] ?? '');
  const base64 = framed.replace(/\s+/g, '');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) {
    throw new MetadataError(
      'This is not a Base64 certificate. Paste all of it: it begins with -----BEGIN CERTIFICATE----- or with MII.',
    );
  }
  return der;
}

function parse(der: Buffer): X509Certificate {
  try {
    const certificate = new X509Certificate(der);
    // Bytes after the certificate would be dropped silently.
    if (certificate.raw.equals(der)) return certificate;
  } catch {
    if (isPrivateKey(der)) throw new MetadataError(PRIVATE_KEY);
  }
  throw new MetadataError('This is not a complete X.509 certificate. Download it again.');
}

function isPrivateKey(der: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      createPrivateKey({ key: der, format: 'der', type });
      return true;
    } catch {
      return false;
    }
  });
}

/** The requirements of `maySign` as errors for administrators, and bounds against absurd keys. */
function checkKey(certificate: X509Certificate): void {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey;
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa' && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)) {
    throw new MetadataError(
      `The certificate has an RSA key of ${bits} bits. It needs from ${MIN_RSA_BITS} to ${MAX_RSA_BITS}.`,
    );
  }
  // With the exponent 1 everybody signs.
  if (type === 'rsa' && (details?.publicExponent ?? 0n) < 3n) {
    throw new MetadataError('The certificate’s RSA key has an insecure exponent. Create a new one.');
  }
  if (!maySign(certificate)) {
    throw new MetadataError(
      `The certificate has a key of type ${type} that is not supported. Let the provider sign with RSA-SHA256.`,
    );
  }
}

function sha256(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}

/** Why a provider's metadata or certificate can't be accepted, as a sentence for the administrator that says what to do. */
export class MetadataError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MetadataError';
  }
}
