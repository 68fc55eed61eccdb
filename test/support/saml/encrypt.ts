import {
  type CipherGCMTypes,
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';

/** How a provider encrypts: Okta's default is AES-256-CBC with SHA-1, Entra's AES-256-CBC. */
export interface EncryptionStyle {
  /** `aes256-gcm` of XML Encryption 1.1, or `aes256-cbc`; anything else is written as it is, over AES-256-GCM. */
  readonly content?: string;
  readonly transport?: 'rsa-oaep-mgf1p' | 'rsa-oaep' | 'rsa-1_5';
  readonly digest?: 'sha1' | 'sha256' | 'sha512';
  /** Of the mask; rsa-oaep-mgf1p has SHA-1. */
  readonly mgf?: 'sha1' | 'sha256' | 'sha512';
  /** Where the encrypted key is: in the KeyInfo of the data, or beside it. */
  readonly place?: 'inside' | 'beside';
  /** Encrypted keys for others, before ours. */
  readonly others?: readonly KeyObject[];
}

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';

/** An EncryptedAssertion that holds a text, whatever it is. */
export function encrypt(plain: string | Buffer, recipient: KeyObject, style: EncryptionStyle = {}): string {
  const { content = 'aes256-gcm', place = 'inside', others = [] } = style;
  const bits = /^aes(\d{3})/.exec(content)?.[1] ?? '256';
  const key = randomBytes(Number(bits) / 8);
  const data = content.endsWith('cbc')
    ? cbc(Buffer.from(plain), key, bits)
    : gcm(Buffer.from(plain), key, bits);
  const keys = [...others, recipient].map((each) => encryptedKey(key, createPublicKey(each), style)).join('');
  const uri = content.includes(':') ? content : `${content.endsWith('gcm') ? XENC11 : XENC}${content}`;
  const keyInfo = place === 'inside' ? keys : `<ds:RetrievalMethod URI="#_key" Type="${XENC}EncryptedKey"/>`;
  return [
    `<saml:EncryptedAssertion xmlns:saml="${SAML}">`,
    `<xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element"><xenc:EncryptionMethod Algorithm="${uri}"/>`,
    `<ds:KeyInfo xmlns:ds="${DS}">${keyInfo}</ds:KeyInfo>`,
    `<xenc:CipherData><xenc:CipherValue>${data.toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`,
    place === 'beside' ? keys : '',
    '</saml:EncryptedAssertion>',
  ].join('');
}

function encryptedKey(key: Buffer, recipient: KeyObject, style: EncryptionStyle): string {
  const { transport = 'rsa-oaep-mgf1p', digest = 'sha1', mgf = 'sha1' } = style;
  const data = transport === 'rsa-1_5' ? pkcs1(key, recipient) : oaep(key, recipient, digest, mgf);
  const uri = transport === 'rsa-oaep' ? `${XENC11}rsa-oaep` : `${XENC}${transport}`;
  const mask = transport === 'rsa-oaep' ? `<m:MGF xmlns:m="${XENC11}" Algorithm="${XENC11}mgf1${mgf}"/>` : '';
  const digestUri = digest === 'sha1' ? `${DS}sha1` : `${XENC}${digest}`;
  return [
    `<xenc:EncryptedKey xmlns:xenc="${XENC}"><xenc:EncryptionMethod Algorithm="${uri}">`,
    `<ds:DigestMethod xmlns:ds="${DS}" Algorithm="${digestUri}"/>${mask}</xenc:EncryptionMethod>`,
    `<xenc:CipherData><xenc:CipherValue>${data.toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`,
  ].join('');
}

function gcm(plain: Buffer, key: Buffer, bits: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(`aes-${bits}-gcm` as CipherGCMTypes, key, nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function cbc(plain: Buffer, key: Buffer, bits: string): Buffer {
  const vector = randomBytes(16);
  const cipher = createCipheriv(`aes-${bits}-cbc`, key, vector).setAutoPadding(false);
  const length = 16 - (plain.length % 16);
  const padding = Buffer.concat([randomBytes(length - 1), Buffer.from([length])]);
  return Buffer.concat([vector, cipher.update(Buffer.concat([plain, padding])), cipher.final()]);
}

function pkcs1(key: Buffer, recipient: KeyObject): Buffer {
  return publicEncrypt({ key: recipient, padding: constants.RSA_PKCS1_PADDING }, key);
}

/** RFC 8017 §7.1.1, written out: node:crypto has one hash for the label and the mask. */
export function oaep(message: Buffer, recipient: KeyObject, digest: string, mgf: string): Buffer {
  const size = (recipient.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const label = createHash(digest).digest();
  const zeros = Buffer.alloc(size - message.length - 2 * label.length - 2);
  const data = Buffer.concat([label, zeros, Buffer.from([1]), message]);
  const seed = randomBytes(label.length);
  const masked = xor(data, mgf1(seed, data.length, mgf));
  const maskedSeed = xor(seed, mgf1(masked, seed.length, mgf));
  const padded = Buffer.concat([Buffer.from([0]), maskedSeed, masked]);
  return publicEncrypt({ key: recipient, padding: constants.RSA_NO_PADDING }, padded);
}

function mgf1(seed: Buffer, length: number, hash: string): Buffer {
  let mask = Buffer.alloc(0);
  for (let counter = 0; mask.length < length; counter += 1) {
    const octets = Buffer.from([counter >>> 24, counter >>> 16, counter >>> 8, counter]);
    mask = Buffer.concat([mask, createHash(hash).update(seed).update(octets).digest()]);
  }
  return mask.subarray(0, length);
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((octet, at) => octet ^ (right[at] ?? 0)));
}
