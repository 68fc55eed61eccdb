import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { findOrInsertKey } from '../store/bundles.ts';

/** What a private key is sealed for: it cannot be moved to another organization. */
export const historyKeyPurpose = (org: string, key: string): string => `history key ${org} ${key}`;

/** Signs the bundles of an organization. */
export interface Signer {
  /** PEM (SPKI) */
  readonly publicKey: string;
  /** SHA-256 of the public key as DER, in hexadecimal: what to compare. */
  readonly fingerprint: string;
  /** Ed25519 (RFC 8032): 64 bytes. */
  sign(content: Uint8Array): Uint8Array;
}

/** The fingerprint of a public key. @param pem SPKI @throws Error if it is no public key */
export function fingerprintOf(pem: string): string {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

/** The key pair of an organization, made when it is first needed; the private part is sealed at rest. */
export async function signerOf(db: Database, seal: SecretBox, org: OrgId, now: Date): Promise<Signer> {
  const make = () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const id = uuidv7(now.getTime());
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return {
      id,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      sealed: seal.seal(pem, historyKeyPurpose(org, id)),
    };
  };
  const { id, publicKey, sealed } = await findOrInsertKey(db, org, make, now.toISOString());
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (content) => sign(null, content, createPrivateKey(seal.open(sealed, historyKeyPurpose(org, id)))),
  };
}
