import { beforeAll, describe, expect, test } from '@jest/globals';
import { SAML as NodeSaml } from '@node-saml/node-saml';
import { type IncomingMessage, verifyLogoutRequest, verifyLogoutResponse } from '../../../src/saml/logout.ts';
import {
  buildLogoutRequest,
  buildLogoutResponse,
  type LogoutOutcome,
  type OutgoingLogoutRequest,
  type SentMessage,
} from '../../../src/saml/requests.ts';
import { makeParty, type Party } from '../../support/saml/party.ts';
import { logoutAtSamlp, type Participant, type SamlpAnswer } from '../../support/saml/samlp.ts';

const now = new Date();
const US = 'https://rollcall.example/sso/saml/c1';
const THEM = 'https://idp.example/metadata';
const OUR_SLO = 'https://rollcall.example/sso/saml/c1/slo';
const THEIR_SLO = 'https://idp.example/slo?tenant=1';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const alice = { value: 'alice&co@example.com', format: EMAIL, nameQualifier: THEM, spNameQualifier: US };
let us: Party;
let them: Party;

beforeAll(async () => {
  [us, them] = [await makeParty(), await makeParty()];
});

/** We as a user who signs. */
const keyOf = (party: Party) => ({
  certificatePem: party.certificatePem,
  privateKeyPem: party.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
});

const outgoing = (binding: 'redirect' | 'post'): OutgoingLogoutRequest => ({
  sp: { entityId: US },
  idp: { url: THEIR_SLO, binding },
  relayState: 'r 1',
  signWith: keyOf(us),
  nameId: alice,
  sessionIndexes: ['_s1', '_s2'],
  now,
});

/** A message of ours as the other side receives it. */
function received(sent: SentMessage): IncomingMessage {
  if ('url' in sent) return { binding: 'redirect', query: sent.url.slice(sent.url.indexOf('?') + 1) };
  return { binding: 'post', value: sent.form.SAMLRequest ?? sent.form.SAMLResponse ?? '' };
}

/** What they expect of us. */
const atTheirs = () => ({ idp: { entityId: US, certificates: [us] }, destination: THEIR_SLO, now });
/** What we expect of them. */
const atOurs = () => ({ idp: { entityId: THEM, certificates: [them] }, destination: OUR_SLO, now });

describe('what we send', () => {
  test.each(['redirect', 'post'] as const)('a request by %s is what we would take ourselves', (binding) => {
    const sent = buildLogoutRequest(outgoing(binding));
    expect(verifyLogoutRequest(received(sent), atTheirs())).toEqual({
      id: sent.id,
      nameId: alice,
      sessionIndexes: ['_s1', '_s2'],
      // Five minutes, and one for the clocks.
      replayableUntil: new Date(now.getTime() + 6 * 60_000),
      relayState: binding === 'redirect' ? 'r 1' : undefined,
      certificate: us,
    });
  });

  test.each([
    ['redirect', 'success', 'Success'],
    ['redirect', 'requester', 'Requester'],
    ['post', 'responder', 'Responder'],
  ] as const)('an answer by %s has the status %s', (binding, outcome: LogoutOutcome, status) => {
    const { nameId, sessionIndexes, ...rest } = outgoing(binding);
    const sent = buildLogoutResponse({ ...rest, inResponseTo: '_q1', outcome });
    expect(verifyLogoutResponse(received(sent), atTheirs())).toMatchObject({
      id: sent.id,
      inResponseTo: '_q1',
      outcome: outcome === 'success' ? 'success' : 'failure',
      status,
    });
  });

  test('node-saml verifies our request and our answer in a URL', async () => {
    const theirs = new NodeSaml({
      issuer: THEM,
      callbackUrl: THEM,
      idpIssuer: US,
      idpCert: us.certificatePem,
    });
    const { nameId, sessionIndexes, ...rest } = {
      ...outgoing('redirect'),
      idp: { url: 'https://idp.example/slo', binding: 'redirect' as const },
    };
    const [request, answer] = [
      buildLogoutRequest({ ...rest, nameId, sessionIndexes }),
      buildLogoutResponse({ ...rest, inResponseTo: '_q1', outcome: 'success' }),
    ].map((sent) => new URL('url' in sent ? sent.url : ''));
    const verify = (url: URL | undefined) =>
      theirs.validateRedirectAsync(Object.fromEntries(url?.searchParams ?? []), url?.search.slice(1) ?? '');
    expect(await verify(request)).toMatchObject({
      loggedOut: true,
      profile: { issuer: US, nameID: alice.value, nameIDFormat: EMAIL, sessionIndex: '_s1' },
    });
    expect(await verify(answer)).toEqual({ profile: null, loggedOut: true });
    request?.searchParams.set('RelayState', 'another');
    await expect(verify(request)).rejects.toThrow(/signature/);
  });

  test('node-saml verifies our request in a form', async () => {
    const theirs = new NodeSaml({
      issuer: THEM,
      callbackUrl: THEM,
      idpIssuer: US,
      idpCert: us.certificatePem,
    });
    const sent = buildLogoutRequest(outgoing('post'));
    const SAMLRequest = 'form' in sent ? (sent.form.SAMLRequest ?? '') : '';
    expect(await theirs.validatePostRequestAsync({ SAMLRequest })).toMatchObject({
      profile: { ID: sent.id, nameID: alice.value },
    });
  });
});

describe('what providers send', () => {
  const HTTP = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';
  const participant = (): Participant => ({
    serviceProviderId: US,
    nameId: alice.value.replace('&', '+'),
    nameIdFormat: EMAIL,
    sessionIndex: '_s1',
    serviceProviderLogoutURL: OUR_SLO,
    cert: us.certificatePem,
  });
  const options = (binding: 'Redirect' | 'POST') => ({
    issuer: THEM,
    cert: them.certificatePem,
    key: keyOf(them).privateKeyPem,
    protocolBinding: HTTP + binding,
    deflate: binding === 'Redirect',
    destination: OUR_SLO,
  });

  /** An answer of samlp as the request that we receive. */
  function asIncomingMessage(answer: SamlpAnswer): IncomingMessage {
    if ('location' in answer) return { binding: 'redirect', query: new URL(answer.location).search.slice(1) };
    const [, value = ''] = /name="SAMLRe\w+"\s+value="([^"]+)"/.exec(answer.page) ?? [];
    return { binding: 'post', value };
  }

  test.each(['Redirect', 'POST'] as const)('a request of samlp by %s is read', async (binding) => {
    const answer = await logoutAtSamlp({ query: {} }, options(binding), [participant()]);
    expect(verifyLogoutRequest(asIncomingMessage(answer), { ...atOurs(), now: new Date() })).toMatchObject({
      nameId: { value: participant().nameId, format: EMAIL },
      sessionIndexes: ['_s1'],
      certificate: them,
    });
  });

  test.each(['Redirect', 'POST'] as const)(
    'samlp takes our request, and we its answer by %s',
    async (binding) => {
      const sent = buildLogoutRequest({
        ...outgoing('redirect'),
        nameId: { ...alice, value: participant().nameId },
        now: new Date(),
      });
      const query = Object.fromEntries(new URL('url' in sent ? sent.url : '').searchParams);
      const answer = await logoutAtSamlp({ query }, options(binding), [participant()]);
      expect(verifyLogoutResponse(asIncomingMessage(answer), { ...atOurs(), now: new Date() })).toMatchObject(
        {
          inResponseTo: sent.id,
          outcome: 'success',
        },
      );
    },
  );

  test('a request of node-saml in a URL is read', async () => {
    const theirs = new NodeSaml({
      issuer: THEM,
      callbackUrl: THEM,
      entryPoint: OUR_SLO,
      logoutUrl: OUR_SLO,
      idpCert: us.certificatePem,
      privateKey: keyOf(them).privateKeyPem,
      signatureAlgorithm: 'sha512',
    });
    const profile = { issuer: US, nameID: alice.value, nameIDFormat: EMAIL, sessionIndex: '_s9' };
    const url = new URL(await theirs.getLogoutUrlAsync(profile, 'their-state', {}));
    const message = { binding: 'redirect', query: url.search.slice(1) } as const;
    expect(verifyLogoutRequest(message, { ...atOurs(), now: new Date() })).toMatchObject({
      nameId: { value: alice.value },
      sessionIndexes: ['_s9'],
      relayState: 'their-state',
    });
  });
});
