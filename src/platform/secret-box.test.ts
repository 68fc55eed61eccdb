import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createSecretBox, fingerprintKey } from './secret-box.ts';

const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)] as const;

/** As versions before key ids sealed. */
function sealWithoutKeyId(key: Buffer, text: string, purpose: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

test('Opens what the current key or an older one sealed', () => {
  const old = createSecretBox({ current: first, previous: [] }).seal('text', 'purpose');
  const rotating = createSecretBox({ current: second, previous: [third, first] });
  expect(rotating.open(old, 'purpose')).toBe('text');
  expect(rotating.open(rotating.seal('new', 'purpose'), 'purpose')).toBe('new');
});

test('Opens texts without a key id with each key', () => {
  const rotating = createSecretBox({ current: second, previous: [first] });
  for (const key of [first, second]) {
    expect(rotating.open(sealWithoutKeyId(key, 'text', 'purpose'), 'purpose')).toBe('text');
  }
});

test('Opens a text without a key id whose nonce looks like one', () => {
  const seal = createSecretBox({ current: first, previous: [] });
  const header = Buffer.from(seal.seal('', '').slice(0, 8), 'base64url');
  const nonce = Buffer.concat([header, randomBytes(6)]);
  const cipher = createCipheriv('aes-256-gcm', first, nonce).setAAD(Buffer.from('purpose'));
  const body = Buffer.concat([cipher.update('text', 'utf8'), cipher.final()]);
  const sealed = Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  expect(seal.open(sealed, 'purpose')).toBe('text');
});

test('Seals with the current key only, and marks the text with it', () => {
  const rotating = createSecretBox({ current: second, previous: [first] });
  const sealed = rotating.seal('text', 'purpose');
  expect(createSecretBox({ current: second, previous: [] }).open(sealed, 'purpose')).toBe('text');
  expect(rotating.isCurrent(sealed)).toBe(true);
  expect(rotating.isCurrent(createSecretBox({ current: first, previous: [] }).seal('text', 'purpose'))).toBe(
    false,
  );
  expect(rotating.isCurrent(sealWithoutKeyId(second, 'text', 'purpose'))).toBe(false);
});

test('Refuses another key, another purpose, and a text that was changed', () => {
  const seal = createSecretBox({ current: first, previous: [second] });
  const sealed = seal.seal('text', 'purpose');
  expect(() => createSecretBox({ current: third, previous: [] }).open(sealed, 'purpose')).toThrow(
    'another key',
  );
  expect(() => seal.open(sealed, 'other')).toThrow('another purpose');
  const bytes = Buffer.from(sealed, 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => seal.open(changed.toString('base64url'), 'purpose')).toThrow('changed');
  }
  for (const short of ['', 'AQ', sealed.slice(0, 20)])
    expect(() => seal.open(short, 'purpose')).toThrow('changed');
});

test('Fingerprints tell keys apart', () => {
  expect(fingerprintKey(first)).toEqual(fingerprintKey(Buffer.from(first)));
  expect(fingerprintKey(first)).not.toEqual(fingerprintKey(second));
});
