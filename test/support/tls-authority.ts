import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { presentPem } from '../../src/saml/certificates.ts';

/** A certificate with its key, as PEM. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of a test. */
export interface Authority {
  readonly certificate: string;
  /** Signs a certificate for an IP address or a host name. */
  issue(name: string, options?: { readonly notAfter?: Date }): Promise<Credential>;
}

const algorithm = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' };
const notBefore = new Date('2026-01-01T00:00:00Z');
const lasting = new Date('2046-01-01T00:00:00Z');

const makeKeys = () =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

/** Makes an authority that signs certificates for the servers and clients of a test. */
export async function createAuthority(): Promise<Authority> {
  const own = await makeKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Authority of a test',
    notBefore,
    notAfter: lasting,
    keys: own,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 1, true)],
  });
  return {
    certificate: presentPem('CERTIFICATE', Buffer.from(root.rawData)),
    issue: async (name, { notAfter = lasting } = {}) => {
      const keys = await makeKeys();
      const type = /^[\d.]+$/.test(name) ? 'ip' : 'dns';
      const certificate = await X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: root.subject,
        notBefore,
        notAfter,
        publicKey: keys.publicKey,
        signingKey: own.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new SubjectAlternativeNameExtension([{ type, value: name }])],
      });
      const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
      return {
        certificate: presentPem('CERTIFICATE', Buffer.from(certificate.rawData)),
        key: presentPem('PRIVATE KEY', pkcs8),
      };
    },
  };
}
