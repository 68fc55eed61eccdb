import { beforeAll, describe, expect, test } from '@jest/globals';
import { type MetadataOptions, readMetadata } from '../../../src/sso/saml/identity-provider-metadata.ts';
import { MetadataError } from '../../../src/sso/saml/metadata-error.ts';
import { base64Of, fingerprintOf } from '../../../src/sso/saml/read-certificate.ts';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
const MD = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
const SAML2 = 'urn:oasis:names:tc:SAML:2.0:protocol';
const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';

let pem: string;
let other: string;
let weak: string;

beforeAll(async () => {
  [pem, other, weak] = (
    await Promise.all([issueCertificate(), issueCertificate(), issueCertificate({ bits: 1_024 })])
  ).map(({ certificatePem }) => certificatePem) as [string, string, string];
});

interface Parts {
  readonly entityId?: string;
  readonly attributes?: string;
  readonly protocols?: string;
  readonly roleAttributes?: string;
  readonly keys?: string;
  readonly services?: string;
  readonly after?: string;
}

const data = (...certificates: string[]): string =>
  `<ds:X509Data>${certificates.map((each) => `<ds:X509Certificate>${each}</ds:X509Certificate>`).join('')}</ds:X509Data>`;
const key = (content: string, use = ' use="signing"'): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo>${content}</ds:KeyInfo></md:KeyDescriptor>`;
const service = (location: string, name = 'SingleSignOnService', binding = 'Redirect', more = ''): string =>
  `<md:${name} Binding="${BINDINGS}${binding}" Location="${location}"${more}/>`;
const role = ({ protocols = SAML2, roleAttributes = '', keys, services }: Parts): string =>
  `<md:IDPSSODescriptor protocolSupportEnumeration="${protocols}" ${roleAttributes}>${keys ?? key(data(base64Of(pem)))}${services ?? service('https://idp.example/sso')}</md:IDPSSODescriptor>`;
const entity = (parts: Parts = {}): string =>
  `<md:EntityDescriptor ${MD} entityID="${parts.entityId ?? 'urn:idp'}" ${parts.attributes ?? ''}>${role(parts)}${parts.after ?? ''}</md:EntityDescriptor>`;
const group = (content: string, attributes = ''): string =>
  `<md:EntitiesDescriptor ${MD} ${attributes}>${content}</md:EntitiesDescriptor>`;

const read = (xml: string, options: Partial<MetadataOptions> = {}) =>
  readMetadata(xml, { entityId: undefined, now: NOW, ...options });

function sentence(xml: string, options: Partial<MetadataOptions> = {}): string {
  try {
    read(xml, options);
  } catch (error) {
    if (error instanceof MetadataError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('what is no metadata is refused with a sentence that says what it is', () => {
  test.each([
    ['nothing', ' \n', /^The metadata is empty/],
    ['a web page', '<!DOCTYPE html><html><body>Sign in</body></html>', /^This is a web page/],
    ['a web page without a doctype', '\n<html>', /^This is a web page/],
    ['an address', 'https://idp.example/metadata', /not well-formed/],
    ['half of it', '<md:EntityDescriptor', /not well-formed/],
    ['an unbound prefix', '<md:EntityDescriptor/>', /not well-formed/],
    ['a response', `<samlp:Response xmlns:samlp="${SAML2}"/>`, /no SAML 2.0 metadata: it is a “Response”/],
    ['an entity of no namespace', '<EntityDescriptor entityID="a"/>', /no SAML 2.0 metadata/],
    ['of SAML 1', '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:1.0:metadata"/>', /no SAML 2.0 metadata/],
    ['a group of nobody', group(''), /describes nobody/],
  ])('%s', (_, xml, expected) => {
    expect(sentence(xml)).toMatch(expected);
  });
});

describe('XML that attacks is refused', () => {
  const good = () => entity();

  test.each([
    ['a file', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'],
    ['an address', '<!DOCTYPE x [<!ENTITY e SYSTEM "http://169.254.169.254/">]>'],
    ['a parameter entity', '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://evil.example/x.dtd"> %p;]>'],
    ['a DTD elsewhere', '<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">'],
    ['entities of entities', '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>'],
    ['nothing', '<!DOCTYPE x>'],
  ])('a DOCTYPE that names %s', (_, doctype) => {
    expect(sentence(doctype + good())).toMatch(/^The metadata holds a DOCTYPE/);
    expect(sentence(good().replace('<md:IDPSSO', `${doctype}<md:IDPSSO`))).toMatch(/DOCTYPE|well-formed/);
  });

  test('an entity that nobody declared', () => {
    expect(sentence(entity({ entityId: '&e;' }))).toMatch(/not well-formed/);
  });

  test('a processing instruction, CDATA, another encoding', () => {
    expect(sentence(`<?xml-stylesheet href="x"?>${good()}`)).toMatch(/processing instruction/);
    expect(sentence(entity({ after: '<![CDATA[x]]>' }))).toMatch(/CDATA/);
    expect(sentence(`<?xml version="1.0" encoding="UTF-16"?>${good()}`)).toMatch(/encoding/);
  });

  test('more than 1 MiB, though a little less is read', () => {
    const padded = (characters: number) => `${good()}<!--${'x'.repeat(characters)}-->`;
    const room = 1_024 * 1_024 - padded(0).length;
    expect(sentence(padded(room))).toBe('accepted');
    expect(sentence(padded(room + 1))).toMatch(/larger than 1 MiB/);
  });

  test.each([
    ['depth', '<md:Extensions>'.repeat(50) + '</md:Extensions>'.repeat(50), /deeper than/],
    ['elements', '<md:Extensions/>'.repeat(25_000), /more than 20000 elements/],
    [
      'attributes',
      `<md:Extensions ${Array.from({ length: 70 }, (_, n) => `a${n}=""`).join(' ')}/>`,
      /more than 64 attributes/,
    ],
    ['references', '&#65;'.repeat(25_000), /references/],
  ])('too much of it: %s', (_, after, expected) => {
    expect(sentence(entity({ after }))).toMatch(expected);
  });

  test('within its bounds the worst of it is read in no time', () => {
    const worst = group('<md:EntityDescriptor entityID="x"/>'.repeat(18_000) + entity());
    const began = performance.now();
    expect(sentence(worst)).toBe('accepted');
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('which provider is meant', () => {
  const several = () => group(entity({ entityId: 'urn:a' }) + group(entity({ entityId: 'urn:b' })));

  test('must be said where there are several', () => {
    expect(sentence(several())).toBe(
      'The metadata describes 2 identity providers. Say which one by its entity ID: “urn:a”, “urn:b”.',
    );
    expect(read(several(), { entityId: 'urn:b' }).entityId).toBe('urn:b');
  });

  test('is not listed without end', () => {
    const many = group(Array.from({ length: 50 }, (_, n) => entity({ entityId: `urn:${n}` })).join(''));
    expect(sentence(many)).toMatch(/“urn:4” and 45 others\.$/);
  });

  test('is one: an entity ID twice is refused', () => {
    expect(sentence(group(entity() + entity()), { entityId: 'urn:idp' })).toMatch(/“urn:idp” twice/);
  });

  test('is not one that stands where no entity does', () => {
    const hidden = `<md:Extensions>${entity({ entityId: 'urn:evil' })}</md:Extensions>`;
    expect(read(group(hidden + entity())).entityId).toBe('urn:idp');
    expect(sentence(group(hidden + entity()), { entityId: 'urn:evil' })).toMatch(
      /does not describe “urn:evil”/,
    );
  });

  test('is not an application', () => {
    const sp = `<md:EntityDescriptor ${MD} entityID="urn:sp"><md:SPSSODescriptor protocolSupportEnumeration="${SAML2}"/></md:EntityDescriptor>`;
    expect(sentence(sp)).toMatch(/^This is the metadata of a service provider/);
    expect(sentence(sp, { entityId: 'urn:sp' })).toMatch(/^This is the metadata of a service provider/);
  });

  test('speaks SAML 2.0, in one role', () => {
    expect(sentence(entity({ protocols: 'urn:oasis:names:tc:SAML:1.1:protocol' }))).toMatch(
      /speaks SAML 2\.0/,
    );
    expect(sentence(entity({ protocols: `${SAML2}x` }))).toMatch(/speaks SAML 2\.0/);
    expect(sentence(entity({ after: role({}) }))).toMatch(/twice, in two IDPSSODescriptors/);
  });

  test.each(['', ' urn:idp', `urn:${'x'.repeat(1_100)}`])(
    'has an entity ID that is one: not %j',
    (entityId) => {
      expect(sentence(entity({ entityId }))).toMatch(/^The entity ID is empty, longer/);
    },
  );
});

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
    expect(sentence(entity({ services: service(location) }))).toMatch(/is no URL/);
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
    expect(logout('https://idp.example/slo', ' ResponseLocation="javascript:x"')).toMatch(/is no URL/);
  });

  test('are there, by a binding that is spoken here', () => {
    expect(sentence(entity({ services: '' }))).toMatch(/no sign-in by HTTP-Redirect or HTTP-POST/);
    const artifact = service('https://idp.example/', 'SingleSignOnService', 'Artifact');
    expect(sentence(entity({ services: artifact }))).toMatch(/no sign-in by/);
  });

  test('of the preferred binding count, in whatever order, and the first of several', () => {
    const services =
      service('https://idp.example/post', 'SingleSignOnService', 'POST') +
      service('https://idp.example/one') +
      service('https://idp.example/two');
    expect(read(entity({ services }))).toMatchObject({
      ssoUrl: 'https://idp.example/one',
      ssoBinding: 'redirect',
    });
  });

  test('of another namespace or inside something else do not count', () => {
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

  test('several in one key are taken', () => {
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
      'This is no X.509 certificate, or only a part of one. Download it again.',
    ]);
  });

  test('of which none can be used are refused for their reason', () => {
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

  test('that hold elements are none', () => {
    expect(sentence(entity({ keys: key(data(`${base64Of(pem)}<x xmlns="urn:x"/>`)) }))).toMatch(
      /not as SAML has it/,
    );
  });
});

describe('how long it is valid', () => {
  const until = (time: string) => ({ attributes: `validUntil="${time}"` });

  test('it is refused once it is over', () => {
    expect(sentence(entity(until('2026-11-27T12:00:00Z')))).toMatch(
      /^The metadata was valid until 2026-11-27T12:00/,
    );
    expect(read(entity(until('2026-11-27T12:00:01Z'))).validUntil).toEqual(new Date('2026-11-27T12:00:01Z'));
  });

  test('the strictest of the role, the entity and its groups counts', () => {
    const parts: Parts = {
      attributes: 'validUntil="2027-03-01T00:00:00Z" cacheDuration="PT2H"',
      roleAttributes: 'validUntil="2027-02-01T00:00:00+01:00" cacheDuration="P1D"',
    };
    const xml = group(group(entity(parts), 'cacheDuration="PT1H30M"'), 'validUntil="2027-01-01T00:00:00Z"');
    expect(read(xml)).toMatchObject({ validUntil: new Date('2027-01-01T00:00:00Z'), cacheDuration: 5_400 });
    const over = group(entity(parts), 'validUntil="2020-01-01T00:00:00Z"');
    expect(sentence(over)).toMatch(/valid until 2020/);
  });

  test.each([
    ['PT0S', 0],
    ['PT604800S', 604_800],
    ['PT1.5S', 1],
    ['P7D', 604_800],
    ['P0Y0M0DT6H0M0.000S', 21_600],
    ['P1Y2M3DT4H5M6S', 31_536_000 + 2 * 2_592_000 + 3 * 86_400 + 4 * 3_600 + 306],
  ])('cacheDuration %s is %d seconds', (duration, seconds) => {
    expect(read(entity({ attributes: `cacheDuration="${duration}"` })).cacheDuration).toBe(seconds);
  });

  test.each(['P', 'PT', '-P1D', '1h', 'P1H', 'PT1D', '3600', ''])('cacheDuration %j is none', (duration) => {
    expect(sentence(entity({ attributes: `cacheDuration="${duration}"` }))).toMatch(/is no duration/);
  });

  test.each(['tomorrow', '2030-01-01', '2030-01-01T00:00:00'])('validUntil %j is no time', (time) => {
    expect(sentence(entity(until(time)))).toMatch(/validUntil is no time/);
  });
});

test('what a provider likes in names is read up to what an administrator can look at', () => {
  const formats = Array.from({ length: 60 }, (_, n) => `<md:NameIDFormat>urn:${n}</md:NameIDFormat>`);
  const services = `<md:NameIDFormat/><md:NameIDFormat>${'x'.repeat(300)}</md:NameIDFormat>${formats.join('')}${service('https://idp.example/')}`;
  expect(read(entity({ services })).nameIdFormats).toEqual(Array.from({ length: 50 }, (_, n) => `urn:${n}`));
});
