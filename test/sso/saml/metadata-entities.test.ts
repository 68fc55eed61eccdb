import { beforeAll, describe, expect, test } from '@jest/globals';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';
import {
  application,
  group,
  type Parts,
  read,
  role,
  SAML2,
  sentence,
  service,
  entity as writeEntity,
} from '../../support/saml/provider-metadata.ts';

let pem: string;

beforeAll(async () => {
  pem = (await issueCertificate()).certificatePem;
});

const entity = (parts: Parts = {}): string => writeEntity(pem, parts);

describe('which provider is meant', () => {
  const several = () => group(entity({ entityId: 'urn:a' }) + group(entity({ entityId: 'urn:b' })));

  test('is required if there are several', () => {
    expect(sentence(several())).toBe(
      'The metadata describes 2 identity providers. Choose one by its entity ID: “urn:a”, “urn:b”.',
    );
    expect(read(several(), { entityId: 'urn:b' }).entityId).toBe('urn:b');
  });

  test('is not listed without end', () => {
    const many = group(Array.from({ length: 50 }, (_, n) => entity({ entityId: `urn:${n}` })).join(''));
    expect(sentence(many)).toMatch(/“urn:4” and 45 others\.$/);
  });

  test('is one: an entity ID twice is rejected', () => {
    expect(sentence(group(entity() + entity()), { entityId: 'urn:idp' })).toMatch(/“urn:idp” twice/);
  });

  test('is not found outside the places of entities', () => {
    const hidden = `<md:Extensions>${entity({ entityId: 'urn:evil' })}</md:Extensions>`;
    expect(read(group(hidden + entity())).entityId).toBe('urn:idp');
    expect(sentence(group(hidden + entity()), { entityId: 'urn:evil' })).toMatch(
      /does not describe “urn:evil”/,
    );
  });

  test('is not an application', () => {
    const sp = application();
    expect(sentence(sp)).toMatch(/^This is the metadata of a service provider/);
    expect(sentence(sp, { entityId: 'urn:sp' })).toMatch(/^This is the metadata of a service provider/);
  });

  test('speaks SAML 2.0, in one role', () => {
    expect(sentence(entity({ protocols: 'urn:oasis:names:tc:SAML:1.1:protocol' }))).toMatch(
      /speaks SAML 2\.0/,
    );
    expect(sentence(entity({ protocols: `${SAML2}x` }))).toMatch(/speaks SAML 2\.0/);
    expect(sentence(entity({ after: role(pem, {}) }))).toMatch(/twice, in two IDPSSODescriptors/);
  });

  test.each(['', ' urn:idp', `urn:${'x'.repeat(1_100)}`])(
    'has an entity ID that is one: not %j',
    (entityId) => {
      expect(sentence(entity({ entityId }))).toMatch(/^The entity ID is empty, longer/);
    },
  );
});

describe('how long it is valid', () => {
  const until = (time: string) => ({ attributes: `validUntil="${time}"` });

  test('it is rejected once it has ended', () => {
    expect(sentence(entity(until('2026-11-27T12:00:00Z')))).toMatch(
      /^The metadata was valid until 2026-11-27T12:00/,
    );
    expect(read(entity(until('2026-11-27T12:00:01Z'))).validUntil).toEqual(new Date('2026-11-27T12:00:01Z'));
  });

  test('the strictest of the role, the entity and its groups is used', () => {
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

  test.each(['P', 'PT', '-P1D', '1h', 'P1H', 'PT1D', '3600', ''])(
    'cacheDuration %j is ignored',
    (duration) => {
      expect(sentence(entity({ attributes: `cacheDuration="${duration}"` }))).toMatch(
        /is not a valid duration/,
      );
    },
  );

  test.each(['tomorrow', '2030-01-01', '2030-01-01T00:00:00'])('validUntil %j is no time', (time) => {
    expect(sentence(entity(until(time)))).toMatch(/validUntil is no time/);
  });
});

test('what a provider likes in names is read up to what an administrator can look at', () => {
  const formats = Array.from({ length: 60 }, (_, n) => `<md:NameIDFormat>urn:${n}</md:NameIDFormat>`);
  const services = `<md:NameIDFormat/><md:NameIDFormat>${'x'.repeat(300)}</md:NameIDFormat>${formats.join('')}${service('https://idp.example/')}`;
  expect(read(entity({ services })).nameIdFormats).toEqual(Array.from({ length: 50 }, (_, n) => `urn:${n}`));
});
