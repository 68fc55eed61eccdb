import { beforeAll, describe, expect, test } from '@jest/globals';
import { SAML as NodeSaml } from '@node-saml/node-saml';
import { readCertificate } from '../../../src/saml/certificates.ts';
import { readMetadata } from '../../../src/saml/provider-metadata.ts';
import { buildAuthnRequest } from '../../../src/saml/requests.ts';
import {
  makeServiceProviderKey,
  presentMetadata,
  type ServiceProviderKey,
  type SpMetadata,
} from '../../../src/saml/service-provider.ts';
import {
  attribute,
  child,
  children,
  DS,
  MD,
  parseXml,
  SAMLP,
  textOf,
  type XmlElement,
} from '../../../src/saml/xml.ts';
import { readAuthnRequest } from '../../support/saml/samlp.ts';

const now = new Date('2026-11-27T12:00:00Z');
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

let signing: ServiceProviderKey;
let next: ServiceProviderKey;
let encryption: ServiceProviderKey;
let sp: SpMetadata;

beforeAll(async () => {
  [signing, next, encryption] = await Promise.all([
    makeServiceProviderKey('signing', now),
    makeServiceProviderKey('signing', now),
    makeServiceProviderKey('encryption', now),
  ]);
  sp = {
    entityId: 'https://rollcall.example/sso/saml/c1',
    acsUrl: 'https://rollcall.example/sso/saml/c1/acs',
    sloUrl: 'https://rollcall.example/sso/saml/c1/slo',
    authnRequestsSigned: true,
    signingCertificates: [signing.certificatePem],
    encryptionCertificate: encryption.certificatePem,
    nameIdFormats: [EMAIL],
  };
});

function roleOf(xml: string): XmlElement {
  const role = child(parseXml(xml), MD, 'SPSSODescriptor');
  if (role === undefined) throw new Error('no role');
  return role;
}

/** The certificates of a use, as PEM. */
function certificatesOf(role: XmlElement, use: string): string[] {
  return children(role, MD, 'KeyDescriptor')
    .filter((key) => attribute(key, 'use') === use)
    .map((key) => {
      const data = [child(key, DS, 'KeyInfo')].flatMap((info) =>
        info ? children(info, DS, 'X509Data') : [],
      );
      return readCertificate(
        data
          .flatMap((each) => children(each, DS, 'X509Certificate'))
          .map(textOf)
          .join(''),
      ).pem;
    });
}

const endpoints = (role: XmlElement, name: string) =>
  children(role, MD, name).map((each) => [attribute(each, 'Binding'), attribute(each, 'Location')]);

describe('our metadata', () => {
  test('has our entity ID, signing requirements and endpoints, in the order of the schema', () => {
    const role = roleOf(presentMetadata(sp));
    expect(attribute(parseXml(presentMetadata(sp)), 'entityID')).toBe(sp.entityId);
    expect(Object.fromEntries(role.attributes)).toEqual({
      protocolSupportEnumeration: SAMLP,
      AuthnRequestsSigned: 'true',
      WantAssertionsSigned: 'true',
    });
    expect(role.children.map((each) => [each.uri, each.local])).toEqual(
      [
        'KeyDescriptor',
        'KeyDescriptor',
        'SingleLogoutService',
        'SingleLogoutService',
        'NameIDFormat',
        'AssertionConsumerService',
      ].map((local) => [MD, local]),
    );
    expect(endpoints(role, 'SingleLogoutService')).toEqual([
      [REDIRECT, sp.sloUrl],
      [POST, sp.sloUrl],
    ]);
    const acs = child(role, MD, 'AssertionConsumerService');
    expect(Object.fromEntries(acs?.attributes ?? [])).toEqual({
      Binding: POST,
      Location: sp.acsUrl,
      index: '0',
      isDefault: 'true',
    });
  });

  test('has each certificate for its use: two to sign with while one takes the place of the other', () => {
    const rolling = roleOf(
      presentMetadata({ ...sp, signingCertificates: [signing.certificatePem, next.certificatePem] }),
    );
    expect(certificatesOf(rolling, 'signing')).toEqual([signing.certificatePem, next.certificatePem]);
    expect(certificatesOf(rolling, 'encryption')).toEqual([encryption.certificatePem]);
  });

  test('names the ciphers that we decrypt, for encryption alone', () => {
    const [signs, encrypts] = children(roleOf(presentMetadata(sp)), MD, 'KeyDescriptor');
    const methods = (key: XmlElement | undefined) =>
      key && children(key, MD, 'EncryptionMethod').map((each) => attribute(each, 'Algorithm'));
    expect(methods(signs)).toEqual([]);
    expect(methods(encrypts)).toEqual([
      'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    ]);
  });

  test('has nothing of what we do not do', () => {
    const role = roleOf(
      presentMetadata({
        ...sp,
        sloUrl: undefined,
        authnRequestsSigned: false,
        signingCertificates: [],
        encryptionCertificate: undefined,
        nameIdFormats: [],
      }),
    );
    expect(role.children.map((each) => each.local)).toEqual(['AssertionConsumerService']);
    expect(attribute(role, 'AuthnRequestsSigned')).toBe('false');
  });

  test('is the same text for the same facts, and contains no private key', () => {
    expect(presentMetadata(sp)).toBe(presentMetadata({ ...sp }));
    expect(presentMetadata(sp)).not.toMatch(/PRIVATE/);
  });

  test('is rejected with a hint if used as an identity provider’s', () => {
    expect(() => readMetadata(presentMetadata(sp), { entityId: undefined, now })).toThrow(
      /^This is the metadata of a service provider/,
    );
  });

  test('an entity ID can write nothing into it', () => {
    const entityId = '"/><md:EntityDescriptor entityID="evil';
    expect(attribute(parseXml(presentMetadata({ ...sp, entityId })), 'entityID')).toBe(entityId);
  });
});

test('node-saml generates the same for the same service provider', () => {
  const { sloUrl = '' } = sp;
  const theirs = new NodeSaml({
    issuer: sp.entityId,
    callbackUrl: sp.acsUrl,
    logoutCallbackUrl: sloUrl,
    idpCert: signing.certificatePem,
    identifierFormat: EMAIL,
    privateKey: signing.privateKeyPem,
    decryptionPvk: encryption.privateKeyPem,
    signatureAlgorithm: 'sha256',
  }).generateServiceProviderMetadata(encryption.certificatePem, signing.certificatePem);
  const [role, ours] = [roleOf(theirs), roleOf(presentMetadata(sp))];
  for (const name of ['AuthnRequestsSigned', 'WantAssertionsSigned', 'protocolSupportEnumeration']) {
    expect(attribute(ours, name)).toBe(attribute(role, name));
  }
  for (const use of ['signing', 'encryption']) {
    expect(certificatesOf(ours, use)).toEqual(certificatesOf(role, use));
  }
  expect(endpoints(ours, 'AssertionConsumerService')).toEqual(endpoints(role, 'AssertionConsumerService'));
  expect(endpoints(ours, 'SingleLogoutService')).toEqual(
    expect.arrayContaining(endpoints(role, 'SingleLogoutService')),
  );
  expect(children(ours, MD, 'NameIDFormat').map(textOf)).toEqual(
    children(role, MD, 'NameIDFormat').map(textOf),
  );
});

test('samlp verifies a request of ours with the certificate that our metadata publishes', async () => {
  const [published = ''] = certificatesOf(roleOf(presentMetadata(sp)), 'signing');
  const sent = buildAuthnRequest({
    sp,
    idp: { url: 'https://idp.example/sso', binding: 'redirect' },
    forceAuthn: false,
    nameIdFormat: undefined,
    relayState: 'r',
    signWith: signing,
    now,
  });
  const query = Object.fromEntries(new URL('url' in sent ? sent.url : '').searchParams);
  expect(await readAuthnRequest({ query }, published)).toMatchObject({
    issuer: sp.entityId,
    assertionConsumerServiceURL: sp.acsUrl,
  });
});
