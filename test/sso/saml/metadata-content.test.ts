import { beforeAll, describe, expect, test } from '@jest/globals';
import { base64Of, fingerprintOf } from '../../../src/saml/certificates.ts';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';
import {
  BINDINGS,
  data,
  key,
  type Parts,
  read,
  SAML2,
  sentence,
  service,
  entity as writeEntity,
} from '../../support/saml/provider-metadata.ts';

let pem: string;
let other: string;
let weak: string;

beforeAll(async () => {
  const issued = await Promise.all([
    issueCertificate(),
    issueCertificate(),
    issueCertificate({ bits: 1_024 }),
  ]);
  [pem, other, weak] = issued.map(({ certificatePem }) => certificatePem) as [string, string, string];
});

const entity = (parts: Parts = {}): string => writeEntity(pem, parts);

describe('its addresses', () => {
  test.each(['http://idp.example/sso', 'http://127.0.0.1/sso', 'http://localhost:8080/sso'])(
    'begin with https: not %s',
    (location) => {
      expect(sentence(entity({ services: service(location) }))).toMatch(/does not begin with https/);
    },
  );

  test('may be http on this machine where that is allowed, and nowhere else', () => {
    const at = (location: string) =>
      sentence(entity({ services: service(location) }), { allowPrivate: true });
    expect(['127.0.0.1:8080', 'localhost', '[::1]:1'].map((host) => at(`http://${host}/sso`))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    for (const host of ['idp.example', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example']) {
      expect(at(`http://${host}/sso`)).toMatch(/does not begin with https/);
    }
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://idp.example/',
    '//idp.example/sso',
    '/sso',
    'https:idp.example/sso',
    'https:/idp.example/sso',
    'https://',
    'https://idp.example/s so',
    'https://idp.example\\@evil.example/',
    ' https://idp.example/',
    'https://idp.example/&#10;x',
    'https://idp.example/&quot;&gt;&lt;script&gt;',
    'https://ïdp.example/',
    `https://idp.example/${'x'.repeat(2_000)}`,
    '',
  ])('are URLs: not %j', (location) => {
    expect(sentence(entity({ services: service(location) }))).toMatch(/is not a valid URL/);
  });

  test('have no password, no fragment, and no part of a message', () => {
    const at = (location: string) => sentence(entity({ services: service(location) }));
    expect(at('https://user:pass@idp.example/')).toMatch(/password or a fragment/);
    expect(at('https://idp.example/#x')).toMatch(/password or a fragment/);
    expect(at('https://idp.example/#')).toMatch(/password or a fragment/);
    expect(at('https://idp.example/?RelayState=x')).toMatch(/has RelayState in its query/);
    expect(at('https://idp.example/?%53AMLRequest=x')).toMatch(/has SAMLRequest in its query/);
  });

  test('are held to that for logout too', () => {
    const logout = (location: string, more = '') =>
      sentence(
        entity({
          services:
            service('https://idp.example/sso') + service(location, 'SingleLogoutService', 'Redirect', more),
        }),
      );
    expect(logout('http://idp.example/slo')).toMatch(/SingleLogoutService does not begin with https/);
    expect(logout('https://idp.example/slo', ' ResponseLocation="javascript:x"')).toMatch(
      /is not a valid URL/,
    );
  });

  test('are there, by a binding that is spoken here', () => {
    expect(sentence(entity({ services: '' }))).toMatch(/no sign-in by HTTP-Redirect or HTTP-POST/);
    const artifact = service('https://idp.example/', 'SingleSignOnService', 'Artifact');
    expect(sentence(entity({ services: artifact }))).toMatch(/no sign-in by/);
  });

  test('of the preferred binding are used, in whatever order, and the first of several', () => {
    const services =
      service('https://idp.example/post', 'SingleSignOnService', 'POST') +
      service('https://idp.example/one') +
      service('https://idp.example/two');
    expect(read(entity({ services }))).toMatchObject({
      ssoUrl: 'https://idp.example/one',
      ssoBinding: 'redirect',
    });
  });

  test('of another namespace or inside something else are ignored', () => {
    const foreign = `<x:SingleSignOnService xmlns:x="urn:x" Binding="${BINDINGS}Redirect" Location="https://evil.example/"/>`;
    const inside = `<md:Extensions>${service('https://evil.example/')}</md:Extensions>`;
    const services = foreign + inside + service('https://idp.example/sso');
    expect(read(entity({ services })).ssoUrl).toBe('https://idp.example/sso');
  });
});

describe('its certificates', () => {
  const prints = (keys: string) => read(entity({ keys })).certificates.map(({ fingerprint }) => fingerprint);

  test('are those to sign with, and those for everything', () => {
    const keys = key(data(base64Of(pem)), '') + key(data(base64Of(other)), ' use="encryption"');
    expect(prints(keys)).toEqual([fingerprintOf(pem)]);
  });

  test('are taken once, and each without its chain', () => {
    const keys = key(data(base64Of(pem), base64Of(other))) + key(data(base64Of(pem)), '');
    expect(prints(keys)).toEqual([fingerprintOf(pem)]);
  });

  test('several in one key are accepted', () => {
    expect(prints(key(data(base64Of(pem)) + data(base64Of(other))))).toEqual([
      fingerprintOf(pem),
      fingerprintOf(other),
    ]);
  });

  test('that cannot be used are left out, with the reason', () => {
    const keys = key(data(base64Of(weak))) + key(data('AAAA')) + key(data(base64Of(pem)));
    expect(prints(keys)).toEqual([fingerprintOf(pem)]);
    expect(read(entity({ keys })).leftOut).toEqual([
      'The certificate has an RSA key of 1024 bits. It needs from 2048 to 8192.',
      'This is not a complete X.509 certificate. Download it again.',
    ]);
  });

  test('of which none can be used are rejected for their reason', () => {
    expect(sentence(entity({ keys: key(data(base64Of(weak))) }))).toMatch(/RSA key of 1024 bits/);
  });

  test('are at most sixteen', async () => {
    const many = await Promise.all(Array.from({ length: 17 }, () => issueCertificate({ curve: 'P-256' })));
    const keys = many.map(({ certificatePem }) => key(data(base64Of(certificatePem))));
    expect(prints(keys.slice(1).join(''))).toHaveLength(16);
    expect(sentence(entity({ keys: keys.join('') }))).toMatch(/more than 16 certificates/);
  });

  test.each([
    ['none', ''],
    ['a name alone', '<ds:KeyName>k</ds:KeyName>'],
    ['no certificate in its data', '<ds:X509Data/>'],
  ])('are needed: %s is not enough', (_, content) => {
    expect(sentence(entity({ keys: content && key(content) }))).toMatch(/publishes no certificate/);
  });

  test('of the application in the same metadata are not those of the provider', () => {
    const sp = `<md:SPSSODescriptor protocolSupportEnumeration="${SAML2}">${key(data(base64Of(other)))}</md:SPSSODescriptor>`;
    const { certificates } = read(entity({ after: sp }));
    expect(certificates.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(pem)]);
  });

  test('that contain elements are ignored', () => {
    expect(sentence(entity({ keys: key(data(`${base64Of(pem)}<x xmlns="urn:x"/>`)) }))).toMatch(
      /not valid SAML/,
    );
  });
});
