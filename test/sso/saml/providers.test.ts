import { beforeAll, expect, test } from '@jest/globals';
import { readMessage } from '../../../src/saml/bindings.ts';
import type { SamlIdentityProvider } from '../../../src/saml/envelope.ts';
import { verifyResponse } from '../../../src/saml/response.ts';
import { honest, NOW, SP } from '../../support/saml/content.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { encode, issue, PROVIDERS } from '../../support/saml/providers.ts';

let party: Party;
let idp: SamlIdentityProvider;
const sp = { ...SP, decryptionKeys: [] };

beforeAll(async () => {
  party = await makeParty();
  idp = { entityId: honest().issuer, certificates: [party], encryption: 'off' };
});

test.each(Object.entries(PROVIDERS))('a response as %s issues it is accepted', (_, provider) => {
  const xml = issue(provider, honest(), party);
  expect(verifyResponse(readMessage(encode(xml)), sp, idp, NOW)).toMatchObject({
    assertionId: '_a7f1c2d3e',
    inResponseTo: '_q5b6a7c8d',
    issuer: 'https://idp.example/metadata',
    nameId: { value: 'alice@example.com' },
    sessionIndex: '_s1',
    authnInstant: '2026-11-27T11:59:00.000Z',
    authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    validUntil: '2026-11-27T12:11:00.000Z',
    attributes: [
      { name: 'email', values: ['alice@example.com'] },
      { name: 'displayName', values: ['Alice "A" Liddell & Söhne <1>'] },
      { name: 'memberOf', values: ['Support Team', 'Everyone'] },
    ],
    usedCertificate: party.fingerprint,
    certificateExpired: false,
  });
});
