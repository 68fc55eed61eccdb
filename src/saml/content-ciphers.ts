import { createDecipheriv } from 'node:crypto';

/** Decrypts what a content key encrypted; throws or returns undefined if it can't be. */
export interface ContentCipher {
  /** Bytes. */
  readonly keyLength: number;
  readonly decrypt: (key: Buffer, data: Buffer) => Buffer | undefined;
}

const BLOCK = 16;
const NONCE = 12;
const TAG = 16;

/** The content ciphers that are accepted, by their URI (XML Encryption 1.1 §5.2): AES, and no other. */
export const CONTENT_CIPHERS: ReadonlyMap<string, ContentCipher> = new Map(
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
