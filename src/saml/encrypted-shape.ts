import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { decodeBase64 } from './base64.ts';
import { CONTENT_CIPHERS, type ContentCipher } from './content-ciphers.ts';
import { DS, XENC, XENC11 } from './namespaces.ts';
import type { OaepHashes } from './oaep.ts';
import { checkChildren } from './structure.ts';
import type { XmlElement } from './xml.ts';
import { attribute, child, children } from './xml-readers.ts';

/** An encrypted element, as it is written. */
export interface Encrypted {
  readonly cipher: ContentCipher;
  readonly data: Buffer;
  /** The content key, encrypted to one recipient each. */
  readonly keys: readonly EncryptedKey[];
}

export interface EncryptedKey {
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
export function readEncrypted(element: XmlElement): Encrypted {
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
