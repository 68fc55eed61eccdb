import { beforeAll, describe, expect, test } from '@jest/globals';
import { readMessage } from '../../../src/saml/bindings.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from '../../../src/saml/envelope.ts';
import { type VerifiedAssertion, verifyResponse } from '../../../src/saml/response.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { type Content, honest, NOW, SP } from '../../support/saml/content.ts';
import { cut, swap } from '../../support/saml/forgeries/forgery.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { encode, PROVIDERS, type Provider, signAs, writeResponse } from '../../support/saml/providers.ts';

const provider: Provider = { ...(PROVIDERS['SimpleSAMLphp'] as Provider), signs: ['Assertion'] };
const sp: SamlServiceProvider = { ...SP, decryptionKeys: [] };
let party: Party;
let next: Party;
let idp: SamlIdentityProvider;

beforeAll(async () => {
  [party, next] = await Promise.all([makeParty(), makeParty({ notAfter: new Date('2026-06-01T00:00:00Z') })]);
  idp = { entityId: honest().issuer, certificates: [party, next], encryption: 'off' };
});

const same = (xml: string) => xml;

function verify(
  change: (xml: string) => string = same,
  { content = {}, now = NOW, by = party }: { content?: Partial<Content>; now?: Date; by?: Party } = {},
): VerifiedAssertion {
  const xml = signAs(provider, change(writeResponse(provider, honest(content))), by);
  return verifyResponse(readMessage(encode(xml)), sp, idp, now);
}

function outcome(...parameters: Parameters<typeof verify>): string {
  try {
    verify(...parameters);
    return 'accepted';
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
}

const seconds = (count: number) => new Date(NOW.getTime() + count * 1_000);

describe('times', () => {
  test('sixty seconds are allowed at both ends, and no more', () => {
    const begins = (xml: string) => swap(xml, /(?<=<saml:Conditions NotBefore=")[^"]*/, NOW.toISOString());
    expect(outcome(begins, { now: seconds(-60) })).toBe('accepted');
    expect(outcome(begins, { now: seconds(-61) })).toBe('not_yet_valid');
    expect(outcome(same, { now: seconds(5 * 60 + 59) })).toBe('accepted');
    expect(outcome(same, { now: seconds(5 * 60 + 60) })).toBe('too_late');
  });

  test('no assertion is accepted once its replay may be forgotten', () => {
    const long = (xml: string) =>
      xml.replaceAll(/NotOnOrAfter="[^"]*"/g, 'NotOnOrAfter="2027-01-01T00:00:00Z"');
    const { validUntil } = verify(long);
    expect(validUntil).toBe('2026-11-27T12:11:00.000Z');
    expect(outcome(long, { now: new Date(Date.parse(validUntil) - 1) })).toBe('accepted');
    expect(outcome(long, { now: new Date(validUntil) })).toBe('too_late');
  });

  test('a time may have fractions of a second and a zone', () => {
    const written = (xml: string) =>
      swap(xml, /(?<=<saml:Conditions NotBefore=")[^"]*/, '2026-11-27T13:00:00.1234567+01:00');
    expect(outcome(written, { now: seconds(1) })).toBe('accepted');
    expect(outcome(written, { now: seconds(-61) })).toBe('not_yet_valid');
  });

  test('the end of the session and the time of the sign-in are the provider’s', () => {
    const ends = (xml: string) =>
      swap(xml, '<saml:AuthnStatement ', '<saml:AuthnStatement SessionNotOnOrAfter="2026-11-27T20:00:00Z" ');
    expect(verify(ends)).toMatchObject({
      authnInstant: '2026-11-27T11:59:00.000Z',
      sessionNotOnOrAfter: '2026-11-27T20:00:00.000Z',
    });
    expect(verify()).not.toHaveProperty('sessionNotOnOrAfter');
  });

  test('of two sign-ins the older time and the earlier end are used', () => {
    const twice = (xml: string) => {
      const statement = swap(
        cut(xml, 'saml:AuthnStatement'),
        /AuthnInstant="[^"]*"/,
        'AuthnInstant="2026-11-27T08:00:00Z"',
      );
      return swap(
        xml,
        '<saml:AuthnStatement ',
        `${statement}<saml:AuthnStatement SessionNotOnOrAfter="2026-11-27T20:00:00Z" `,
      );
    };
    expect(verify(twice)).toMatchObject({
      authnInstant: '2026-11-27T08:00:00.000Z',
      sessionNotOnOrAfter: '2026-11-27T20:00:00.000Z',
    });
  });
});

describe('who asked', () => {
  test('a sign-in that began at the provider answers no request', () => {
    expect(verify(same, { content: { inResponseTo: undefined } }).inResponseTo).toBeUndefined();
  });

  test('an unsigned response needs neither destination nor issuer', () => {
    const bare = (xml: string) => swap(swap(xml, / Destination="[^"]*"/, ''), cut(xml, 'saml:Issuer'), '');
    expect(outcome(bare)).toBe('accepted');
  });

  test('one of several audiences is enough, and one of several bearers', () => {
    const more = (xml: string) => {
      const bearer = cut(xml, 'saml:SubjectConfirmation');
      const elsewhere = swap(bearer, /Recipient="[^"]*"/, 'Recipient="https://other.example"');
      const holder = '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/>';
      const audience = '<saml:Audience>https://other.example</saml:Audience><saml:Audience>';
      return swap(swap(xml, bearer, elsewhere + holder + bearer), '<saml:Audience>', audience);
    };
    expect(outcome(more)).toBe('accepted');
  });

  test('conditions without requirements are ignored', () => {
    const more = (xml: string) =>
      swap(
        xml,
        '</saml:Conditions>',
        '<saml:OneTimeUse/><saml:ProxyRestriction Count="0"/></saml:Conditions>',
      );
    expect(outcome(more)).toBe('accepted');
  });

  test('an expired certificate is accepted, and reported as expired', () => {
    expect(verify(same, { by: next })).toMatchObject({
      certificateExpired: true,
      usedCertificate: next.fingerprint,
    });
    expect(verify()).toMatchObject({ certificateExpired: false, usedCertificate: party.fingerprint });
  });
});

describe('the NameID', () => {
  test('is trimmed, and has its format and its qualifiers', () => {
    const written = (xml: string) =>
      swap(
        xml,
        /<saml:NameID [^>]*>[^<]*/,
        '<saml:NameID NameQualifier="n" SPNameQualifier="s" Format="urn:f">\n  Jo&#x308;rg \t',
      );
    expect(verify(written).nameId).toEqual({
      value: 'Jo\u0308rg',
      format: 'urn:f',
      nameQualifier: 'n',
      spNameQualifier: 's',
    });
  });

  test('without a format is unspecified', () => {
    const bare = (xml: string) => swap(xml, /<saml:NameID [^>]*>/, '<saml:NameID>');
    expect(verify(bare).nameId).toEqual({
      value: 'alice@example.com',
      format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    });
  });

  test('may have 256 characters', () => {
    expect(verify(same, { content: { nameId: 'a'.repeat(256) } }).nameId.value).toHaveLength(256);
  });
});

describe('attributes', () => {
  const attributes = (xml: string) =>
    verify((each) => swap(each, /<saml:AttributeStatement>.*<\/saml:AttributeStatement>/, xml)).attributes;
  const statement = (xml: string) => `<saml:AttributeStatement>${xml}</saml:AttributeStatement>`;
  const value = (text: string, more = '') => `<saml:AttributeValue${more}>${text}</saml:AttributeValue>`;

  test('of one name are one, in their order, over several statements', () => {
    const one = `<saml:Attribute Name="Role" FriendlyName="first">${value('a')}</saml:Attribute>`;
    const other = `<saml:Attribute Name="x">${value('y')}</saml:Attribute>`;
    const two = `<saml:Attribute Name=" Role " FriendlyName="second">${value('b')}${value('a')}</saml:Attribute>`;
    expect(attributes(statement(one + other) + statement(two))).toEqual([
      { name: 'Role', friendlyName: 'first', values: ['a', 'b', 'a'] },
      { name: 'x', values: ['y'] },
    ]);
  });

  test('have trimmed texts as values; empty, nil and element values are ignored', () => {
    const xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    const values = [
      value('\n  a b\n'),
      value(''),
      value('gone', `${xsi} xsi:nil="true"`),
      value('kept', `${xsi} xsi:nil="false" xsi:type="xs:string"`),
      value('<saml:NameID>alice</saml:NameID>'),
      value('x'.repeat(8_192)),
    ];
    const [found] = attributes(statement(`<saml:Attribute Name="a">${values.join('')}</saml:Attribute>`));
    expect(found?.values).toEqual(['a b', 'kept', 'x'.repeat(8_192)]);
  });

  test('may be named like the insides of a program', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const written = names
      .map((name) => `<saml:Attribute Name="${name}">${value('v')}</saml:Attribute>`)
      .join('');
    expect(attributes(statement(written))).toEqual(names.map((name) => ({ name, values: ['v'] })));
  });

  test('need not be there', () => {
    expect(attributes('')).toEqual([]);
  });
});
