import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { maySign } from './idp-certificate.ts';
import { MetadataError } from './metadata-error.ts';

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
const LEAST_BITS = 2_048;
/** Beyond, a signature takes so long to check that it is an attack. */
const MOST_BITS = 8_192;

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

/** The base64 in a certificate of ours, as XML holds it: without its frame, in one line. */
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

/** The requirements of `maySign` (idp-certificate.ts) as errors for administrators, and bounds against absurd keys. */
function checkKey(certificate: X509Certificate): void {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey;
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa' && (bits < LEAST_BITS || bits > MOST_BITS)) {
    throw new MetadataError(
      `The certificate has an RSA key of ${bits} bits. It needs from ${LEAST_BITS} to ${MOST_BITS}.`,
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
