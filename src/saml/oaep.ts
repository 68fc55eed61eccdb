import { constants, createHash, type KeyObject, privateDecrypt } from 'node:crypto';

/** The two hashes of RSA-OAEP, as node:crypto names them. */
export interface OaepHashes {
  /** Of the label. */
  readonly digest: string;
  /** Of the mask. */
  readonly mgf: string;
}

/**
 * Decrypts RSA-OAEP with an empty label (RFC 8017 §7.1.2). node:crypto knows one hash for both; providers send SHA-256
 * with a mask of SHA-1, which rsa-oaep-mgf1p prescribes (XML Encryption §5.5.2), so those are unpadded here.
 * @returns undefined if the padding does not hold, whatever the cause
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
