import { createHash, createSign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Verified, verifyEnveloped } from '../../../src/saml/signature.ts';
import { MESSAGE_LIMITS, parseXml } from '../../../src/saml/xml.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { honest } from '../../support/saml/content.ts';
import { cut, swap } from '../../support/saml/forgeries/forgery.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { PROVIDERS, type Provider, writeResponse } from '../../support/saml/providers.ts';
import { DS, ENVELOPED, EXC_C14N, type SigningStyle, sign } from '../../support/saml/sign.ts';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
let party: Party;
let other: Party;
let elliptic: Party;
let weak: Party;

beforeAll(async () => {
  [party, other, elliptic, weak] = (await Promise.all([
    makeParty(),
    makeParty(),
    makeParty({ curve: 'P-256' }),
    makeParty({ bits: 1_024 }),
  ])) as [Party, Party, Party, Party];
});

function verify(xml: string, certificates: readonly Party[] = [party], limits = MESSAGE_LIMITS): Verified {
  return verifyEnveloped(xml, parseXml(xml, limits), certificates, limits);
}

function refusal(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
}

/** Signs text that is its own canonical form: the octets are those written here, and no canonicalizer takes part. */
function signCanonical(octets: string, id: string, ds = 'ds:'): string {
  const digest = createHash('sha256').update(octets, 'utf8').digest('base64');
  const xmlns = `xmlns${ds === '' ? '' : ':ds'}="${DS}"`;
  const info = [
    `<${ds}CanonicalizationMethod Algorithm="${EXC_C14N}"></${ds}CanonicalizationMethod>`,
    `<${ds}SignatureMethod Algorithm="${MORE}rsa-sha256"></${ds}SignatureMethod>`,
    `<${ds}Reference URI="#${id}"><${ds}Transforms><${ds}Transform Algorithm="${ENVELOPED}"></${ds}Transform>`,
    `<${ds}Transform Algorithm="${EXC_C14N}"></${ds}Transform></${ds}Transforms>`,
    `<${ds}DigestMethod Algorithm="${XENC}sha256"></${ds}DigestMethod>`,
    `<${ds}DigestValue>${digest}</${ds}DigestValue></${ds}Reference></${ds}SignedInfo>`,
  ].join('');
  const value = createSign('sha256')
    .update(`<${ds}SignedInfo ${xmlns}>${info}`, 'utf8')
    .sign(party.privateKey, 'base64');
  const signature = `<${ds}Signature ${xmlns}><${ds}SignedInfo>${info}<${ds}SignatureValue>${value}</${ds}SignatureValue></${ds}Signature>`;
  return swap(octets, '</a:Issuer>', `</a:Issuer>${signature}`);
}

/** A message of another kind, written so that only its signing can make it good. */
function message(local: string, more = ''): string {
  return `<p:${local} xmlns:p="${SAMLP}" xmlns:a="${SAML}" ID="_m1" Version="2.0"><a:Issuer>https://idp.example</a:Issuer><a:NameID>alice</a:NameID>${more}</p:${local}>`;
}

describe('a message of any kind', () => {
  test.each(['LogoutRequest', 'LogoutResponse', 'AuthnRequest', 'Response'])(
    '%s is bound to its root',
    (local) => {
      const verified = verify(sign(message(local), local, party, { prefix: 'ds' }));
      expect([verified.element.local, verified.element.uri]).toEqual([local, SAMLP]);
      expect(verified.element.children.map((each) => each.local)).toEqual(['Issuer', 'NameID']);
      expect(verified.certificate.fingerprint).toBe(party.fingerprint);
      expect(verified.text.slice(verified.element.start, verified.element.end)).toBe(verified.text);
    },
  );

  test('metadata, which has no Issuer, has its signature first', () => {
    const xml =
      '<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m1"><m:IDPSSODescriptor></m:IDPSSODescriptor></m:EntityDescriptor>';
    const signed = sign(xml, 'EntityDescriptor', party, { prefix: 'ds', first: true });
    expect(verify(signed).text).toBe(xml);
    const signature = cut(signed, 'ds:Signature');
    const moved = swap(
      swap(signed, signature, ''),
      '</m:EntityDescriptor>',
      `${signature}</m:EntityDescriptor>`,
    );
    expect(refusal(() => verify(moved))).toBe('signature_shape');
  });

  test('a signed assertion inside does not make its message signed (samlify 634)', () => {
    const assertion = signCanonical(
      `<a:Assertion xmlns:a="${SAML}" ID="_a1"><a:Issuer>https://idp.example</a:Issuer></a:Assertion>`,
      '_a1',
    );
    for (const local of ['LogoutRequest', 'AuthnRequest', 'Response']) {
      expect(refusal(() => verify(message(local, assertion)))).toBe('unsigned');
      const raised = swap(
        message(local, assertion),
        '</a:Issuer>',
        `</a:Issuer>${cut(assertion, 'ds:Signature')}`,
      );
      expect(refusal(() => verify(raised))).toBe('signature_shape');
    }
  });

  test('the signature of one kind of message does not serve another', () => {
    const signed = sign(message('LogoutRequest'), 'LogoutRequest', party, { prefix: 'ds' });
    expect(refusal(() => verify(signed.replaceAll('LogoutRequest', 'LogoutResponse')))).toBe(
      'digest_mismatch',
    );
  });

  test('in which a second element has the ID that is signed is rejected before anything is verified', () => {
    const signed = sign(
      message('LogoutRequest', '<a:NameID ID="_m2">bob</a:NameID>'),
      'LogoutRequest',
      party,
      {
        prefix: 'ds',
      },
    );
    expect(refusal(() => verify(signed))).toBe('accepted');
    expect(refusal(() => verify(swap(signed, 'ID="_m2"', 'ID="_m1"')))).toBe('ids_not_unique');
  });

  test('without an ID there is nothing to refer to', () => {
    const signed = sign(message('Response'), 'Response', party, { prefix: 'ds' });
    expect(refusal(() => verify(swap(signed, ' ID="_m1"', '')))).toBe('signature_shape');
  });
});

describe('what was signed', () => {
  const octets = `<a:Assertion xmlns:a="${SAML}" ID="_a1"><a:Issuer>i</a:Issuer><a:Subject>x &amp; y</a:Subject></a:Assertion>`;

  test.each(['ds:', ''])('is the octets that were written by hand, with the prefix %j', (prefix) => {
    expect(verify(signCanonical(octets, '_a1', prefix)).text).toBe(octets);
  });

  test('is what is read, however it was written', () => {
    const written = swap(
      swap(signCanonical(octets, '_a1'), 'x &amp; y', 'x &#38;&#32;y'),
      '<a:Assertion ',
      '<a:Assertion\n  xmlns:unused="urn:unused"\t',
    );
    expect(verify(written).text).toBe(octets);
  });

  test('is read in its own context, at any position', () => {
    const assertion = `<a:Assertion xmlns:a="${SAML}" ID="_a1"><a:Issuer>i</a:Issuer></a:Assertion>`;
    const inner = swap(signCanonical(assertion, '_a1'), ` xmlns:a="${SAML}"`, '');
    const outer = `<x:a xmlns:x="urn:x" xmlns="urn:default&amp;more" xmlns:a="${SAML}"><x:b xmlns:x="urn:y">${inner}</x:b></x:a>`;
    const element = parseXml(outer).children[0]?.children[0];
    expect(element && verifyEnveloped(outer, element, [party]).text).toBe(assertion);
  });

  test('keeps the namespaces of its prefix list', () => {
    const xml = swap(
      message('Response'),
      '<a:NameID>',
      '<a:NameID xmlns:xsi="urn:xsi" xsi:type="xs:string">',
    );
    const typed = swap(xml, ' ID=', ' xmlns:xs="http://www.w3.org/2001/XMLSchema" ID=');
    const style: SigningStyle = { prefix: 'ds', prefixList: ['xs'], infoPrefixList: ['xs', 'a'] };
    expect(verify(sign(typed, 'Response', party, style)).text).toContain('xmlns:xs=');
    expect(verify(sign(typed, 'Response', party, { prefix: 'ds' })).text).not.toContain('xmlns:xs=');
  });

  test('may have comments where they are allowed, and they are not in it', () => {
    const limits = { ...MESSAGE_LIMITS, comments: true };
    const commented = swap(signCanonical(octets, '_a1'), 'x &amp; y', 'x <!-- z -->&amp; y');
    expect(verify(commented, [party], limits).text).toBe(octets);
    expect(refusal(() => verify(commented))).toBe('xml_forbidden');
    const inSignature = swap(signCanonical(octets, '_a1'), '<ds:DigestValue>', '<ds:DigestValue><!-- x -->');
    expect(refusal(() => verify(inSignature, [party], limits))).toBe('signature_shape');
  });
});

describe('algorithms', () => {
  const styles: readonly Partial<SigningStyle>[] = [
    { method: `${MORE}rsa-sha384`, digestMethod: `${MORE}sha384` },
    { method: `${MORE}rsa-sha512`, digestMethod: `${XENC}sha512` },
    { method: `${MORE}rsa-sha256`, digestMethod: `${XENC}sha512` },
  ];
  test.each(styles)('RSA with %j is accepted', (style) => {
    expect(
      refusal(() => verify(sign(message('Response'), 'Response', party, { prefix: 'ds', ...style }))),
    ).toBe('accepted');
  });

  test.each(['ecdsa-sha256', 'ecdsa-sha384'])('%s is accepted, of a key for it', (name) => {
    const xml = sign(message('Response'), 'Response', elliptic, { prefix: 'ds', method: MORE + name });
    expect(refusal(() => verify(xml, [elliptic]))).toBe('accepted');
    expect(refusal(() => verify(xml, [party]))).toBe('signature_invalid');
    expect(refusal(() => verify(xml.replace(MORE + name, `${MORE}rsa-sha256`), [elliptic]))).toBe(
      'signature_invalid',
    );
  });
});

test.each(['MTIz', 'A'.repeat(84), 'QUFB'.repeat(1_000)])(
  'an ECDSA signature of another length is rejected',
  (value) => {
    const xml = sign(message('Response'), 'Response', elliptic, {
      prefix: 'ds',
      method: `${MORE}ecdsa-sha256`,
    });
    const cropped = swap(xml, /<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`);
    expect(refusal(() => verify(cropped, [elliptic]))).toBe('signature_invalid');
  },
);

describe('certificates', () => {
  test('any configured one may have signed, and the result names it', () => {
    const xml = sign(message('Response'), 'Response', party, { prefix: 'ds' });
    expect(verify(xml, [other, elliptic, party]).certificate.fingerprint).toBe(party.fingerprint);
    expect(refusal(() => verify(xml, [other, elliptic]))).toBe('signature_invalid');
  });

  test('a key of 1024 bits is rejected', () => {
    const xml = sign(message('Response'), 'Response', weak, { prefix: 'ds' });
    expect(refusal(() => verify(xml, [weak]))).toBe('certificate_missing');
    expect(refusal(() => verify(xml, [weak, party]))).toBe('signature_invalid');
  });

  test('without any, nothing is good', () => {
    expect(refusal(() => verify(sign(message('Response'), 'Response', party, { prefix: 'ds' }), []))).toBe(
      'certificate_missing',
    );
  });
});

test('two signatures of one value, one inside what the other signs, are rejected', () => {
  const simple = { ...(PROVIDERS['SimpleSAMLphp'] as Provider) };
  const inner = sign(writeResponse(simple, honest()), 'Assertion', party, simple.style);
  const both = sign(inner, 'Response', party, simple.style);
  expect(refusal(() => verify(both))).toBe('accepted');
  const values = [...both.matchAll(/<ds:SignatureValue>([^<]*)/g)].map((each) => each[1] ?? '');
  expect(refusal(() => verify(swap(both, values[1] ?? '', values[0] ?? '')))).toBe('digest_mismatch');
});
