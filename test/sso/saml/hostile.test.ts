import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readMessage } from '../../../src/saml/bindings.ts';
import { describeMessage } from '../../../src/saml/describe.ts';
import type { SamlIdentityProvider } from '../../../src/saml/envelope.ts';
import { verifyResponse } from '../../../src/saml/response.ts';
import { parseXml } from '../../../src/saml/xml.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { processorTime } from '../../support/processor-time.ts';
import { honest, NOW, SP } from '../../support/saml/content.ts';
import { encrypt } from '../../support/saml/encrypt.ts';
import { cut, swap } from '../../support/saml/forgeries/forgery.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import {
  encode,
  issue,
  PROVIDERS,
  type Provider,
  writeAssertion,
  writeResponse,
} from '../../support/saml/providers.ts';
import { sign } from '../../support/saml/sign.ts';

const simple = PROVIDERS['SimpleSAMLphp'] as Provider;
let party: Party;
let attacker: Party;
let idp: SamlIdentityProvider;

beforeAll(async () => {
  [party, attacker] = await Promise.all([makeParty(), makeParty()]);
  idp = { entityId: honest().issuer, certificates: [party], encryption: 'optional' };
});

function outcome(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
}

const HOSTILE: Readonly<Record<string, string>> = {
  'attributes by the ten thousand on many elements': `<a>${'<b c="" d="" e="" f="" g="" h=""/>'.repeat(7_000)}</a>`,
  '256 KiB of open tags': '<a>'.repeat(87_000),
  'open tags with namespaces': '<a xmlns:b="urn:c">'.repeat(13_000),
  'siblings by the ten thousand': `<a>${'<b/>'.repeat(60_000)}</a>`,
  'attributes by the ten thousand': `<a ${Array.from({ length: 20_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
  'one endless attribute': `<a b="${'&lt;'.repeat(60_000)}"/>`,
  'one endless name': `<${'a'.repeat(250_000)}`,
  'character references': `<a>${'&#65;'.repeat(50_000)}`,
  'end tags': '<a/>'.concat('</a>'.repeat(60_000)),
  'quotes that never end': `<a b="${"'".repeat(250_000)}`,
  'less-than signs': '<'.repeat(250_000),
};

describe.each(Object.entries(HOSTILE))('%s', (_, text) => {
  test('is rejected within 100 ms of processor time', () => {
    expect(outcome(() => parseXml(text))).toMatch(/^(xml_forbidden|message_malformed|message_too_large)$/);
    const message = encode(text);
    const verify = () =>
      outcome(() => verifyResponse(readMessage(message), { ...SP, decryptionKeys: [] }, idp, NOW));
    expect(verify()).toMatch(/^(xml_forbidden|message_malformed|message_too_large)$/);
    expect(processorTime(verify, 100)).toBeLessThan(100);
    expect(processorTime(() => outcome(() => describeMessage(readMessage(message))), 100)).toBeLessThan(100);
  });
});

/** An attribute statement as large as a message may be, in a response that a user has signed. */
function large(by: Party, value: (at: number) => string, count: number): string {
  const attributes = [['groups', Array.from({ length: count }, (_, at) => value(at))]] as const;
  return issue({ ...simple, signs: ['Response'] }, honest({ attributes }), by);
}

describe('as large as a message may be', () => {
  const LARGE: Readonly<Record<string, () => string>> = {
    'thousands of values that an attacker signed': () => large(attacker, (at) => `Group ${at}`, 3_000),
    'values of 8 KiB that an attacker signed': () => large(attacker, () => 'x'.repeat(8_000), 30),
    'values full of references that an attacker signed': () => large(attacker, () => '&'.repeat(100), 45),
    'a signature of 200 KiB': () =>
      swap(
        large(party, String, 1),
        /<ds:SignatureValue>[^<]*/,
        `<ds:SignatureValue>${'QUFB'.repeat(50_000)}`,
      ),
    'a certificate of 200 KiB': () =>
      swap(
        large(attacker, String, 1),
        /<ds:X509Certificate>[^<]*/,
        `<ds:X509Certificate>${'QUFB'.repeat(50_000)}`,
      ),
    'elements by the thousand in KeyInfo': () =>
      swap(
        large(attacker, String, 1),
        '</ds:KeyInfo>',
        `${'<ds:KeyName></ds:KeyName>'.repeat(4_000)}</ds:KeyInfo>`,
      ),
    'a prefix list of 200 KiB': () =>
      swap(
        large(attacker, String, 1),
        /(?<=<ds:Transform Algorithm="[^"]*exc-c14n#">)/,
        `<i:InclusiveNamespaces xmlns:i="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${'a '.repeat(100_000)}"/>`,
      ),
  };

  test.each(Object.entries(LARGE))('%s are rejected within 100 ms of processor time', (_, make) => {
    const message = encode(make());
    expect(message.length).toBeGreaterThan(5_000);
    const verify = () =>
      outcome(() => verifyResponse(readMessage(message), { ...SP, decryptionKeys: [] }, idp, NOW));
    expect(verify()).toMatch(/^signature_(invalid|shape)$/);
    expect(processorTime(verify, 100)).toBeLessThan(100);
  });

  test('what anybody can encrypt to us is rejected as fast, for each of five keys', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const attributes = [['groups', Array.from({ length: 2_000 }, (_, at) => `Group ${at}`)]] as const;
    const content = honest({ attributes });
    const plain = sign(
      writeAssertion({ ...simple, declares: 'each' }, content),
      'Assertion',
      attacker,
      simple.style,
    );
    const xml = writeResponse(simple, content);
    const others = Array.from({ length: 4 }, () => privateKey);
    const encrypted = encrypt(plain, privateKey, { content: 'aes256-cbc', others });
    const message = encode(swap(xml, cut(xml, 'saml:Assertion'), encrypted));
    const verify = () =>
      outcome(() => verifyResponse(readMessage(message), { ...SP, decryptionKeys: [privateKey] }, idp, NOW));
    expect(verify()).toBe('signature_invalid');
    expect(processorTime(verify, 100)).toBeLessThan(100);
  });

  test('thousands of groups are read, if the provider signed them', () => {
    const message = encode(large(party, (at) => `Group ${at}`, 3_500));
    const { attributes } = verifyResponse(readMessage(message), { ...SP, decryptionKeys: [] }, idp, NOW);
    expect(attributes[0]?.values).toHaveLength(3_500);
    expect(attributes[0]?.values.at(-1)).toBe('Group 3499');
  });

  test('ten thousand groups are more than a message may contain', () => {
    const message = encode(large(party, (at) => `Group ${at}`, 10_000));
    expect(outcome(() => verifyResponse(readMessage(message), { ...SP, decryptionKeys: [] }, idp, NOW))).toBe(
      'message_too_large',
    );
  });
});
