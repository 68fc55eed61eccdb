import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** The operator's keys, 32 bytes each. */
export interface SecretKeys {
  /** Encrypts, and decrypts. */
  readonly current: Buffer;
  /** Only decrypt, while the key is being rotated. */
  readonly previous: readonly Buffer[];
}

/** Encrypts what must be read again, such as a webhook's secret: AES-256-GCM under the operator's key. */
export interface SecretBox {
  /** @param purpose what the text is for; it must be the same to open it, so that nothing sealed can be moved */
  seal(text: string, purpose: string): string;
  /** @throws Error if no key of the operator's sealed it, the purpose is another, or the text was changed */
  open(sealed: string, purpose: string): string;
  /** Whether the text is marked as sealed with the current key. */
  isCurrent(sealed: string): boolean;
}

const NONCE = 12;
const TAG = 16;
/** Prefix of a text that names the key it was sealed with; texts of older versions begin with the nonce. */
const VERSION = 1;
const KEY_ID = 5;
/** The version and the id of the key: 6 bytes, so exactly 8 characters of base64url. */
const HEADER = 1 + KEY_ID;

/** Identifies a key without revealing it: HMAC-SHA256 of a constant. @param key 32 bytes */
export function fingerprintKey(key: Buffer): Buffer {
  return createHmac('sha256', key).update('rollcall secret key').digest();
}

/** Builds the seal of these keys. */
export function createSecretBox({ current, previous }: SecretKeys): SecretBox {
  const keys = [current, ...previous].map((key) => ({ key, header: headerOf(key) }));
  const header = headerOf(current);
  return {
    seal: (text, purpose) => Buffer.concat([header, encrypt(current, text, purpose)]).toString('base64url'),

    open: (sealed, purpose) => {
      const bytes = Buffer.from(sealed, 'base64url');
      const named = keys.find((each) => each.header.equals(bytes.subarray(0, HEADER)));
      const attempts = [
        ...(named === undefined ? [] : [{ key: named.key, body: bytes.subarray(HEADER) }]),
        ...keys.map(({ key }) => ({ key, body: bytes })),
      ];
      for (const { key, body } of attempts) {
        const text = decrypt(key, body, purpose);
        if (text !== undefined) return text;
      }
      throw new Error('The text was sealed with another key or for another purpose, or it was changed.');
    },

    isCurrent: (sealed) => Buffer.from(sealed.slice(0, 8), 'base64url').equals(header),
  };
}

function headerOf(key: Buffer): Buffer {
  return Buffer.concat([Buffer.of(VERSION), fingerprintKey(key).subarray(0, KEY_ID)]);
}

function encrypt(key: Buffer, text: string, purpose: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** @returns undefined if the key or the purpose is another, or the bytes were changed */
function decrypt(key: Buffer, bytes: Buffer, purpose: string): string | undefined {
  if (bytes.length < NONCE + TAG) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  const text = decipher.update(bytes.subarray(NONCE + TAG));
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
