import { createRequire } from 'node:module';
import type { Party } from './party.ts';

/** Options of `samlp`, under its own names. */
export interface SamlpOptions {
  readonly signResponse?: boolean;
  readonly signAssertion?: boolean;
  readonly signatureNamespacePrefix?: string;
  readonly signatureAlgorithm?: 'rsa-sha1' | 'rsa-sha256';
  readonly digestAlgorithm?: 'sha1' | 'sha256';
  readonly typedAttributes?: boolean;
  readonly inResponseTo?: string;
  /** PEM of a public key and of its certificate: then the assertion is encrypted. */
  readonly encryptionPublicKey?: string;
  readonly encryptionCert?: string;
  readonly encryptionAlgorithm?: string;
}

interface Samlp {
  getSamlResponse(options: object, user: object, done: (error: Error | null, xml: string) => void): void;
}

const samlp = createRequire(import.meta.url)('samlp') as Samlp;

/** A response that the identity provider of the package `samlp` issues, now, for Alice. */
export function issueWithSamlp(
  party: Party,
  parties: { readonly issuer: string; readonly entityId: string; readonly acsUrl: string },
  wishes: SamlpOptions = {},
): Promise<string> {
  const options = {
    issuer: parties.issuer,
    audience: parties.entityId,
    recipient: parties.acsUrl,
    destination: parties.acsUrl,
    cert: party.certificatePem,
    key: party.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    lifetimeInSeconds: 300,
    disallowEncryptionWithInsecureAlgorithm: false,
    warnOnInsecureEncryptionAlgorithm: false,
    ...wishes,
  };
  const user = {
    id: 'alice@example.com',
    displayName: 'Alice Liddell',
    name: { givenName: 'Alice', familyName: 'Liddell' },
    emails: [{ value: 'alice@example.com' }],
    groups: ['Support Team', 'Everyone'],
  };
  return new Promise((resolve, reject) => {
    samlp.getSamlResponse(options, user, (error, xml) => (error === null ? resolve(xml) : reject(error)));
  });
}
