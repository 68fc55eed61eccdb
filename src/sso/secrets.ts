import type { SecretBox } from '../platform/secret-box.ts';

export const keyPurpose = (connection: string, key: string) => `sso key ${connection} ${key}`;
export const clientSecretPurpose = (connection: string) => `sso client secret ${connection}`;

/** A private key of ours at rest: it cannot be moved to another connection or another key's place. */
export function sealPrivateKey(seal: SecretBox, connection: string, key: string, pem: string): string {
  return seal.seal(pem, keyPurpose(connection, key));
}

/** @throws Error if the secret key is another now */
export function openPrivateKey(seal: SecretBox, connection: string, key: string, sealed: string): string {
  return seal.open(sealed, keyPurpose(connection, key));
}

export function sealClientSecret(seal: SecretBox, connection: string, secret: string): string {
  return seal.seal(secret, clientSecretPurpose(connection));
}

/** @throws Error if the secret key is another now */
export function openClientSecret(seal: SecretBox, connection: string, sealed: string): string {
  return seal.open(sealed, clientSecretPurpose(connection));
}
