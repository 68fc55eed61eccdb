import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { readMessage } from '../../../src/saml/bindings.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from '../../../src/saml/envelope.ts';
import { type VerifiedAssertion, verifyResponse } from '../../../src/saml/response.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import { honest, SP } from '../../support/saml/content.ts';
import { issueCertificate } from '../../support/saml/issue-certificate.ts';
import { issueWithSamlp, type SamlpOptions } from '../../support/saml/issue-with-samlp.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { encode, issue, PROVIDERS } from '../../support/saml/providers.ts';

let party: Party;
let ours: { readonly privateKeyPem: string; readonly certificatePem: string };
let idp: SamlIdentityProvider;
let sp: SamlServiceProvider;

beforeAll(async () => {
  [party, ours] = await Promise.all([makeParty(), issueCertificate({ name: 'CN=Rollcall' })]);
  idp = { entityId: honest().issuer, certificates: [party], encryption: 'optional' };
  sp = { ...SP, decryptionKeys: [createPrivateKey(ours.privateKeyPem)] };
});

function refusal(message: string, now = new Date()): string | VerifiedAssertion {
  try {
    return verifyResponse(readMessage(message), sp, idp, now);
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
}

/** What another implementation reads, which is lenient where we are strict. */
async function readByNodeSaml(
  message: string,
  signed: 'Assertion' | 'Response',
): Promise<string | undefined> {
  const saml = new SAML({
    callbackUrl: SP.acsUrl,
    issuer: SP.entityId,
    audience: SP.entityId,
    idpIssuer: idp.entityId,
    idpCert: party.certificatePem,
    decryptionPvk: ours.privateKeyPem,
    wantAssertionsSigned: signed === 'Assertion',
    wantAuthnResponseSigned: signed === 'Response',
    validateInResponseTo: ValidateInResponseTo.never,
  });
  return (await saml.validatePostResponseAsync({ SAMLResponse: message })).profile?.nameID;
}

describe('@node-saml/node-saml', () => {
  test.each(Object.entries(PROVIDERS))('reads the same name from a response of %s', async (_, provider) => {
    const message = encode(issue(provider, honest({ now: new Date() }), party));
    const name = await readByNodeSaml(message, provider.signs[0] ?? 'Assertion');
    expect(refusal(message)).toMatchObject({ nameId: { value: name } });
    expect(name).toBe('alice@example.com');
  });
});

describe('the identity provider samlp', () => {
  const wishes: readonly SamlpOptions[] = [
    {},
    { signatureNamespacePrefix: 'ds' },
    { typedAttributes: true },
    { signResponse: true },
    { signResponse: true, signAssertion: false },
    { inResponseTo: '_q5b6a7c8d' },
  ];

  test.each(wishes)('issues responses that we and node-saml accept: %j', async (each) => {
    const xml = await issueWithSamlp(party, { ...SP, issuer: idp.entityId }, each);
    expect(refusal(encode(xml))).toMatchObject({
      nameId: { value: 'alice@example.com' },
      inResponseTo: each.inResponseTo,
      attributes: expect.arrayContaining([
        { name: 'http://schemas.passportjs.com/groups', values: ['Support Team', 'Everyone'] },
      ]),
    });
    expect(await readByNodeSaml(encode(xml), each.signAssertion === false ? 'Response' : 'Assertion')).toBe(
      'alice@example.com',
    );
  });

  test.each(['aes256-cbc', 'aes128-cbc', 'aes256-gcm'])('encrypts with %s what we read', async (name) => {
    const namespace = name.endsWith('gcm')
      ? 'http://www.w3.org/2009/xmlenc11#'
      : 'http://www.w3.org/2001/04/xmlenc#';
    const xml = await issueWithSamlp(
      party,
      { ...SP, issuer: idp.entityId },
      {
        encryptionCert: ours.certificatePem,
        encryptionPublicKey: ours.certificatePem,
        encryptionAlgorithm: namespace + name,
      },
    );
    expect(xml).toContain('EncryptedAssertion');
    expect(refusal(encode(xml))).toMatchObject({ nameId: { value: 'alice@example.com' } });
  });

  test('signs with SHA-1 if it is notified to, and we reject it', async () => {
    const weak = { signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' } as const;
    expect(refusal(encode(await issueWithSamlp(party, { ...SP, issuer: idp.entityId }, weak)))).toBe(
      'algorithm_refused',
    );
  });
});
