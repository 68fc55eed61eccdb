import { constants, createHmac, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readRedirect } from '../../../src/saml/logout.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { RSA_SHA256, signatureOf, signOctets, signQuery } from '../../support/saml/redirect.ts';

const XML = '<a xmlns="urn:a">Alice &amp; Söhne</a>';
let idp: Party;
let other: Party;
let good: string;

beforeAll(async () => {
  [idp, other] = [await makeParty(), await makeParty()];
  good = signQuery(XML, idp, { relayState: '/a b?c=d&e' });
});

function refusal(query: string, certificates = [idp]): string {
  try {
    readRedirect(query, 'SAMLRequest', certificates);
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
  return 'accepted';
}

const part = (query: string, name: string): string =>
  query.split('&').find((each) => each.startsWith(`${name}=`)) ?? '';

/** Signs these parts as they are, and appends the signature. */
function signed(...parts: string[]): string {
  const query = parts.join('&');
  return `${query}&Signature=${encodeURIComponent(signatureOf(query, idp))}`;
}

describe('a message that is accepted', () => {
  test('is inflated, and comes with its relay state and with the certificate that signed it', () => {
    expect(readRedirect(good, 'SAMLRequest', [other, idp])).toEqual({
      xml: XML,
      relayState: '/a b?c=d&e',
      certificate: idp,
    });
  });

  test('may have no relay state', () => {
    expect(readRedirect(signQuery(XML, idp), 'SAMLRequest', [idp]).relayState).toBeUndefined();
  });

  test('may have an empty relay state that is signed', () => {
    const query = signQuery(XML, idp, { relayState: '' });
    expect(readRedirect(query, 'SAMLRequest', [idp]).relayState).toBe('');
  });

  test.each([
    [
      'in lower case, as .NET does',
      (text: string) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
    ],
    [
      'everything, as is never necessary',
      (text: string) =>
        [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    ],
    ['spaces as plus signs, as forms do', (text: string) => encodeURIComponent(text).replaceAll('%20', '+')],
  ])('may be encoded %s: the signature covers the encoded text', (_, encode) => {
    const query = signQuery(XML, idp, { relayState: 'a b/c', encode });
    expect(readRedirect(query, 'SAMLRequest', [idp])).toMatchObject({ xml: XML, relayState: 'a b/c' });
  });

  test.each([['sha384'], ['sha512']])('may be signed with RSA and %s', (hash) => {
    const query = signQuery(XML, idp, { hash, algorithm: RSA_SHA256.replace('sha256', hash) });
    expect(refusal(query)).toBe('accepted');
  });

  test('may have its parameters in any order, and others between them: the binding defines what is signed', () => {
    const names = ['Signature', 'SigAlg', 'RelayState', 'SAMLRequest'];
    const query = ['utm=1', ...names.map((name) => part(good, name)), 'x', '=', ''].join('&');
    expect(readRedirect(query, 'SAMLRequest', [idp])).toMatchObject({ xml: XML, relayState: '/a b?c=d&e' });
  });

  test('may declare that it is deflated', () => {
    const encoding = encodeURIComponent('urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE');
    expect(refusal(`${good}&SAMLEncoding=${encoding}`)).toBe('accepted');
  });
});

describe('a signature', () => {
  test('of another key is rejected', () => {
    expect(refusal(good, [other])).toBe('signature_invalid');
  });

  test('is needed, with its algorithm', () => {
    expect(refusal(part(good, 'SAMLRequest'))).toBe('unsigned');
    expect(refusal(good.replace(/&Signature=.*/, ''))).toBe('unsigned');
    expect(refusal(good.replace(/&SigAlg=[^&]*/, ''))).toBe('unsigned');
  });

  test('without a certificate in the connection is rejected', () => {
    expect(refusal(good, [])).toBe('certificate_missing');
  });

  test('of a certificate that may not sign is rejected', async () => {
    const weak = await makeParty({ bits: 1_024 });
    expect(refusal(signQuery(XML, weak), [weak])).toBe('certificate_missing');
  });

  test('is valid for the message that it was made for, and for its relay state', () => {
    const foreign = part(signQuery('<b/>', idp), 'SAMLRequest');
    expect(refusal(good.replace(/SAMLRequest=[^&]*/, foreign))).toBe('signature_invalid');
    expect(refusal(good.replace(/RelayState=[^&]*/, 'RelayState=x'))).toBe('signature_invalid');
    expect(refusal(good.replace(/&RelayState=[^&]*/, ''))).toBe('signature_invalid');
    expect(refusal(`${signQuery(XML, idp)}&RelayState=x`)).toBe('signature_invalid');
    // The same value, encoded in another way, is not what was signed.
    expect(refusal(good.replace('RelayState=%2F', 'RelayState=/'))).toBe('signature_invalid');
  });

  test('of an answer is not valid for a request', () => {
    const answer = signQuery(XML, idp, { parameter: 'SAMLResponse' });
    expect(refusal(answer.replace('SAMLResponse=', 'SAMLRequest='))).toBe('signature_invalid');
    expect(refusal(answer)).toBe('message_missing');
  });

  test('over the parameters in another order than the binding’s is rejected', () => {
    const query = signed(part(good, 'RelayState'), part(good, 'SAMLRequest'), part(good, 'SigAlg'));
    expect(refusal(query)).toBe('signature_invalid');
  });

  test.each([
    'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
    'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
    'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
    '__proto__',
    'constructor',
    '',
  ])('by the algorithm %j is rejected', (algorithm) => {
    expect(refusal(signQuery(XML, idp, { algorithm }))).toBe('algorithm_refused');
  });

  test('made by another algorithm than it names is rejected', () => {
    expect(refusal(signQuery(XML, idp, { hash: 'sha1' }))).toBe('signature_invalid');
    const query = good.replace(/&Signature=.*/, '');
    const key = { key: idp.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING };
    const pss = sign('sha256', Buffer.from(query), key).toString('base64');
    expect(refusal(`${query}&Signature=${encodeURIComponent(pss)}`)).toBe('signature_invalid');
  });

  test('made with the public certificate as the secret of an HMAC is rejected', () => {
    const query = good.replace(/&Signature=.*/, '');
    const mac = createHmac('sha256', idp.certificatePem).update(query).digest('base64');
    expect(refusal(`${query}&Signature=${encodeURIComponent(mac)}`)).toBe('signature_invalid');
  });

  test.each(['', 'x', '!!!!', 'AAA', '%00'])('%j is not even one', (value) => {
    expect(refusal(good.replace(/&Signature=.*/, `&Signature=${value}`))).toBe('signature_shape');
  });

  test('with a key for ECDSA is none, whatever it names', async () => {
    const curve = await makeParty({ curve: 'P-256' });
    expect(refusal(signQuery(XML, curve), [curve])).toBe('signature_invalid');
  });
});

describe('a parameter', () => {
  test.each(['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'])('%s twice is rejected', (name) => {
    expect(refusal(`${good}&${part(good, name)}`)).toBe('message_missing');
    expect(refusal(`${name}=x&${good}`)).toBe('message_missing');
  });

  test('may not hide behind its encoding: another reader would find two', () => {
    const evil = `%53AMLRequest=${encodeURIComponent(deflateRawSync(Buffer.from('<evil/>')).toString('base64'))}`;
    expect(refusal(`${evil}&${good}`)).toBe('message_malformed');
    expect(refusal(`${good}&${evil}`)).toBe('message_malformed');
    expect(refusal(`${good}&Relay%53tate=x`)).toBe('message_malformed');
  });

  test('without a value, or with a bare equals sign in it, is rejected', () => {
    expect(refusal(`SAMLResponse&${good}`)).toBe('message_malformed');
    expect(refusal(signed('SAMLRequest=AA==', part(good, 'SigAlg')))).toBe('message_malformed');
  });

  test('SAMLRequest and SAMLResponse together are rejected', () => {
    expect(refusal(`${good}&SAMLResponse=x`)).toBe('message_missing');
  });

  test('that declares another encoding of the message is rejected', () => {
    expect(refusal(`${good}&SAMLEncoding=urn:other`)).toBe('message_malformed');
  });

  test.each(['', '&', 'a=b', '?'])('missing in %j is missing', (query) => {
    expect(refusal(query)).toBe('message_missing');
  });

  test.each(['%=1', '%e4=1', 'a=ü', 'a=\u0000', 'a=b\nc=d', 'a b=c'])('%j is in no query', (text) => {
    expect(refusal(`${good}&${text}`)).toBe('message_malformed');
  });

  test('whose value is not UTF-8 is rejected', () => {
    const [message, algorithm] = [part(good, 'SAMLRequest'), part(good, 'SigAlg')];
    expect(refusal(signed(message, 'RelayState=%ff', algorithm))).toBe('message_malformed');
    expect(refusal(signed('SAMLRequest=%ff', algorithm))).toBe('message_malformed');
  });
});

describe('what is deflated', () => {
  test('is inflated to 64 KiB and no further', () => {
    const fits = `<a>${'x'.repeat(64 * 1_024 - 7)}</a>`;
    expect(refusal(signQuery(fits, idp))).toBe('accepted');
    expect(refusal(signQuery(`${fits} `, idp))).toBe('message_too_large');
  });

  test('is not inflated without end: a bomb of 50 MB costs nothing', () => {
    const bomb = deflateRawSync(Buffer.alloc(45 * 1_024 * 1_024));
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(signOctets(bomb, idp))).toBe('message_too_large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * 1_024 * 1_024);
  });

  test('is not looked at before its signature is verified', () => {
    const bomb = deflateRawSync(Buffer.alloc(1_024 * 1_024));
    expect(refusal(signOctets(bomb, other))).toBe('signature_invalid');
    expect(refusal(signOctets(Buffer.from('no deflate'), other))).toBe('signature_invalid');
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no deflate', Buffer.from('<a/>')],
    ['half of a message', deflateRawSync(Buffer.from(XML.repeat(20))).subarray(0, 30)],
    ['something behind it', Buffer.concat([deflateRawSync(Buffer.from(XML)), Buffer.from('<b/>')])],
    ['two messages', Buffer.concat([deflateRawSync(Buffer.from(XML)), deflateRawSync(Buffer.from(XML))])],
    ['what is not UTF-8', deflateRawSync(Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]))],
  ])('%s is rejected', (_, octets) => {
    expect(refusal(signOctets(octets, idp))).toBe('message_malformed');
  });

  test('is base64, not base64url', () => {
    const [message, algorithm] = ['SAMLRequest=a-_b', part(good, 'SigAlg')];
    expect(refusal(signed(message, algorithm))).toBe('message_malformed');
  });

  test('in a query of more than 64 KiB is not read', () => {
    expect(refusal(`${good}&x=${'a'.repeat(64 * 1_024)}`)).toBe('message_too_large');
  });
});
