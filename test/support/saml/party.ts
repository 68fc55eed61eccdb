import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { IdpCertificate } from '../../../src/saml/certificates.ts';
import { issueCertificate } from './issue-certificate.ts';

/** A user who signs: a provider, or an attacker with a key of their own. */
export interface Party extends IdpCertificate {
  readonly privateKey: KeyObject;
  readonly certificatePem: string;
}

/** A key and its self-signed certificate. */
export async function makeParty(wishes: Parameters<typeof issueCertificate>[0] = {}): Promise<Party> {
  const { certificatePem, privateKeyPem } = await issueCertificate(wishes);
  const certificate = new X509Certificate(certificatePem);
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return { certificatePem, certificate, fingerprint, privateKey: createPrivateKey(privateKeyPem) };
}
