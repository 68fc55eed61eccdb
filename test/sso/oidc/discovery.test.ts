import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRelyingParty } from '../../../src/oidc/relying-party.ts';
import { createOutbound } from '../../../src/platform/http-client/http-client.ts';
import {
  type HostileProvider,
  type Json,
  startHostileProvider,
} from '../../support/oidc/hostile-provider.ts';
import { refusal } from '../../support/oidc/sign-in.ts';

const now = () => new Date();
const party = createRelyingParty({ outbound: createOutbound({ allowPrivate: true }), now });
const guarded = createRelyingParty({ outbound: createOutbound({ allowPrivate: false }), now });
const WELL_KNOWN = '/.well-known/openid-configuration';

let provider: HostileProvider;
beforeAll(async () => {
  provider = await startHostileProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const misconfigured = (detail: string | RegExp) => ({
  reason: 'provider_misconfigured',
  detail: expect.stringMatching(detail),
});

describe('discovery', () => {
  test('keeps the used fields, as plain JSON', async () => {
    provider.metadata = {
      end_session_endpoint: null,
      userinfo_endpoint: `${provider.issuer}/me`,
      id_token_signing_alg_values_supported: ['none', 'HS256', 'ES256', 'RS256'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      claims_supported: ['sub'],
    };
    const metadata = await party.discover(provider.issuer);
    expect(metadata).toEqual({
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      jwks_uri: `${provider.issuer}/keys`,
      userinfo_endpoint: `${provider.issuer}/me`,
      id_token_signing_alg_values_supported: ['ES256', 'RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: false,
    });
    expect(JSON.parse(JSON.stringify(metadata))).toEqual(metadata);
  });

  test('finds the document below an issuer with a path, with one slash', async () => {
    for (const path of ['/tenant/v2.0', '/tenant/v2.0/']) {
      const issuer = `${provider.issuer}${path}`;
      provider.metadata = { issuer };
      provider.answers.set(`/tenant/v2.0${WELL_KNOWN}`, (_request, response) => {
        const endpoints = { authorization_endpoint: issuer, token_endpoint: issuer, jwks_uri: issuer };
        const algorithms = { id_token_signing_alg_values_supported: ['RS256'] };
        response.end(JSON.stringify({ issuer, ...endpoints, ...algorithms }));
      });
      expect((await party.discover(issuer)).issuer).toBe(issuer);
    }
  });

  test.each(['https://other.example', 'HTTP://127.0.0.1', ''])(
    'of an issuer that calls itself %j is rejected',
    async (issuer) => {
      provider.metadata = { issuer };
      expect(await refusal(party.discover(provider.issuer))).toEqual(misconfigured('names the issuer'));
    },
  );

  test('takes the issuer by the letter: a slash more is another one', async () => {
    provider.metadata = { issuer: `${provider.issuer}/` };
    const { detail } = await refusal(party.discover(provider.issuer));
    expect(detail).toBe(
      `The discovery document names the issuer “${provider.issuer}/”; configure exactly that.`,
    );
  });

  test('repeats no more than a line of what a provider calls itself', async () => {
    provider.metadata = { issuer: `https://x\n\u001b[31m${'y'.repeat(10_000)}` };
    const { detail } = await refusal(party.discover(provider.issuer));
    expect(detail).toMatch(/^[\x20-\x7e“”…’\ufffd]+$/);
    expect(detail.length).toBeLessThan(300);
  });

  test.each<[string, Json, RegExp]>([
    ['no token endpoint', { token_endpoint: undefined }, /token_endpoint/],
    ['no keys', { jwks_uri: undefined }, /jwks_uri/],
    ['no algorithms', { id_token_signing_alg_values_supported: undefined }, /id_token_signing/],
    ['an invalid endpoint', { token_endpoint: 'token' }, /token_endpoint/],
    ['an endpoint that is a list', { jwks_uri: ['https://idp.example/keys'] }, /jwks_uri/],
    ['an endpoint without TLS', { token_endpoint: 'http://idp.example/token' }, /token_endpoint.*https/],
    [
      'an authorization endpoint that is a script',
      { authorization_endpoint: 'javascript:x' },
      /authorization_endpoint/,
    ],
    ['an endpoint with a password', { jwks_uri: 'https://a:b@idp.example/keys' }, /jwks_uri/],
    ['an endpoint with a fragment', { authorization_endpoint: 'https://idp.example/a#b' }, /fragment/],
    [
      'an end of session that is a file',
      { end_session_endpoint: 'file:///etc/passwd' },
      /end_session_endpoint/,
    ],
    [
      'only symmetric algorithms',
      { id_token_signing_alg_values_supported: ['HS256', 'none'] },
      /no algorithm/,
    ],
    ['only the implicit flow', { response_types_supported: ['id_token'] }, /authorization code flow/],
    ['only plain PKCE', { code_challenge_methods_supported: ['plain'] }, /S256/],
    ['flags that are text', { authorization_response_iss_parameter_supported: 'false' }, /iss_parameter/],
  ])('with %s is rejected', async (_, metadata, detail) => {
    provider.metadata = metadata;
    expect(await refusal(party.discover(provider.issuer))).toEqual(misconfigured(detail));
  });

  test.each([
    'https://login.microsoftonline.com/common/v2.0',
    'https://login.microsoftonline.com/organizations/v2.0',
    'https://login.microsoftonline.com/Consumers/v2.0',
    'https://login.microsoftonline.com/{tenantid}/v2.0',
    'https://login.microsoftonline.com/common',
    'https://login.microsoftonline.us/common/v2.0',
  ])('of %s is rejected with what to configure instead', async (issuer) => {
    expect(await refusal(guarded.discover(issuer))).toEqual(misconfigured('one connection per tenant'));
  });

  test.each<[string, RegExp]>([
    ['idp.example', /not a valid URL/],
    ['http://idp.example', /https/],
    ['https://idp.example?x=1', /query/],
    ['https://idp.example/?', /query/],
    ['https://idp.example/#x', /query/],
    ['https://user:pass@idp.example', /password/],
    ['https://idp.example/.well-known/openid-configuration', /before/],
  ])('of the issuer %s is rejected before any request is sent', async (issuer, detail) => {
    expect(await refusal(guarded.discover(issuer))).toEqual(misconfigured(detail));
  });

  test.each([
    'https://127.0.0.1',
    'https://10.1.2.3',
    'https://169.254.169.254',
    'https://[::1]',
    'http://127.0.0.1',
  ])('of %s, in a private network, is rejected', async (issuer) => {
    expect((await refusal(guarded.discover(issuer))).reason).toBe('provider_misconfigured');
  });

  test('into a private network is rejected when the name leads there', async () => {
    const resolve = async () => [{ address: '10.0.0.1', family: 4 }];
    const inward = createRelyingParty({ outbound: createOutbound({ allowPrivate: false, resolve }), now });
    expect(await refusal(inward.discover('https://idp.example'))).toEqual(misconfigured('no public address'));
  });

  test('whose endpoints are in a private network is rejected', async () => {
    // As a public provider would be answered for by a guard that lets only its own address pass.
    const open = createOutbound({ allowPrivate: true });
    const strict = createOutbound({ allowPrivate: false });
    const outbound = {
      ...open,
      urlProblem: (url: string, httpsOnly?: boolean) =>
        url.startsWith(provider.issuer) ? undefined : strict.urlProblem(url, httpsOnly),
    };
    provider.metadata = { token_endpoint: 'https://192.168.0.1/token' };
    const inward = createRelyingParty({ outbound, now });
    expect(await refusal(inward.discover(provider.issuer))).toEqual(
      misconfigured(/token_endpoint.*no public/),
    );
  });

  test('does not follow a redirect', async () => {
    provider.answers.set(WELL_KNOWN, (_request, response) => {
      response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    expect(await refusal(party.discover(provider.issuer))).toEqual(misconfigured('status 302'));
    expect(provider.requested).toEqual([WELL_KNOWN]);
  });

  test.each<[string, string]>([
    ['larger than any', `{"issuer":"${'x'.repeat(128 * 1024)}"}`],
    ['HTML', '<!doctype html>'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nested without end', '['.repeat(100_000)],
  ])('of a document that is %s is rejected', async (_, body) => {
    provider.answers.set(WELL_KNOWN, (_request, response) => response.end(body));
    expect((await refusal(party.discover(provider.issuer))).reason).toBe('provider_misconfigured');
  });

  test('of no one is a provider that cannot be reached', async () => {
    const gone = await startHostileProvider();
    await gone.close();
    expect(await refusal(party.discover(gone.issuer))).toEqual({
      reason: 'provider_unreachable',
      detail: 'The discovery document: The connection failed (ECONNREFUSED).',
    });
  });

  test('asks as Rollcall, for JSON, uncompressed', async () => {
    let headers: Json = {};
    provider.answers.set(WELL_KNOWN, (request, response) => {
      headers = request.headers;
      response.end();
    });
    await refusal(party.discover(provider.issuer));
    expect(headers).toMatchObject({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'Rollcall-SSO/1.0',
    });
  });
});
