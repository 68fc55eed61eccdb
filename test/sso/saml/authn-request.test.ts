import { inflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type AuthnRequest, buildAuthnRequest, type MessageForm } from '../../../src/saml/requests.ts';
import type { ServiceProviderKey } from '../../../src/saml/service-provider.ts';
import { attribute, child, parseXml, SAML, SAMLP, textOf, type XmlElement } from '../../../src/saml/xml.ts';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';
import { readAuthnRequest } from '../../support/saml/samlp.ts';

const now = new Date('2026-11-27T12:00:00.123Z');
const plain: AuthnRequest = {
  sp: {
    entityId: 'https://rollcall.example/sso/saml/c1',
    acsUrl: 'https://rollcall.example/sso/saml/c1/acs',
  },
  idp: { url: 'https://idp.example/sso', binding: 'redirect' },
  forceAuthn: false,
  nameIdFormat: undefined,
  relayState: 'r-1',
  signWith: undefined,
  now,
};
let key: ServiceProviderKey;

beforeAll(async () => {
  key = await issueCertificate();
});

function sentUrl(request: AuthnRequest): URL {
  const sent = buildAuthnRequest(request);
  if (!('url' in sent)) throw new Error('sent by post');
  return new URL(sent.url);
}

function sentForm(request: AuthnRequest): MessageForm {
  const sent = buildAuthnRequest({ ...request, idp: { ...request.idp, binding: 'post' } });
  if (!('form' in sent)) throw new Error('sent by redirect');
  return sent.form;
}

function inUrl(url: URL): XmlElement {
  const deflated = Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64');
  return parseXml(inflateRawSync(deflated).toString());
}

describe('the request', () => {
  test('has issuer, destination, time and the address of the answer', () => {
    const sent = buildAuthnRequest(plain);
    const root = inUrl(sentUrl(plain));
    expect([root.uri, root.local]).toEqual([SAMLP, 'AuthnRequest']);
    expect(Object.fromEntries(root.attributes)).toEqual({
      ID: expect.stringMatching(/^_[0-9a-f]{32}$/),
      Version: '2.0',
      IssueInstant: '2026-11-27T12:00:00.123Z',
      Destination: 'https://idp.example/sso',
      AssertionConsumerServiceURL: plain.sp.acsUrl,
      ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    });
    expect(root.children.map((each) => [each.uri, each.local, textOf(each)])).toEqual([
      [SAML, 'Issuer', plain.sp.entityId],
    ]);
    expect(sent.id).toMatch(/^_/);
  });

  test('has a unique ID, which is returned', () => {
    const ids = Array.from({ length: 100 }, () => buildAuthnRequest(plain).id);
    expect(new Set(ids).size).toBe(100);
    const sent = buildAuthnRequest(plain);
    expect('url' in sent && attribute(inUrl(new URL(sent.url)), 'ID')).toBe(sent.id);
  });

  test('asks for a new proof and for a kind of NameID only where it is notified to', () => {
    const format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
    const root = inUrl(sentUrl({ ...plain, forceAuthn: true, nameIdFormat: format }));
    expect(attribute(root, 'ForceAuthn')).toBe('true');
    const policy = child(root, SAMLP, 'NameIDPolicy');
    expect(Object.fromEntries(policy?.attributes ?? [])).toEqual({ Format: format, AllowCreate: 'true' });
  });

  test('an entity ID can write nothing into it', () => {
    const entityId = '</saml:Issuer><samlp:NameIDPolicy/>&lt;"';
    const root = inUrl(sentUrl({ ...plain, sp: { ...plain.sp, entityId } }));
    expect(root.children.map(textOf)).toEqual([entityId]);
  });
});

describe('by redirect', () => {
  test('unsigned it has no signature, and the relay state as it was', () => {
    const url = sentUrl({ ...plain, relayState: "/people?a=1&b=2+3%20'ü" });
    expect([...url.searchParams.keys()]).toEqual(['SAMLRequest', 'RelayState']);
    expect(url.searchParams.get('RelayState')).toBe("/people?a=1&b=2+3%20'ü");
  });

  test.each([
    [
      'https://accounts.google.com/o/saml2/idp?idpid=C01',
      'https://accounts.google.com/o/saml2/idp?idpid=C01&SAMLRequest=',
    ],
    ['https://idp.example/sso?', 'https://idp.example/sso?SAMLRequest='],
    ['https://idp.example/sso?a=b&', 'https://idp.example/sso?a=b&SAMLRequest='],
    ['https://idp.example/sso', 'https://idp.example/sso?SAMLRequest='],
  ])('the query of %s stays', (address, beginning) => {
    const sent = buildAuthnRequest({ ...plain, idp: { url: address, binding: 'redirect' } });
    expect('url' in sent && sent.url.startsWith(beginning)).toBe(true);
    expect(
      attribute(inUrl(sentUrl({ ...plain, idp: { url: address, binding: 'redirect' } })), 'Destination'),
    ).toBe(address);
  });

  test('samlp verifies the signature, and nothing else than what was signed', async () => {
    const query = Object.fromEntries(sentUrl({ ...plain, signWith: key, forceAuthn: true }).searchParams);
    expect(await readAuthnRequest({ query }, key.certificatePem)).toMatchObject({
      issuer: plain.sp.entityId,
      assertionConsumerServiceURL: plain.sp.acsUrl,
      forceAuthn: 'true',
    });
    const changed = { ...query, RelayState: 'another' };
    await expect(readAuthnRequest({ query: changed }, key.certificatePem)).rejects.toThrow(/does not match/);
  });

  test('a browser changes nothing in the URL', () => {
    const sent = buildAuthnRequest({ ...plain, signWith: key, relayState: `'()*!~ "<>\`{}|\\^[]` });
    if (!('url' in sent)) throw new Error('sent by post');
    expect(new URL(sent.url).href).toBe(sent.url);
  });
});

describe('by post', () => {
  test('the form goes to the provider, with the request in base64 and the relay state', () => {
    const form = sentForm(plain);
    expect(form).toEqual({
      action: plain.idp.url,
      SAMLRequest: expect.any(String),
      RelayState: 'r-1',
    });
    const root = parseXml(Buffer.from(form.SAMLRequest ?? '', 'base64').toString());
    expect(root.children.map((each) => each.local)).toEqual(['Issuer']);
  });

  test('signed, the signature covers the root and follows Issuer; samlp verifies it', async () => {
    const form = sentForm({ ...plain, signWith: key, nameIdFormat: 'urn:x' });
    const root = parseXml(Buffer.from(form.SAMLRequest ?? '', 'base64').toString());
    expect(root.children.map((each) => each.local)).toEqual(['Issuer', 'Signature', 'NameIDPolicy']);
    const { SAMLRequest } = form;
    expect(await readAuthnRequest({ query: {}, body: { SAMLRequest } }, key.certificatePem)).toMatchObject({
      issuer: plain.sp.entityId,
    });
    const other = await issueCertificate();
    await expect(
      readAuthnRequest({ query: {}, body: { SAMLRequest } }, other.certificatePem),
    ).rejects.toThrow(/signature/i);
  });
});
