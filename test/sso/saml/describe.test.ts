import { beforeAll, expect, test } from '@jest/globals';
import { readMessage } from '../../../src/saml/bindings.ts';
import { describeMessage } from '../../../src/saml/describe.ts';
import { parseXml } from '../../../src/saml/xml.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { honest } from '../../support/saml/content.ts';
import { swap } from '../../support/saml/forgeries/forgery.ts';
import { TEXTS } from '../../support/saml/forgeries/texts.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { encode, issue, PROVIDERS, type Provider, writeResponse } from '../../support/saml/providers.ts';

let party: Party;
const simple = PROVIDERS['SimpleSAMLphp'] as Provider;

beforeAll(async () => {
  party = await makeParty();
});

test.each(Object.entries(PROVIDERS))(
  'a response of %s shows everything but who it is about',
  (_, provider) => {
    const shown = describeMessage(readMessage(encode(issue(provider, honest(), party))));
    for (const part of [
      'https://idp.example/metadata',
      '_a7f1c2d3e',
      'InResponseTo="_q5b6a7c8d"',
      'Name="memberOf"',
      'rsa-sha256',
    ]) {
      expect(shown).toContain(part);
    }
    for (const secret of ['alice', 'Alice', 'Liddell', 'Support Team', 'Everyone'])
      expect(shown).not.toContain(secret);
    expect(shown).toMatch(/NameID[^>]*>a… \(17 characters\)</);
    expect(shown).toMatch(/SignatureValue>.{16}… \(3\d\d characters\)</);
    expect(parseXml(shown).local).toBe('Response');
  },
);

test('what is inside a value is masked as well', () => {
  const xml = swap(
    writeResponse(simple, honest()),
    'Support Team',
    '<x xmlns="urn:x">Secret<y>Hidden</y></x>',
  );
  const shown = describeMessage(readMessage(encode(xml)));
  expect(shown).toContain('S… (6 characters)');
  expect(shown).not.toMatch(/Secret|Hidden/);
});

test('text in a place where none belongs is masked', () => {
  expect(describeMessage(readMessage(encode('<a>secret<b/></a>')))).toBe(
    '<a>s… (6 characters)\n  <b/>\n</a>',
  );
});

/** What a trace shows of a form field. Anything but an SsoError would be a fault of the reader. */
function shownOf(message: string): string | undefined {
  try {
    return describeMessage(readMessage(message));
  } catch (error) {
    if (error instanceof SsoError) return undefined;
    throw error;
  }
}

test('what cannot be read strictly is not shown', () => {
  for (const message of ['', '*', encode('<a>'), encode('<!DOCTYPE a><a/>'), 'A'.repeat(1_000_000)]) {
    expect(shownOf(message)).toBeUndefined();
  }
});

test('what is shown has an end', () => {
  const many = honest({ attributes: [['groups', Array.from({ length: 1_000 }, (_, at) => `Group ${at}`)]] });
  const shown = describeMessage(readMessage(encode(writeResponse(simple, many))));
  expect(shown.length).toBeGreaterThan(30_000);
  expect(shown.length).toBeLessThanOrEqual(32 * 1_024);
  expect(shown.endsWith('\n…')).toBe(true);
  const long = honest({ nameId: `<b a="${'x'.repeat(200_000)}">${'y'.repeat(50_000)}</b>` });
  expect(describeMessage(readMessage(encode(writeResponse(simple, long)))).length).toBeLessThan(5_000);
});

test.each(Object.entries(TEXTS))('nothing is thrown for %s', (_, { forge }) => {
  const xml = issue(simple, honest(), party);
  const loot = { xml, party, attacker: party, content: honest(), signed: () => xml };
  const shown = shownOf(Buffer.from(forge(loot) as string).toString('base64'));
  expect(shown?.length ?? 0).toBeLessThanOrEqual(32 * 1_024);
});
