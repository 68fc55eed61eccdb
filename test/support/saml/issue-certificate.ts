import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { presentPem } from '../../../src/saml/certificates.ts';
import type { ServiceProviderKey } from '../../../src/saml/service-provider.ts';

/** What a certificate of a test can be, beside a good one. */
interface Options {
  readonly name?: string;
  readonly bits?: number;
  /** Instead of RSA. */
  readonly curve?: 'P-256' | 'Ed25519';
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A self-signed certificate and its key, as a provider has them. */
export async function issueCertificate({
  name = 'CN=idp.example.com, O=Example',
  bits = 2_048,
  curve,
  notBefore = new Date('2026-01-01T00:00:00Z'),
  notAfter = new Date('2036-01-01T00:00:00Z'),
}: Options = {}): Promise<ServiceProviderKey> {
  const rsa = { modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) };
  const algorithm =
    curve === undefined
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa }
      : { name: curve === 'P-256' ? 'ECDSA' : curve, hash: 'SHA-256', namedCurve: curve };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    privateKeyPem: presentPem('PRIVATE KEY', pkcs8),
    certificatePem: presentPem('CERTIFICATE', Buffer.from(certificate.rawData)),
  };
}
