import type { KeyObject } from 'node:crypto';
import { SsoError } from '../sso-error.ts';
import { type Encrypted, readEncrypted } from './encrypted-shape.ts';
import { decodeUtf8 } from './message.ts';
import { SAML } from './namespaces.ts';
import { decryptOaep } from './oaep.ts';
import { parseXml, type XmlElement } from './xml.ts';
import { is } from './xml-readers.ts';

/** An assertion that was encrypted, with the text that it was parsed from. */
export interface Decrypted {
  readonly text: string;
  readonly element: XmlElement;
}

/**
 * Decrypts an EncryptedAssertion. What comes out must stand alone: an Assertion that declares its namespaces itself, as
 * every provider writes it. Whatever fails after the algorithms are known fails in one way, so that an answer says
 * nothing about the padding.
 * @throws SsoError structure_unexpected, encryption_refused, decryption_failed
 */
export function decryptAssertion(encrypted: XmlElement, keys: readonly KeyObject[]): Decrypted {
  const read = readEncrypted(encrypted);
  for (const contentKey of contentKeys(read, keys)) {
    const decrypted = open(read, contentKey);
    if (decrypted !== undefined) return decrypted;
  }
  throw new SsoError('decryption_failed');
}

/** The content keys that one of ours opens: with the right size, as many as were encrypted to us. */
function contentKeys(
  { cipher, keys: encryptedKeys }: Encrypted,
  keys: readonly KeyObject[],
): readonly Buffer[] {
  return encryptedKeys.flatMap(({ data, hashes }) =>
    keys.flatMap((key) => {
      const opened = decryptOaep(key, data, hashes);
      return opened?.length === cipher.keyLength ? [opened] : [];
    }),
  );
}

function open({ cipher, data }: Encrypted, contentKey: Buffer): Decrypted | undefined {
  try {
    const plain = cipher.decrypt(contentKey, data);
    if (plain === undefined) return undefined;
    const text = decodeUtf8(plain);
    const element = parseXml(text);
    return is(element, SAML, 'Assertion') ? { text, element } : undefined;
  } catch {
    return undefined;
  }
}
