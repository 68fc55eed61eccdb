import type { KeyObject } from 'node:crypto';
import type { IdpCertificate } from './idp-certificate.ts';

/** We, as a connection's identity provider knows us. */
export interface SamlServiceProvider {
  readonly entityId: string;
  /** Where assertions are posted to: Destination and Recipient must equal it. */
  readonly acsUrl: string;
  /** Private RSA keys; several while one is replaced by another. */
  readonly decryptionKeys: readonly KeyObject[];
}

/** The identity provider of a connection, as it is configured. */
export interface SamlIdentityProvider {
  readonly entityId: string;
  readonly certificates: readonly IdpCertificate[];
  readonly encryption: 'off' | 'optional' | 'required';
}
