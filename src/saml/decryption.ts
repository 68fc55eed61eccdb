/**
 * Step 7 of src/saml: encrypted assertions.
 * Decides which ciphers and key transports are accepted, and that the plain text is one assertion. What is decrypted is
 * unverified: it passes steps 3, 5 and 6 like any other assertion. Failures all look the same, whatever their cause.
 */
import { constants, createDecipheriv, createHash, type KeyObject, privateDecrypt } from 'node:crypto';
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { decodeUtf8 } from './bindings.ts';
import { checkChildren, declare, scopeOf } from './structure.ts';
import {
  attribute,
  child,
  children,
  DS,
  decodeBase64,
  is,
  parseXml,
  SAML,
  XENC,
  XENC11,
  type XmlElement,
} from './xml.ts';

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

/** An encrypted element, as it is written. */
interface Encrypted {
  readonly cipher: ContentCipher;
  readonly data: Buffer;
  /** The content key, encrypted to one recipient each. */
  readonly keys: readonly EncryptedKey[];
}

interface EncryptedKey {
  readonly hashes: OaepHashes;
  readonly data: Buffer;
}

const MAX_KEYS = 5;
const ELEMENT = `${XENC}Element`;

/** Of the label, by its URI. SHA-1 is harmless here: OAEP does not need a hash without collisions. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  [`${DS}sha1`, 'sha1'],
  [`${XENC}sha256`, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  [`${XENC}sha512`, 'sha512'],
]);

const MASKS: ReadonlyMap<string, string> = new Map(
  ['sha1', 'sha256', 'sha384', 'sha512'].map((hash) => [`${XENC11}mgf1${hash}`, hash]),
);

/**
 * Reads an EncryptedAssertion (Core §2.3.4). The keys are in the KeyInfo of the data or beside it; both occur.
 * @throws SsoError structure_unexpected, encryption_refused
 */
function readEncrypted(element: XmlElement): Encrypted {
  checkChildren(element, [
    [XENC, 'EncryptedData', 'once'],
    [XENC, 'EncryptedKey', 'any'],
  ]);
  const data = required(element, 'EncryptedData');
  const type = attribute(data, 'Type');
  if (type !== undefined && type !== ELEMENT) throw refused('Type', type);
  const algorithm = algorithmOf(required(data, 'EncryptionMethod'));
  const cipher = CONTENT_CIPHERS.get(algorithm);
  if (cipher === undefined) throw refused('EncryptionMethod', algorithm);
  const keyInfo = child(data, DS, 'KeyInfo');
  const keys = [
    ...(keyInfo ? children(keyInfo, XENC, 'EncryptedKey') : []),
    ...children(element, XENC, 'EncryptedKey'),
  ];
  if (keys.length === 0 || keys.length > MAX_KEYS) throw refused('EncryptedKey', `${keys.length} of them`);
  return { cipher, data: bytesOf(data), keys: keys.map(readKey) };
}

function readKey(element: XmlElement): EncryptedKey {
  return { hashes: hashesOf(required(element, 'EncryptionMethod')), data: bytesOf(element) };
}

function hashesOf(method: XmlElement): OaepHashes {
  const algorithm = algorithmOf(method);
  const digest = named(child(method, DS, 'DigestMethod'), DIGESTS);
  const mgf = named(child(method, XENC11, 'MGF'), MASKS);
  if (child(method, XENC, 'OAEPparams') !== undefined) throw refused('OAEPparams', 'a label');
  if (algorithm === `${XENC}rsa-oaep-mgf1p`) return { digest, mgf: 'sha1' };
  if (algorithm === `${XENC11}rsa-oaep`) return { digest, mgf };
  throw refused('EncryptionMethod', algorithm);
}

/** SHA-1 is the default (XML Encryption 1.1 §5.5.2). */
function named(element: XmlElement | undefined, names: ReadonlyMap<string, string>): string {
  if (element === undefined) return 'sha1';
  const name = names.get(algorithmOf(element));
  if (name === undefined) throw refused(element.local, algorithmOf(element));
  return name;
}

function bytesOf(element: XmlElement): Buffer {
  const value = required(required(element, 'CipherData'), 'CipherValue');
  const bytes = value.children.length === 0 ? decodeBase64(value.text) : undefined;
  if (bytes === undefined) throw new SsoError('structure_unexpected', 'CipherValue');
  return bytes;
}

function required(element: XmlElement, local: string): XmlElement {
  const found = child(element, XENC, local);
  if (found === undefined) throw new SsoError('structure_unexpected', `no ${local} in ${element.local}`);
  return found;
}

function algorithmOf(element: XmlElement): string {
  return attribute(element, 'Algorithm') ?? '';
}

function refused(what: string, value: string): SsoError {
  return new SsoError('encryption_refused', `${what} ${truncate(value, 120)}`);
}

/** Decrypts what a content key encrypted; throws or returns undefined if it can't be. */
interface ContentCipher {
  /** Bytes. */
  readonly keyLength: number;
  readonly decrypt: (key: Buffer, data: Buffer) => Buffer | undefined;
}

const BLOCK = 16;
const NONCE = 12;
const TAG = 16;

/** The content ciphers that are accepted, by their URI (XML Encryption 1.1 §5.2): AES, and no other. */
const CONTENT_CIPHERS: ReadonlyMap<string, ContentCipher> = new Map(
  ([128, 192, 256] as const).flatMap((bits) => [
    [`http://www.w3.org/2009/xmlenc11#aes${bits}-gcm`, gcm(bits)],
    [`http://www.w3.org/2001/04/xmlenc#aes${bits}-cbc`, cbc(bits)],
  ]),
);

function gcm(bits: 128 | 192 | 256): ContentCipher {
  return {
    keyLength: bits / 8,
    decrypt: (key, data) => {
      if (data.length < NONCE + TAG) return undefined;
      const decipher = createDecipheriv(`aes-${bits}-gcm`, key, data.subarray(0, NONCE), {
        authTagLength: TAG,
      });
      decipher.setAuthTag(data.subarray(-TAG));
      return Buffer.concat([decipher.update(data.subarray(NONCE, -TAG)), decipher.final()]);
    },
  };
}

function cbc(bits: 128 | 192 | 256): ContentCipher {
  return {
    keyLength: bits / 8,
    decrypt: (key, data) => {
      if (data.length < 2 * BLOCK || data.length % BLOCK !== 0) return undefined;
      const decipher = createDecipheriv(`aes-${bits}-cbc`, key, data.subarray(0, BLOCK)).setAutoPadding(
        false,
      );
      const padded = Buffer.concat([decipher.update(data.subarray(BLOCK)), decipher.final()]);
      // Only the last octet has a meaning: the number of padding octets (XML Encryption §5.2).
      const padding = padded.at(-1) ?? 0;
      return padding >= 1 && padding <= BLOCK ? padded.subarray(0, -padding) : undefined;
    },
  };
}

/** The two hashes of RSA-OAEP, as node:crypto names them. */
interface OaepHashes {
  /** Of the label. */
  readonly digest: string;
  /** Of the mask. */
  readonly mgf: string;
}

/**
 * Decrypts RSA-OAEP with an empty label (RFC 8017 §7.1.2). node:crypto knows one hash for both; providers send SHA-256
 * with a mask of SHA-1, which rsa-oaep-mgf1p prescribes (XML Encryption §5.5.2), so those are unpadded here.
 * @returns undefined if the padding is invalid, whatever the cause
 */
export function decryptOaep(key: KeyObject, encrypted: Buffer, hashes: OaepHashes): Buffer | undefined {
  try {
    if (hashes.digest === hashes.mgf) {
      return privateDecrypt(
        { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hashes.digest },
        encrypted,
      );
    }
    return unpad(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted), hashes);
  } catch {
    return undefined;
  }
}

/** Every octet is looked at and one verdict is given at the end, so that time tells nothing (Manger's attack). */
function unpad(message: Buffer, { digest, mgf }: OaepHashes): Buffer | undefined {
  const labelHash = createHash(digest).digest();
  const size = labelHash.length;
  if (message.length < 2 * size + 2) return undefined;
  const seed = xor(message.subarray(1, 1 + size), mask(message.subarray(1 + size), size, mgf));
  const data = xor(message.subarray(1 + size), mask(seed, message.length - size - 1, mgf));
  let wrong = message[0] as number;
  for (let at = 0; at < size; at += 1) wrong |= (data[at] as number) ^ (labelHash[at] as number);
  // Zeros, a one, then the key: `inZeros` stays 1 until the first octet that is not zero, which must be the one.
  let inZeros = 1;
  let start = 0;
  for (let at = size; at < data.length; at += 1) {
    const octet = data[at] as number;
    const isZero = ((octet - 1) >> 31) & 1;
    const isOne = (((octet ^ 1) - 1) >> 31) & 1;
    wrong |= inZeros & (1 - isZero) & (1 - isOne);
    start += inZeros & isOne ? at + 1 : 0;
    inZeros &= isZero;
  }
  wrong |= inZeros;
  return wrong === 0 ? data.subarray(start) : undefined;
}

/** MGF1 (RFC 8017 §B.2.1). */
function mask(seed: Buffer, length: number, hash: string): Buffer {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let have = 0; have < length; have += blocks[0]?.length ?? length) {
    counter.writeUInt32BE(blocks.length);
    blocks.push(createHash(hash).update(seed).update(counter).digest());
  }
  return Buffer.concat(blocks, length);
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((octet, at) => octet ^ (right[at] as number)));
}
