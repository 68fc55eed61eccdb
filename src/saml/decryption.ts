import type { KeyObject } from 'node:crypto';
import { SsoError } from '../sso/sso-error.ts';
import { type Encrypted, readEncrypted } from './encrypted-shape.ts';
import { decodeUtf8 } from './message.ts';
import { SAML } from './namespaces.ts';
import { decryptOaep } from './oaep.ts';
import { declare, scopeOf } from './standalone.ts';
import { parseXml, type XmlElement } from './xml.ts';
import { is } from './xml-readers.ts';

/** An assertion that was encrypted, with the text that it was parsed from. */
export interface Decrypted {
  readonly text: string;
  readonly element: XmlElement;
}

/**
 * Decrypts an EncryptedAssertion. What comes out must be one Assertion and nothing else; a namespace that it does not
 * declare is that of the place where it was (XML Encryption §4.4). Every failure after the algorithms are known looks the same, so that an answer reveals
 * nothing about the padding.
 * @throws SsoError structure_unexpected, encryption_refused, decryption_failed
 */
export function decryptAssertion(encrypted: XmlElement, keys: readonly KeyObject[]): Decrypted {
  const read = readEncrypted(encrypted);
  const context = `<context${declare(scopeOf(encrypted))}>`;
  for (const contentKey of contentKeys(read, keys)) {
    const decrypted = open(read, contentKey, context);
    if (decrypted !== undefined) return decrypted;
  }
  throw new SsoError('decryption_failed');
}

/** The content keys that one of ours opens: of the right size, as many as were encrypted to us. */
function* contentKeys({ cipher, keys: encrypted }: Encrypted, keys: readonly KeyObject[]): Generator<Buffer> {
  for (const { data, hashes } of encrypted) {
    for (const key of keys) {
      const opened = decryptOaep(key, data, hashes);
      if (opened?.length === cipher.keyLength) yield opened;
    }
  }
}

function open({ cipher, data }: Encrypted, contentKey: Buffer, context: string): Decrypted | undefined {
  try {
    const plain = cipher.decrypt(contentKey, data);
    if (plain === undefined) return undefined;
    const inside = decodeUtf8(plain).trim();
    const text = `${context}${inside}</context>`;
    const [element, ...others] = parseXml(text).children;
    const alone =
      others.length === 0 &&
      element?.start === context.length &&
      element.end === context.length + inside.length;
    return alone && is(element, SAML, 'Assertion') ? { text, element } : undefined;
  } catch {
    return undefined;
  }
}
