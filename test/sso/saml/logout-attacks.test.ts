import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type IncomingMessage,
  verifyLogoutRequest,
  verifyLogoutResponse,
} from '../../../src/sso/saml/logout-verification.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { signOctets, signQuery } from '../../support/saml/redirect.ts';
import { sign } from '../../support/saml/sign.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
const THEM = 'https://idp.example/metadata';
const SLO = 'https://rollcall.example/sso/saml/c1/slo';
const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const NAME_ID = '<saml:NameID>alice@example.com</saml:NameID>';
const minutes = (count: number): string => new Date(NOW.getTime() + count * 60_000).toISOString();

let idp: Party;
let other: Party;

beforeAll(async () => {
  [idp, other] = [await makeParty(), await makeParty()];
});

/** What may be wrong with a message; everything else is right. */
interface Flaws {
  readonly name?: string;
  readonly id?: string;
  readonly version?: string;
  readonly issued?: string;
  readonly destination?: string | null;
  readonly issuer?: string | null;
  readonly attributes?: string;
  readonly content?: string;
}

function message({
  name = 'LogoutRequest',
  id = '_m1',
  version = '2.0',
  issued = minutes(0),
  destination = SLO,
  issuer = THEM,
  attributes = '',
  content = NAME_ID,
}: Flaws = {}): string {
  const to = destination === null ? '' : ` Destination="${destination}"`;
  const from = issuer === null ? '' : `<saml:Issuer>${issuer}</saml:Issuer>`;
  return `<samlp:${name} ${NAMESPACES} ID="${id}" Version="${version}" IssueInstant="${issued}"${to} ${attributes}>${from}${content}</samlp:${name}>`;
}

const response = (flaws: Flaws = {}): string =>
  message({
    name: 'LogoutResponse',
    attributes: 'InResponseTo="_q1"',
    content: status('Success'),
    ...flaws,
  });

function status(code: string, second = ''): string {
  const inner =
    second === '' ? '' : `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${second}"/>`;
  return `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${inner}</samlp:StatusCode></samlp:Status>`;
}

const post = (xml: string): IncomingMessage => ({
  binding: 'post',
  value: Buffer.from(xml).toString('base64'),
});

/** Signs the root of a message, whatever it is. */
function signed(xml: string, by = idp): string {
  return sign(xml, /<samlp:(\w+)/.exec(xml)?.[1] ?? '', by, { prefix: 'ds' });
}

const redirect = (
  xml: string,
  parameter: 'SAMLRequest' | 'SAMLResponse' = 'SAMLRequest',
): IncomingMessage => ({
  binding: 'redirect',
  query: signQuery(xml, idp, { parameter }),
});

const expected = () => ({ idp: { entityId: THEM, certificates: [idp] }, destination: SLO, now: NOW });

function outcome(
  verify: typeof verifyLogoutRequest | typeof verifyLogoutResponse,
  incoming: IncomingMessage,
  certificates = [idp],
): string {
  try {
    verify(incoming, { ...expected(), idp: { entityId: THEM, certificates } });
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
  return 'accepted';
}

const onRequest = (incoming: IncomingMessage, certificates = [idp]) =>
  outcome(verifyLogoutRequest, incoming, certificates);
const onResponse = (incoming: IncomingMessage) => outcome(verifyLogoutResponse, incoming);

describe.each([
  ['by redirect', (xml: string) => redirect(xml)],
  ['by post', (xml: string) => post(signed(xml))],
] as const)('a signed request %s', (_, sent) => {
  test('that is right is taken, and ends what it names', () => {
    const content = `${NAME_ID}<samlp:SessionIndex>_s1</samlp:SessionIndex><samlp:SessionIndex> _s2\n</samlp:SessionIndex>`;
    const xml = message({ content, attributes: `NotOnOrAfter="${minutes(3)}"` });
    expect(verifyLogoutRequest(sent(xml), expected())).toEqual({
      id: '_m1',
      nameId: {
        value: 'alice@example.com',
        format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      },
      sessionIndexes: ['_s1', '_s2'],
      replayableUntil: new Date(minutes(4)),
      relayState: undefined,
      certificate: idp,
    });
  });

  test('without an end can be replayed as long as it is young', () => {
    const xml = message({ issued: minutes(-2) });
    expect(verifyLogoutRequest(sent(xml), expected()).replayableUntil).toEqual(new Date(minutes(9)));
  });

  const refused: readonly (readonly [string, Flaws, string])[] = [
    ['of another version', { version: '1.1' }, 'version_unsupported'],
    ['of another issuer', { issuer: 'https://evil.example' }, 'issuer_mismatch'],
    ['of an issuer that only begins alike', { issuer: `${THEM}/` }, 'issuer_mismatch'],
    ['for another address', { destination: 'https://other.example/slo' }, 'destination_mismatch'],
    ['for the ACS address', { destination: SLO.replace('slo', 'acs') }, 'destination_mismatch'],
    ['for no address', { destination: null }, 'destination_mismatch'],
    ['of eleven minutes ago', { issued: minutes(-11) }, 'too_late'],
    ['of the future', { issued: minutes(2) }, 'not_yet_valid'],
    ['of no time', { issued: 'yesterday' }, 'structure_unexpected'],
    ['that is over', { attributes: `NotOnOrAfter="${minutes(-1)}"` }, 'too_late'],
    ['whose end is no time', { attributes: 'NotOnOrAfter="never"' }, 'structure_unexpected'],
    ['about nobody', { content: '' }, 'structure_unexpected'],
    ['about an empty name', { content: '<saml:NameID> </saml:NameID>' }, 'subject_missing'],
    ['about two', { content: NAME_ID + NAME_ID }, 'structure_unexpected'],
    [
      'about somebody encrypted',
      { content: '<saml:EncryptedID><x xmlns="urn:x"/></saml:EncryptedID>' },
      'encryption_refused',
    ],
    ['about a BaseID', { content: '<saml:BaseID/>' }, 'structure_unexpected'],
    [
      'with sessions before the name',
      { content: `<samlp:SessionIndex>1</samlp:SessionIndex>${NAME_ID}` },
      'structure_unexpected',
    ],
    ['with an empty session', { content: `${NAME_ID}<samlp:SessionIndex/>` }, 'structure_unexpected'],
    [
      'with a hundred and one sessions',
      { content: NAME_ID + '<samlp:SessionIndex>1</samlp:SessionIndex>'.repeat(101) },
      'structure_unexpected',
    ],
    ['with an assertion in it', { content: `<saml:Assertion ID="_a"/>${NAME_ID}` }, 'structure_unexpected'],
    ['with text in it', { content: `${NAME_ID}text` }, 'structure_unexpected'],
    ['with a comment in its name', { content: NAME_ID.replace('@', '<!-- -->@') }, 'xml_forbidden'],
    ['with a processing instruction', { content: NAME_ID.replace('alice', '<?x alice?>') }, 'xml_forbidden'],
    [
      'with one ID twice',
      { content: `<samlp:Extensions><x xmlns="urn:x" ID="_m1"/></samlp:Extensions>${NAME_ID}` },
      'ids_not_unique',
    ],
  ];

  test.each(refused)('%s is refused', (_name, flaws, reason) => {
    expect(onRequest(sent(message(flaws)))).toBe(reason);
  });

  test('with extensions is taken, and they mean nothing', () => {
    const content = `<samlp:Extensions><saml:NameID>bob@example.com</saml:NameID></samlp:Extensions>${NAME_ID}`;
    expect(verifyLogoutRequest(sent(message({ content })), expected()).nameId.value).toBe(
      'alice@example.com',
    );
  });

  test.each([
    ['an answer', response()],
    ['an AuthnRequest', message({ name: 'AuthnRequest' })],
    ['a Response', message({ name: 'Response' })],
  ])('is not %s, even if that is signed', (_name, xml) => {
    expect(onRequest(sent(xml))).toBe('structure_unexpected');
  });
});

describe('a request by post', () => {
  test('needs a signature of its own', () => {
    expect(onRequest(post(message()))).toBe('unsigned');
  });

  test('signed by another key is refused, though its certificate comes with it', () => {
    expect(onRequest(post(signed(message(), other)))).toBe('signature_invalid');
  });

  test('counts for nothing where the connection has no certificate', () => {
    expect(onRequest(post(signed(message())), [])).toBe('certificate_missing');
  });

  test('changed after it was signed is refused', () => {
    const changed = signed(message()).replace('alice@example.com', 'bob@example.com');
    expect(onRequest(post(changed))).toBe('digest_mismatch');
  });

  const assertion = `<saml:Assertion ${NAMESPACES} ID="_a1" Version="2.0" IssueInstant="${minutes(0)}"><saml:Issuer>${THEM}</saml:Issuer></saml:Assertion>`;

  test('is not signed by the signature of an assertion inside it (samlify #634)', () => {
    const genuine = sign(assertion, 'Assertion', idp, { prefix: 'ds' });
    const inside = message({ content: `<samlp:Extensions>${genuine}</samlp:Extensions>${NAME_ID}` });
    expect(onRequest(post(inside))).toBe('unsigned');

    const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(genuine) ?? [];
    const behindIssuer = `${signature}<samlp:Extensions>${genuine.replace(signature, '')}</samlp:Extensions>${NAME_ID}`;
    expect(onRequest(post(message({ content: behindIssuer })))).toBe('signature_shape');
  });

  test('is not signed by the signature of a request inside it', () => {
    const genuine = signed(message());
    const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(genuine) ?? [];
    const victim = NAME_ID.replace('alice', 'bob');
    const wrappings = [
      message({ id: '_evil', content: `<samlp:Extensions>${genuine}</samlp:Extensions>${victim}` }),
      message({
        id: '_evil',
        content: `${signature}<samlp:Extensions>${genuine.replace(signature, '')}</samlp:Extensions>${victim}`,
      }),
      message({
        id: '_evil',
        content: signature.replace(
          '</ds:Signature>',
          `<ds:Object>${genuine.replace(signature, '')}</ds:Object></ds:Signature>${victim}`,
        ),
      }),
      message({ id: '_m1', content: `${signature}<samlp:Extensions>${genuine}</samlp:Extensions>${victim}` }),
    ];
    expect(wrappings.map((each) => onRequest(post(each)))).toEqual([
      'unsigned',
      'signature_shape',
      'signature_shape',
      'ids_not_unique',
    ]);
  });

  test('is not taken for its own inside: what is signed is the root', () => {
    const wrapped = `<x xmlns="urn:x">${signed(message())}</x>`;
    expect(onRequest(post(wrapped))).toBe('structure_unexpected');
  });

  test.each([
    ['nothing', '', 'message_missing'],
    ['no base64', '%%%', 'message_malformed'],
    ['deflate', deflated(), 'message_malformed'],
    ['too much', 'A'.repeat(400_000), 'message_too_large'],
    ['a DOCTYPE', b64('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'), 'xml_forbidden'],
    ['HTML', b64('<p>not closed'), 'message_malformed'],
  ])('that is %s is refused', (_, value, reason) => {
    expect(onRequest({ binding: 'post', value })).toBe(reason);
  });

  test('says nothing of its relay state, which nobody signed', () => {
    expect(verifyLogoutRequest(post(signed(message())), expected()).relayState).toBeUndefined();
  });
});

describe('a request by redirect', () => {
  test('is not signed by what is in its XML', () => {
    const [query] = signQuery(signed(message()), idp).split('&SigAlg');
    expect(onRequest({ binding: 'redirect', query: query ?? '' })).toBe('unsigned');
  });

  test('has no signature in its XML (Bindings §3.4.4.1)', () => {
    expect(onRequest(redirect(signed(message())))).toBe('structure_unexpected');
  });

  test('signed by another key is refused', () => {
    expect(onRequest({ binding: 'redirect', query: signQuery(message(), other) })).toBe('signature_invalid');
  });

  test('that is no XML, or XML that no provider sends, is refused even if it is signed', () => {
    const entity = '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>';
    expect(onRequest(redirect(entity))).toBe('xml_forbidden');
    expect(onRequest(redirect('no XML'))).toBe('message_malformed');
    const deep = Buffer.from('<a>'.repeat(5_000));
    expect(onRequest({ binding: 'redirect', query: signOctets(deflateRawSync(deep), idp) })).toBe(
      'xml_forbidden',
    );
  });

  test('without an issuer is refused', () => {
    expect(onRequest(redirect(message({ issuer: null })))).toBe('issuer_mismatch');
  });

  test('without an ID, or with one that none can be, is refused', () => {
    expect(onRequest(redirect(message({ id: '' })))).toBe('structure_unexpected');
    expect(onRequest(redirect(message({ id: 'a b' })))).toBe('structure_unexpected');
    expect(onRequest(redirect(message().replace(' ID="_m1"', '')))).toBe('structure_unexpected');
  });
});

describe.each([
  ['by redirect', (xml: string) => redirect(xml, 'SAMLResponse')],
  ['by post', (xml: string) => post(signed(xml))],
] as const)('an answer %s', (_, sent) => {
  test.each([
    [status('Success'), 'success', 'Success'],
    [status('Success', 'PartialLogout'), 'partial', 'Success PartialLogout'],
    [status('Responder', 'PartialLogout'), 'partial', 'Responder PartialLogout'],
    [status('Requester', 'RequestDenied'), 'failure', 'Requester RequestDenied'],
    [status('Responder').replace('status:', 'status:x:'), 'failure', 'unknown'],
  ])('with %s is a %s', (content, result, codes) => {
    expect(verifyLogoutResponse(sent(response({ content })), expected())).toMatchObject({
      id: '_m1',
      inResponseTo: '_q1',
      outcome: result,
      status: codes,
    });
  });

  test.each([
    ['to no request', { attributes: '' }, 'structure_unexpected'],
    ['without a status', { content: '' }, 'structure_unexpected'],
    ['without a code', { content: '<samlp:Status/>' }, 'structure_unexpected'],
    ['with two', { content: status('Responder') + status('Success') }, 'structure_unexpected'],
    ['of another issuer', { issuer: 'https://evil.example' }, 'issuer_mismatch'],
    ['for another address', { destination: 'https://other.example' }, 'destination_mismatch'],
    ['of eleven minutes ago', { issued: minutes(-11) }, 'too_late'],
    ['that is a request', { name: 'LogoutRequest' }, 'structure_unexpected'],
  ] as const)('%s is refused', (_name, flaws, reason) => {
    expect(onResponse(sent(response(flaws)))).toBe(reason);
  });
});

test('an answer is no request, by whatever parameter it comes', () => {
  expect(onRequest(redirect(response(), 'SAMLResponse'))).toBe('message_missing');
  expect(onResponse(redirect(message(), 'SAMLRequest'))).toBe('message_missing');
  expect(onResponse(redirect(message(), 'SAMLResponse'))).toBe('structure_unexpected');
  expect(onResponse(post(signed(message())))).toBe('structure_unexpected');
});

function b64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function deflated(): string {
  return deflateRawSync(Buffer.from(message())).toString('base64');
}
