import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type IncomingMessage, verifyLogoutRequest } from '../../../src/saml/logout.ts';
import {
  expecting,
  minutes,
  NAME_ID,
  NAMESPACES,
  post,
  reasonOf,
  redirect,
  request,
  signed,
  THEM,
} from '../../support/saml/logout-messages.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { signOctets, signQuery } from '../../support/saml/redirect.ts';
import { sign } from '../../support/saml/sign.ts';

let idp: Party;
let other: Party;

beforeAll(async () => {
  [idp, other] = [await makeParty(), await makeParty()];
});

const onRequest = (incoming: IncomingMessage) =>
  reasonOf(() => verifyLogoutRequest(incoming, expecting(idp)));

describe('a request by post', () => {
  test('needs a signature of its own', () => {
    expect(onRequest(post(request()))).toBe('unsigned');
  });

  test('signed by another key is rejected, though its certificate comes with it', () => {
    expect(onRequest(post(signed(request(), other)))).toBe('signature_invalid');
  });

  test('is rejected if the connection has no certificate', () => {
    expect(reasonOf(() => verifyLogoutRequest(post(signed(request(), idp)), expecting()))).toBe(
      'certificate_missing',
    );
  });

  test('changed after it was signed is rejected', () => {
    const changed = signed(request(), idp).replace('alice@example.com', 'bob@example.com');
    expect(onRequest(post(changed))).toBe('digest_mismatch');
  });

  const assertion = `<saml:Assertion ${NAMESPACES} ID="_a1" Version="2.0" IssueInstant="${minutes(0)}"><saml:Issuer>${THEM}</saml:Issuer></saml:Assertion>`;

  test('is not signed by the signature of an assertion inside it (samlify #634)', () => {
    const genuine = sign(assertion, 'Assertion', idp, { prefix: 'ds' });
    const inside = request({ content: `<samlp:Extensions>${genuine}</samlp:Extensions>${NAME_ID}` });
    expect(onRequest(post(inside))).toBe('unsigned');

    const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(genuine) ?? [];
    const behindIssuer = `${signature}<samlp:Extensions>${genuine.replace(signature, '')}</samlp:Extensions>${NAME_ID}`;
    expect(onRequest(post(request({ content: behindIssuer })))).toBe('signature_shape');
  });

  test('is not signed by the signature of a request inside it', () => {
    const genuine = signed(request(), idp);
    const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(genuine) ?? [];
    const victim = NAME_ID.replace('alice', 'bob');
    const wrappings = [
      request({ id: '_evil', content: `<samlp:Extensions>${genuine}</samlp:Extensions>${victim}` }),
      request({
        id: '_evil',
        content: `${signature}<samlp:Extensions>${genuine.replace(signature, '')}</samlp:Extensions>${victim}`,
      }),
      request({
        id: '_evil',
        content: signature.replace(
          '</ds:Signature>',
          `<ds:Object>${genuine.replace(signature, '')}</ds:Object></ds:Signature>${victim}`,
        ),
      }),
      request({ id: '_m1', content: `${signature}<samlp:Extensions>${genuine}</samlp:Extensions>${victim}` }),
    ];
    expect(wrappings.map((each) => onRequest(post(each)))).toEqual([
      'unsigned',
      'signature_shape',
      'signature_shape',
      'ids_not_unique',
    ]);
  });

  test('of a nested element is rejected: only the root’s is verified', () => {
    const wrapped = `<x xmlns="urn:x">${signed(request(), idp)}</x>`;
    expect(onRequest(post(wrapped))).toBe('structure_unexpected');
  });

  test.each([
    ['nothing', '', 'message_missing'],
    ['no base64', '%%%', 'message_malformed'],
    ['deflate', deflated(), 'message_malformed'],
    ['too much', 'A'.repeat(400_000), 'message_too_large'],
    ['a DOCTYPE', b64('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'), 'xml_forbidden'],
    ['HTML', b64('<p>not closed'), 'message_malformed'],
  ])('that is %s is rejected', (_, value, reason) => {
    expect(onRequest({ binding: 'post', value })).toBe(reason);
  });

  test('does not return its relay state, which is not signed', () => {
    expect(verifyLogoutRequest(post(signed(request(), idp)), expecting(idp)).relayState).toBeUndefined();
  });
});

describe('a request by redirect', () => {
  test('is not signed by what is in its XML', () => {
    const [query] = signQuery(signed(request(), idp), idp).split('&SigAlg');
    expect(onRequest({ binding: 'redirect', query: query ?? '' })).toBe('unsigned');
  });

  test('has no signature in its XML (Bindings §3.4.4.1)', () => {
    expect(onRequest(redirect(signed(request(), idp), idp))).toBe('structure_unexpected');
  });

  test('signed by another key is rejected', () => {
    expect(onRequest({ binding: 'redirect', query: signQuery(request(), other) })).toBe('signature_invalid');
  });

  test('that is no XML, or XML that no provider sends, is rejected even if it is signed', () => {
    const entity = '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>';
    expect(onRequest(redirect(entity, idp))).toBe('xml_forbidden');
    expect(onRequest(redirect('no XML', idp))).toBe('message_malformed');
    const deep = Buffer.from('<a>'.repeat(5_000));
    expect(onRequest({ binding: 'redirect', query: signOctets(deflateRawSync(deep), idp) })).toBe(
      'xml_forbidden',
    );
  });

  test('without an issuer is rejected', () => {
    expect(onRequest(redirect(request({ issuer: null }), idp))).toBe('issuer_mismatch');
  });

  test('without an ID, or with one that none can be, is rejected', () => {
    expect(onRequest(redirect(request({ id: '' }), idp))).toBe('structure_unexpected');
    expect(onRequest(redirect(request({ id: 'a b' }), idp))).toBe('structure_unexpected');
    expect(onRequest(redirect(request().replace(' ID="_m1"', ''), idp))).toBe('structure_unexpected');
  });
});

function b64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function deflated(): string {
  return deflateRawSync(Buffer.from(request())).toString('base64');
}
