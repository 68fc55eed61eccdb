import { createPrivateKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { base64Of, fingerprintOf, MetadataError, readCertificate } from '../../../src/saml/certificates.ts';
import { makeServiceProviderKey, type ServiceProviderKey } from '../../../src/saml/service-provider.ts';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';

const now = new Date('2026-11-27T12:00:00Z');
let key: ServiceProviderKey;
let pem: string;
let base64: string;

beforeAll(async () => {
  key = await makeServiceProviderKey('signing', now);
  pem = key.certificatePem;
  base64 = base64Of(pem);
});

function sentence(text: string): string {
  try {
    readCertificate(text);
  } catch (error) {
    if (error instanceof MetadataError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('makeServiceProviderKey', () => {
  test('the certificate is of the key, RSA-2048, self-signed, for ten years from an hour ago', () => {
    const certificate = new X509Certificate(pem);
    expect(certificate.checkPrivateKey(createPrivateKey(key.privateKeyPem))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({
      modulusLength: 2_048,
      publicExponent: 65_537n,
    });
    expect(readCertificate(pem)).toMatchObject({
      subject: 'CN=Rollcall',
      notBefore: new Date('2026-11-27T11:00:00Z'),
      notAfter: new Date('2036-11-27T12:00:00Z'),
    });
    expect(certificate.ca).toBe(false);
  });

  test('what it signs, its certificate verifies', () => {
    const data = Buffer.from('SAMLRequest=');
    expect(verify('sha256', data, pem, sign('sha256', data, key.privateKeyPem))).toBe(true);
  });

  test('no two keys or serial numbers are alike, and the one for encryption is for that only', async () => {
    const other = await makeServiceProviderKey('encryption', now);
    const [ours, theirs] = [new X509Certificate(pem), new X509Certificate(other.certificatePem)];
    expect(theirs.serialNumber).not.toBe(ours.serialNumber);
    expect(theirs.fingerprint256).not.toBe(ours.fingerprint256);
    // DER of keyUsage (2.5.29.15): one bit, keyEncipherment in one and digitalSignature in the other.
    expect(theirs.raw.includes(Buffer.from('0603551d0f0101ff040403020520', 'hex'))).toBe(true);
    expect(ours.raw.includes(Buffer.from('0603551d0f0101ff040403020780', 'hex'))).toBe(true);
  });
});

describe('readCertificate', () => {
  const shapes: readonly (readonly [string, () => string])[] = [
    ['PEM', () => pem],
    ['PEM with CRLF and white space around it', () => `\r\n  ${pem.replaceAll('\n', '\r\n')}  \r\n`],
    ['PEM with what openssl writes before it', () => `Bag Attributes\n    friendlyName: idp\n${pem}`],
    ['the frame of X509 CERTIFICATE', () => pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['base64 in one line', () => base64],
    ['base64 in lines of 76', () => base64.replace(/(.{76})/g, '$1\n')],
    ['base64 indented as in metadata', () => base64.replace(/(.{64})/g, '\n\t\t$1')],
  ];

  test.each(shapes)('%s is the same certificate', (_, text) => {
    expect(readCertificate(text())).toMatchObject({ pem, fingerprint: fingerprintOf(pem) });
  });

  test('the fingerprint is the SHA-256 that openssl shows, in lower case without colons', () => {
    const shown = new X509Certificate(pem).fingerprint256;
    expect(fingerprintOf(pem)).toBe(shown.replaceAll(':', '').toLowerCase());
  });

  test('an expired one is read with its date', async () => {
    const notAfter = new Date('2020-06-01T00:00:00Z');
    const old = await issueCertificate({ notBefore: new Date('2010-06-09T00:00:00Z'), notAfter });
    expect(readCertificate(old.certificatePem)).toMatchObject({
      subject: 'CN=idp.example.com, O=Example',
      notBefore: new Date('2010-06-09T00:00:00Z'),
      notAfter,
    });
  });

  test('a private key in any form is called one', () => {
    const rsa = createPrivateKey(key.privateKeyPem);
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const texts = [
      key.privateKeyPem,
      `${pem}${key.privateKeyPem}`,
      rsa.export({ type: 'pkcs1', format: 'pem' }) as string,
      rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
      rsa.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      rsa.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
      ec.export({ type: 'sec1', format: 'der' }).toString('base64'),
    ];
    expect(texts.map(sentence)).toEqual(texts.map(() => expect.stringMatching(/^This is a private key/)));
  });

  const mistakes: readonly (readonly [string, () => string, RegExp])[] = [
    ['nothing', () => ' \n', /^Paste the signing certificate/],
    [
      'a public key',
      () => new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' }) as string,
      /public key/,
    ],
    ['a request', () => pem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'), /a request for a certificate/],
    ['PKCS #7', () => pem.replaceAll('CERTIFICATE', 'PKCS7'), /PKCS #7/],
    ['a chain', () => pem + pem, /^These are 2 certificates/],
    ['half of one', () => pem.slice(0, 700), /not a Base64 certificate/],
    ['half of its base64', () => base64.slice(0, 700), /not a complete X/],
    [
      'one with something behind it',
      () => Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(3)]).toString('base64'),
      /X\.509/,
    ],
    ['base64url', () => base64.replaceAll('+', '-').replaceAll('/', '_'), /not a Base64 certificate/],
    ['a fingerprint', () => new X509Certificate(pem).fingerprint256, /not a Base64 certificate/],
    ['prose', () => 'see the attachment, please', /not a Base64 certificate/],
    ['too much', () => 'A'.repeat(40_000), /too long/],
  ];

  test.each(mistakes)('%s is rejected with a sentence', (_, text, expected) => {
    expect(sentence(text())).toMatch(expected);
  });

  test('keys that are too weak, or of a kind that signs nothing here, are rejected', async () => {
    const [weak, strange] = [
      await issueCertificate({ bits: 1_024 }),
      await issueCertificate({ curve: 'Ed25519' }),
    ];
    expect(sentence(weak.certificatePem)).toMatch(/RSA key of 1024 bits/);
    expect(sentence(strange.certificatePem)).toMatch(/key of type ed25519/);
  });

  test('a key for ECDSA over a curve of NIST is read', async () => {
    expect(sentence((await issueCertificate({ curve: 'P-256' })).certificatePem)).toBe('accepted');
  });
});
