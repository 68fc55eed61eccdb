import { webcrypto } from 'node:crypto';
import { presentPem } from './read-certificate.ts';

/** A private key of ours and the certificate that we hand out for it. */
export interface ServiceProviderKey {
  /** PKCS #8; only the sealing and the signing see it. */
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

const YEARS = 10;

/** The clock of a provider may be behind ours. */
const EARLIER_MS = 60 * 60 * 1_000;

/**
 * Makes an RSA-2048 key with a self-signed certificate for ten years: `CN=Rollcall`, SHA-256, and its one
 * usage. It does not name the organization: the metadata does.
 */
export async function makeServiceProviderKey(
  use: 'signing' | 'encryption',
  now: Date,
): Promise<ServiceProviderKey> {
  // Loaded here: few processes ever make a key, and it takes a good part of a second.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Rollcall',
    notBefore: new Date(now.getTime() - EARLIER_MS),
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(use === 'signing' ? digitalSignature : keyEncipherment, true),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    privateKeyPem: presentPem('PRIVATE KEY', pkcs8),
    certificatePem: presentPem('CERTIFICATE', Buffer.from(certificate.rawData)),
  };
}
