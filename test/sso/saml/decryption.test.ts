import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readMessage } from '../../../src/saml/bindings.ts';
import { decryptOaep } from '../../../src/saml/decryption.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from '../../../src/saml/envelope.ts';
import { verifyResponse } from '../../../src/saml/response.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { processorTime } from '../../support/processor-time.ts';
import { honest, NOW, SP } from '../../support/saml/content.ts';
import { type EncryptionStyle, encrypt, oaep } from '../../support/saml/encrypt.ts';
import { cut, evil, swap } from '../../support/saml/forgeries/forgery.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import {
  encode,
  PROVIDERS,
  type Provider,
  writeAssertion,
  writeResponse,
} from '../../support/saml/providers.ts';
import { sign } from '../../support/saml/sign.ts';

/** One that declares its namespaces on the assertion, as everybody does who encrypts. */
const provider: Provider = { ...(PROVIDERS['SimpleSAMLphp'] as Provider), declares: 'each' };
const content = honest();
let party: Party;
let key: KeyObject;
let otherKey: KeyObject;
let idp: SamlIdentityProvider;
let sp: SamlServiceProvider;

beforeAll(async () => {
  party = await makeParty();
  [key, otherKey] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey) as [
    KeyObject,
    KeyObject,
  ];
  idp = { entityId: content.issuer, certificates: [party], encryption: 'optional' };
  sp = { ...SP, decryptionKeys: [key] };
});

const assertion = () => sign(writeAssertion(provider, content), 'Assertion', party, provider.style);

/** An unsigned response around an encrypted assertion. */
function around(encrypted: string): string {
  const xml = writeResponse(provider, content);
  return swap(xml, cut(xml, 'saml:Assertion'), encrypted);
}

function refusal(
  xml: string,
  changes: Partial<SamlServiceProvider> = {},
  encryption = idp.encryption,
): string {
  try {
    return verifyResponse(readMessage(encode(xml)), { ...sp, ...changes }, { ...idp, encryption }, NOW).nameId
      .value;
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
}

const STYLES: readonly EncryptionStyle[] = [
  ...['aes128-gcm', 'aes192-gcm', 'aes256-gcm', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc'].map((each) => ({
    content: each,
  })),
  { content: 'aes256-cbc', place: 'beside' },
  { transport: 'rsa-oaep-mgf1p', digest: 'sha256' },
  { transport: 'rsa-oaep-mgf1p', digest: 'sha512' },
  { transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha256' },
  { transport: 'rsa-oaep', digest: 'sha512', mgf: 'sha512' },
  { transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha1' },
  { transport: 'rsa-oaep', digest: 'sha1', mgf: 'sha256' },
];

test.each(STYLES)('an assertion encrypted as %j is read', (style) => {
  expect(refusal(around(encrypt(assertion(), key, style)))).toBe('alice@example.com');
});

test('an assertion without a signature is read from a response that is signed', () => {
  const plain = writeAssertion(provider, content);
  const signed = sign(around(encrypt(plain, key)), 'Response', party, provider.style);
  expect(refusal(signed)).toBe('alice@example.com');
  expect(refusal(around(encrypt(plain, key)))).toBe('unsigned');
});

test('a namespace that the assertion does not declare is that of its place', () => {
  const bare = swap(assertion(), ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"', '');
  const encrypted = encrypt(bare, key);
  expect(refusal(around(encrypted))).toBe('alice@example.com');
  expect(refusal(around(encrypt(`\n${bare}\n`, key)))).toBe('alice@example.com');
  const elsewhere = encrypted.replaceAll('saml:', 'other:').replace('xmlns:saml', 'xmlns:other');
  expect(refusal(around(elsewhere))).toBe('decryption_failed');
});

test('the key is found among those of others, and by any of ours', () => {
  const encrypted = around(encrypt(assertion(), key, { others: [otherKey] }));
  expect(refusal(encrypted)).toBe('alice@example.com');
  expect(refusal(encrypted, { decryptionKeys: [otherKey, key] })).toBe('alice@example.com');
  expect(refusal(around(encrypt(assertion(), otherKey)))).toBe('decryption_failed');
  expect(refusal(encrypted, { decryptionKeys: [] })).toBe('decryption_failed');
});

test('what is required is required, and what is off is off', () => {
  const plain = sign(writeResponse(provider, content), 'Assertion', party, provider.style);
  const encrypted = around(encrypt(assertion(), key));
  expect(refusal(plain, {}, 'required')).toBe('encryption_required');
  expect(refusal(encrypted, {}, 'required')).toBe('alice@example.com');
  expect(refusal(encrypted, {}, 'off')).toBe('encryption_off');
});

describe('rejected by its algorithm', () => {
  const cases: Readonly<Record<string, () => string>> = {
    'RSA 1.5': () => around(encrypt(assertion(), key, { transport: 'rsa-1_5' })),
    'Triple DES': () =>
      around(encrypt(assertion(), key, { content: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' })),
    'an unknown cipher': () => around(encrypt(assertion(), key, { content: 'urn:x:256' })),
    'content instead of an element': () =>
      swap(
        around(encrypt(assertion(), key)),
        /(?<=Type=")[^"]*Element"/,
        'http://www.w3.org/2001/04/xmlenc#Content"',
      ),
    'no encrypted key': () => {
      const xml = around(encrypt(assertion(), key));
      return swap(xml, cut(xml, 'xenc:EncryptedKey'), '');
    },
    'six encrypted keys': () =>
      around(encrypt(assertion(), key, { others: Array.from({ length: 5 }, () => otherKey) })),
    'an unknown digest': () => swap(around(encrypt(assertion(), key)), 'xmldsig#sha1"', 'xmldsig#md5"'),
  };
  test.each(Object.entries(cases))('%s', (_, xml) => {
    expect(refusal(xml())).toBe('encryption_refused');
  });
});

describe('rejected in one way, whatever failed', () => {
  const value = (xml: string, at: number) =>
    [...xml.matchAll(/<xenc:CipherValue>([^<]+)</g)].at(at)?.[1] ?? '';
  const tampered = (encrypted: string, part: number, octet: number) => {
    const base64 = value(encrypted, part);
    const bytes = Buffer.from(base64, 'base64');
    bytes.writeUInt8((bytes.at(octet) ?? 0) ^ 1, octet < 0 ? bytes.length + octet : octet);
    return around(swap(encrypted, base64, bytes.toString('base64')));
  };
  const shortened = (encrypted: string, octets: number) => {
    const base64 = value(encrypted, -1);
    return around(
      swap(encrypted, base64, Buffer.from(base64, 'base64').subarray(0, octets).toString('base64')),
    );
  };
  const cbc = () => encrypt(assertion(), key, { content: 'aes256-cbc' });
  const cases: Readonly<Record<string, () => string>> = {
    'a tag that was changed': () => tampered(encrypt(assertion(), key), 1, -1),
    'a text that was changed': () => tampered(encrypt(assertion(), key), 1, 30),
    'a content key that was changed': () => tampered(encrypt(assertion(), key), 0, 5),
    'padding that was changed': () => tampered(cbc(), 1, -17),
    'the vector of CBC, and with it the first character': () => tampered(cbc(), 1, 0),
    'no tag': () => shortened(encrypt(assertion(), key), 20),
    'half a block': () => shortened(cbc(), 40),
    'the vector alone': () => shortened(cbc(), 16),
    'a key of another cipher': () =>
      swap(around(encrypt(assertion(), key, { content: 'aes128-gcm' })), 'aes128-gcm', 'aes256-gcm'),
    nothing: () => around(encrypt('', key)),
    text: () => around(encrypt('alice', key)),
    'two assertions': () => around(encrypt(assertion() + assertion(), key)),
    'a response in the response': () => around(encrypt(writeResponse(provider, content), key)),
    'a DOCTYPE': () => around(encrypt(`<!DOCTYPE a>${assertion()}`, key)),
    'bytes that are not UTF-8': () => around(encrypt(Buffer.from(assertion(), 'latin1'), key)),
    'text behind an assertion': () => around(encrypt(`${assertion()}x`, key)),
    'an assertion that breaks out of its place': () =>
      around(encrypt(`${assertion()}</context><context>${assertion()}`, key)),
    'an assertion of no namespace': () => around(encrypt('<Assertion ID="_a"/>', key)),
  };
  test.each(Object.entries(cases))('%s', (_, xml) => {
    const message = xml();
    expect(refusal(message)).toBe('decryption_failed');
    expect(processorTime(() => refusal(message), 100)).toBeLessThan(100);
  });
});

describe('rejected after it was decrypted', () => {
  test('a forged assertion that anybody can encrypt to us', () => {
    expect(refusal(around(encrypt(evil(assertion()), key)))).toBe('unsigned');
    const forged = swap(assertion(), '>alice@example.com<', '>mallory@example.com<');
    expect(refusal(around(encrypt(forged, key)))).toBe('digest_mismatch');
  });

  test('a forged assertion around the signed one', () => {
    const wrapped = swap(evil(assertion()), '</saml:Assertion>', `${assertion()}</saml:Assertion>`);
    expect(refusal(around(encrypt(wrapped, key)))).toBe('structure_unexpected');
  });

  test('plain text beside what is encrypted', () => {
    const encrypted = encrypt(assertion(), key);
    expect(refusal(around(evil(assertion()) + encrypted))).toBe('structure_unexpected');
    expect(refusal(around(encrypted + encrypted))).toBe('structure_unexpected');
    const inside = swap(
      encrypted,
      '</saml:EncryptedAssertion>',
      `${evil(assertion())}</saml:EncryptedAssertion>`,
    );
    expect(refusal(around(inside))).toBe('structure_unexpected');
  });

  test('a reference to the cipher text instead of the text', () => {
    const encrypted = encrypt(assertion(), key);
    const data = /<xenc:CipherValue>[^<]*<\/xenc:CipherValue>(?=<\/xenc:CipherData><\/xenc:EncryptedData>)/;
    expect(
      refusal(around(swap(encrypted, data, '<xenc:CipherReference URI="http://169.254.169.254/"/>'))),
    ).toBe('structure_unexpected');
  });

  test('what is signed is the encrypted assertion itself', () => {
    const signed = sign(
      around(encrypt(writeAssertion(provider, content), key)),
      'Response',
      party,
      provider.style,
    );
    const other = encrypt(evil(writeAssertion(provider, content)), key);
    expect(refusal(swap(signed, cut(signed, 'saml:EncryptedAssertion'), other))).toBe('digest_mismatch');
  });
});

describe('RSA-OAEP with two hashes', () => {
  const hashes = ['sha1', 'sha256', 'sha512'] as const;
  const pairs = hashes.flatMap((digest) => hashes.map((mgf) => ({ digest, mgf })));

  test.each(pairs)('is undone for %j', ({ digest, mgf }) => {
    const message = randomBytes(32);
    expect(decryptOaep(key, oaep(message, createPublicKey(key), digest, mgf), { digest, mgf })).toEqual(
      message,
    );
  });

  test('is what node:crypto makes, where both are the same', () => {
    const message = randomBytes(32);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    expect(
      privateDecrypt(
        { key, padding, oaepHash: 'sha256' },
        oaep(message, createPublicKey(key), 'sha256', 'sha256'),
      ),
    ).toEqual(message);
    const encrypted = publicEncrypt({ key, padding, oaepHash: 'sha256' }, message);
    expect(decryptOaep(key, encrypted, { digest: 'sha256', mgf: 'sha1' })).toBeUndefined();
  });

  test('is rejected for every octet that is not as it must be', () => {
    const size = 256;
    const raw = (octets: Buffer) => publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, octets);
    for (let turn = 0; turn < 50; turn += 1) {
      const octets = randomBytes(size);
      octets[0] = 0;
      expect(decryptOaep(key, raw(octets), { digest: 'sha256', mgf: 'sha1' })).toBeUndefined();
    }
    expect(decryptOaep(key, Buffer.alloc(size), { digest: 'sha256', mgf: 'sha1' })).toBeUndefined();
    expect(decryptOaep(key, Buffer.alloc(3), { digest: 'sha256', mgf: 'sha1' })).toBeUndefined();
  });
});
