import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readMetadata } from '../../../src/saml/provider-metadata.ts';

const now = new Date('2026-11-27T12:00:00Z');
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** The content of each file of ./metadata, which have the shape that these products publish. */
interface Said {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly ssoBinding?: 'post';
  readonly sloUrl?: string;
  readonly sloResponseUrl?: string;
  readonly sloBinding?: 'post';
  readonly wantAuthnRequestsSigned?: boolean;
  readonly nameIdFormats?: readonly string[];
  readonly validUntil?: Date;
  readonly cacheDuration?: number;
  /** The beginnings of the fingerprints. */
  readonly certificates: readonly string[];
}

const MICROSOFT = 'https://login.microsoftonline.com/00000000-aaaa-bbbb-cccc-000000000000/saml2';
const KEYCLOAK = 'https://keycloak.example.com/realms/acme';

const PRODUCTS: Readonly<Record<string, Said>> = {
  okta: {
    entityId: 'http://www.okta.com/exk1a2b3c4d5',
    ssoUrl: 'https://acme.okta.com/app/acme_rollcall_1/exk1a2b3c4d5/sso/saml',
    nameIdFormats: [EMAIL, UNSPECIFIED],
    certificates: ['3014bc24'],
  },
  entra: {
    entityId: 'https://sts.windows.net/00000000-aaaa-bbbb-cccc-000000000000/',
    ssoUrl: MICROSOFT,
    sloUrl: MICROSOFT,
    certificates: ['c1637b7e', '765638a8'],
  },
  google: {
    entityId: 'https://accounts.google.com/o/saml2?idpid=C01abcdef',
    ssoUrl: 'https://accounts.google.com/o/saml2/idp?idpid=C01abcdef',
    nameIdFormats: [EMAIL],
    validUntil: new Date('2031-11-20T10:11:12Z'),
    certificates: ['01ace8db', 'cad446b0'],
  },
  onelogin: {
    entityId: 'https://app.onelogin.com/saml/metadata/0a1b2c3d',
    ssoUrl: 'https://acme.onelogin.com/trust/saml2/http-redirect/sso/0a1b2c3d',
    sloUrl: 'https://acme.onelogin.com/trust/saml2/http-redirect/slo/1234567',
    nameIdFormats: [EMAIL],
    certificates: ['7d614ce2'],
  },
  pingone: {
    entityId: 'https://auth.pingone.eu/1111-2222',
    ssoUrl: 'https://auth.pingone.eu/1111-2222/saml20/idp/sso',
    sloUrl: 'https://auth.pingone.eu/1111-2222/saml20/idp/slo',
    wantAuthnRequestsSigned: true,
    nameIdFormats: [UNSPECIFIED, EMAIL],
    cacheDuration: 86_400,
    certificates: ['edd42b7e'],
  },
  adfs: {
    entityId: 'http://adfs.example.com/adfs/services/trust',
    ssoUrl: 'https://adfs.example.com/adfs/ls/',
    sloUrl: 'https://adfs.example.com/adfs/ls/',
    nameIdFormats: [EMAIL, PERSISTENT, TRANSIENT],
    certificates: ['53a2742f', 'f25ab7c5', '00b4f5df'],
  },
  auth0: {
    entityId: 'urn:acme.eu.auth0.com',
    ssoUrl: 'https://acme.eu.auth0.com/samlp/abc123',
    sloUrl: 'https://acme.eu.auth0.com/samlp/abc123/logout',
    nameIdFormats: [EMAIL, PERSISTENT, TRANSIENT],
    certificates: ['a4e51ee4'],
  },
  keycloak: {
    entityId: KEYCLOAK,
    ssoUrl: `${KEYCLOAK}/protocol/saml`,
    sloUrl: `${KEYCLOAK}/protocol/saml`,
    wantAuthnRequestsSigned: true,
    nameIdFormats: [PERSISTENT, TRANSIENT, UNSPECIFIED, EMAIL],
    certificates: ['217cea27'],
  },
  simplesamlphp: {
    entityId: 'https://sso.example.com/saml2/idp/metadata.php',
    ssoUrl: 'https://sso.example.com/saml2/idp/SSOService.php',
    sloUrl: 'https://sso.example.com/saml2/idp/SingleLogoutService.php',
    nameIdFormats: [TRANSIENT],
    certificates: ['4ed4f5e3'],
  },
  shibboleth: {
    entityId: 'https://idp.example.edu/idp/shibboleth',
    ssoUrl: 'https://idp.example.edu/idp/profile/SAML2/Redirect/SSO',
    sloUrl: 'https://idp.example.edu/idp/profile/SAML2/Redirect/SLO',
    nameIdFormats: [TRANSIENT],
    certificates: ['cbdbf9f3'],
  },
  federation: {
    entityId: 'https://second.example/idp',
    ssoUrl: 'https://second.example/sso',
    ssoBinding: 'post',
    sloUrl: 'https://second.example/slo',
    sloResponseUrl: 'https://second.example/slo/done',
    sloBinding: 'post',
    certificates: ['698a0cb1'],
  },
};

const file = (product: string): string =>
  readFileSync(new URL(`./metadata/${product}.xml`, import.meta.url), 'utf8');

describe.each(Object.entries(PRODUCTS))('the metadata of %s', (product, said) => {
  test('is read', () => {
    const read = readMetadata(file(product), { entityId: undefined, now });
    expect({
      ...read,
      certificates: read.certificates.map(({ fingerprint }) => fingerprint.slice(0, 8)),
    }).toEqual({
      ssoBinding: 'redirect',
      sloUrl: undefined,
      sloResponseUrl: undefined,
      sloBinding: said.sloUrl === undefined ? undefined : 'redirect',
      wantAuthnRequestsSigned: false,
      nameIdFormats: [],
      validUntil: undefined,
      cacheDuration: undefined,
      leftOut: [],
      ...said,
    });
  });

  test('is that of the requested entity ID, and of no other', () => {
    const { entityId } = said;
    expect(readMetadata(file(product), { entityId, now }).entityId).toBe(entityId);
    const other = { entityId: `${entityId}/`, now };
    expect(() => readMetadata(file(product), other)).toThrow(/^The metadata does not describe “.+\/”, but “/);
  });
});
