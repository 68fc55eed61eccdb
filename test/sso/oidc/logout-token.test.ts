import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OidcClient } from '../../../src/oidc/client.ts';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import {
  CLIENT_ID,
  createSigningKey,
  type HostileProvider,
  hmacJwt,
  type Json,
  signJwt,
  startHostileProvider,
  unsignedJwt,
} from '../../support/oidc/hostile-provider.ts';
import { connectionTo, refusal } from '../../support/oidc/sign-in.ts';

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now: () => new Date() });
const stranger = createSigningKey('RS256', 'k1');
const seconds = () => Math.floor(Date.now() / 1_000);

let provider: HostileProvider;
let client: OidcClient;
beforeAll(async () => {
  provider = await startHostileProvider();
  client = await connectionTo(party, provider);
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const good = { nonce: undefined, sid: 's-1', jti: 'j-1', events: EVENTS };
const token = (claims: Json = {}, header: Json = { typ: 'logout+jwt' }) =>
  provider.idToken({ ...good, ...claims }, header);

describe('a logout token', () => {
  test('names the subject, the session and itself', async () => {
    const exp = seconds() + 120;
    expect(await party.verifyLogoutToken(client, token({ exp }))).toEqual({
      subject: 'u-1',
      sid: 's-1',
      jti: 'j-1',
      expiresAt: new Date((exp + 60) * 1_000),
    });
  });

  test('may name the subject alone, or the session alone', async () => {
    expect(await party.verifyLogoutToken(client, token({ sid: undefined }))).not.toHaveProperty('sid');
    expect(await party.verifyLogoutToken(client, token({ sub: undefined }))).not.toHaveProperty('subject');
  });

  test.each([undefined, 'JWT', 'logout+jwt', 'application/logout+JWT'])(
    'of the type %s is accepted',
    async (typ) => {
      expect((await party.verifyLogoutToken(client, token({}, { typ }))).jti).toBe('j-1');
    },
  );

  test('need not be remembered for longer than it is accepted', async () => {
    const iat = seconds();
    const { expiresAt } = await party.verifyLogoutToken(client, token({ iat, exp: iat + 10_000_000 }));
    expect(expiresAt).toEqual(new Date((iat + 660) * 1_000));
    expect((await refusal(party.verifyLogoutToken(client, token({ iat: iat - 665 })))).reason).toBe(
      'logout_token_invalid',
    );
  });

  test.each<[string, () => string, RegExp]>([
    ['without a signature', () => unsignedJwt({ alg: 'none' }, provider.claims(good)), /alg/],
    ['with an HMAC', () => hmacJwt(provider.claims(good), 'x', { kid: 'k1' }), /alg/],
    ['of an attacker', () => signJwt(provider.claims(good), stranger), /signature/],
    ['of another type', () => token({}, { typ: 'at+jwt' }), /typ/],
    ['that is an ID token', () => provider.idToken(), /events/],
    ['with a nonce', () => token({ nonce: 'n' }), /nonce/],
    ['with an empty nonce', () => token({ nonce: null }), /nonce/],
    ['without events', () => token({ events: undefined }), /events/],
    ['with another event', () => token({ events: { other: {} } }), /events/],
    ['whose event is text', () => token({ events: { [Object.keys(EVENTS)[0] ?? '']: 'x' } }), /events/],
    ['whose events are a list', () => token({ events: Object.keys(EVENTS) }), /events/],
    ['without a subject', () => token({ sub: undefined, sid: undefined }), /sub/],
    ['about a number', () => token({ sub: 1 }), /sub/],
    ['about an empty session', () => token({ sid: '' }), /sid/],
    ['without an id', () => token({ jti: undefined }), /jti/],
    ['with an id that is a list', () => token({ jti: ['j-1'] }), /jti/],
    ['with an id without end', () => token({ jti: 'x'.repeat(256) }), /jti/],
    ['without an end', () => token({ exp: undefined }), /exp/],
    ['that has ended', () => token({ exp: seconds() - 61 }), /exp/],
    ['from the future', () => token({ iat: seconds() + 65 }), /iat/],
    ['of another issuer', () => token({ iss: 'https://other.example' }), /iss/],
    ['for another client', () => token({ aud: 'other' }), /aud/],
    ['that is too long', () => token({ padding: 'x'.repeat(16_000) }), /too long/],
    ['that is empty', () => '', /JWS/],
  ])('%s is rejected', async (_, make, detail) => {
    const offered = make();
    const refused = await refusal(party.verifyLogoutToken(client, offered), offered);
    expect(refused).toEqual({ reason: 'logout_token_invalid', detail: expect.stringMatching(detail) });
  });

  test('of a provider whose keys cannot be had is rejected for that', async () => {
    provider.answers.set('/keys', (_request, response) => response.writeHead(500).end());
    const fresh = { ...client, connectionId: 'c-2' };
    expect((await refusal(party.verifyLogoutToken(fresh, token()))).reason).toBe('provider_unreachable');
  });
});

describe('the address that ends the session at the provider', () => {
  test('is undefined if the provider has none', () => {
    expect(party.endSessionUrl(client, {})).toBeUndefined();
  });

  test('keeps its own query and names the client', () => {
    const metadata = { ...client.metadata, end_session_endpoint: 'https://idp.example/end?tenant=7' };
    const url = party.endSessionUrl({ ...client, metadata }, { idTokenHint: 'x.y.z', state: 'a&b' });
    expect(url).toBe(
      `https://idp.example/end?tenant=7&client_id=${CLIENT_ID}&id_token_hint=x.y.z&state=a%26b`,
    );
  });
});
