import { beforeAll, describe, expect, test } from '@jest/globals';
import { type IncomingMessage, verifyLogoutRequest } from '../../../src/saml/logout.ts';
import {
  expecting,
  type Flaws,
  minutes,
  NAME_ID,
  post,
  reasonOf,
  redirect,
  request,
  response,
  SLO,
  signed,
  THEM,
} from '../../support/saml/logout-messages.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';

let idp: Party;

beforeAll(async () => {
  idp = await makeParty();
});

const onRequest = (incoming: IncomingMessage) =>
  reasonOf(() => verifyLogoutRequest(incoming, expecting(idp)));

describe.each([
  ['by redirect', (xml: string) => redirect(xml, idp)],
  ['by post', (xml: string) => post(signed(xml, idp))],
] as const)('a signed request %s', (_, sent) => {
  test('that is right is accepted, and ends what it names', () => {
    const content = `${NAME_ID}<samlp:SessionIndex>_s1</samlp:SessionIndex><samlp:SessionIndex> _s2\n</samlp:SessionIndex>`;
    const xml = request({ content, attributes: `NotOnOrAfter="${minutes(3)}"` });
    expect(verifyLogoutRequest(sent(xml), expecting(idp))).toEqual({
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
    const xml = request({ issued: minutes(-2) });
    expect(verifyLogoutRequest(sent(xml), expecting(idp)).replayableUntil).toEqual(new Date(minutes(9)));
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
    ['that has expired', { attributes: `NotOnOrAfter="${minutes(-1)}"` }, 'too_late'],
    ['whose end is no time', { attributes: 'NotOnOrAfter="never"' }, 'structure_unexpected'],
    ['without a subject', { content: '' }, 'structure_unexpected'],
    ['about an empty name', { content: '<saml:NameID> </saml:NameID>' }, 'subject_missing'],
    ['about two', { content: NAME_ID + NAME_ID }, 'structure_unexpected'],
    [
      'with an encrypted subject',
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

  test.each(refused)('%s is rejected', (_name, flaws, reason) => {
    expect(onRequest(sent(request(flaws)))).toBe(reason);
  });

  test('with extensions is accepted, and they mean nothing', () => {
    const content = `<samlp:Extensions><saml:NameID>bob@example.com</saml:NameID></samlp:Extensions>${NAME_ID}`;
    expect(verifyLogoutRequest(sent(request({ content })), expecting(idp)).nameId.value).toBe(
      'alice@example.com',
    );
  });

  test.each([
    ['an answer', response()],
    ['an AuthnRequest', request({ name: 'AuthnRequest' })],
    ['a Response', request({ name: 'Response' })],
  ])('is not %s, even if that is signed', (_name, xml) => {
    expect(onRequest(sent(xml))).toBe('structure_unexpected');
  });
});
