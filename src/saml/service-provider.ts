/** What src/saml sends, third part: our own keys, and the metadata in which providers find them. */

import { webcrypto } from 'node:crypto';
import { BINDING_URIS } from './bindings.ts';
import { base64Of, presentPem } from './certificates.ts';
import { DS, MD, SAMLP, XENC, XENC11 } from './xml.ts';
import { element, type WrittenXml } from './xml-writer.ts';

/** What a provider has to know of us. */
export interface SpMetadata {
  readonly entityId: string;
  readonly acsUrl: string;
  /** Undefined: we take no part in single logout. */
  readonly sloUrl: string | undefined;
  readonly authnRequestsSigned: boolean;
  /** PEM. Two while one takes the other's place: providers learn the new one before it signs. */
  readonly signingCertificates: readonly string[];
  /** PEM, with a key of its own. Undefined: assertions are not to be encrypted. */
  readonly encryptionCertificate: string | undefined;
  readonly nameIdFormats: readonly string[];
}

/** What we decrypt, the best first. */
const ENCRYPTION_METHODS = [`${XENC11}aes256-gcm`, `${XENC}aes256-cbc`, `${XENC}rsa-oaep-mgf1p`];

/**
 * Our metadata (SAML Metadata §2.4.4), always the same text for the same facts.
 * @throws RangeError if a value contains a character that XML does not allow
 */
export function presentMetadata(sp: SpMetadata): string {
  const role = element(
    'md:SPSSODescriptor',
    {
      protocolSupportEnumeration: SAMLP,
      AuthnRequestsSigned: String(sp.authnRequestsSigned),
      WantAssertionsSigned: 'true',
    },
    [
      ...sp.signingCertificates.map((certificate) => keyDescriptor('signing', certificate)),
      ...(sp.encryptionCertificate === undefined
        ? []
        : [keyDescriptor('encryption', sp.encryptionCertificate, ENCRYPTION_METHODS)]),
      ...(sp.sloUrl === undefined ? [] : logoutServices(sp.sloUrl)),
      ...sp.nameIdFormats.map((format) => element('md:NameIDFormat', {}, format)),
      element('md:AssertionConsumerService', {
        Binding: BINDING_URIS.post,
        Location: sp.acsUrl,
        index: '0',
        isDefault: 'true',
      }),
    ],
  );
  const entity = element('md:EntityDescriptor', { 'xmlns:md': MD, 'xmlns:ds': DS, entityID: sp.entityId }, [
    role,
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${entity}\n`;
}

function logoutServices(url: string): readonly WrittenXml[] {
  return [BINDING_URIS.redirect, BINDING_URIS.post].map((binding) =>
    element('md:SingleLogoutService', { Binding: binding, Location: url }),
  );
}

function keyDescriptor(
  use: 'signing' | 'encryption',
  certificate: string,
  methods: readonly string[] = [],
): WrittenXml {
  return element('md:KeyDescriptor', { use }, [
    element('ds:KeyInfo', {}, [
      element('ds:X509Data', {}, [element('ds:X509Certificate', {}, base64Of(certificate))]),
    ]),
    ...methods.map((method) => element('md:EncryptionMethod', { Algorithm: method })),
  ]);
}

/** A private key of ours and the certificate that we hand out for it. */
export interface ServiceProviderKey {
  /** PKCS #8; only the sealing and the signing see it. */
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

const YEARS = 10;

/** The clock of a provider may be behind ours. */
const EARLIER_MS = 60 * 60 * 1_000;

/**
 * Makes an RSA-2048 key with a self-signed certificate for ten years: `CN=Rollcall`, SHA-256, and its one
 * usage. It does not name the organization: the metadata does.
 */
export async function makeServiceProviderKey(
  use: 'signing' | 'encryption',
  now: Date,
): Promise<ServiceProviderKey> {
  // Loaded here: few processes ever make a key, and it takes a good part of a second.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Rollcall',
    notBefore: new Date(now.getTime() - EARLIER_MS),
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(use === 'signing' ? digitalSignature : keyEncipherment, true),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    privateKeyPem: presentPem('PRIVATE KEY', pkcs8),
    certificatePem: presentPem('CERTIFICATE', Buffer.from(certificate.rawData)),
  };
}
