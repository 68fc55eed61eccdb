import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Browser, createBrowser, type Page } from '../support/browser.ts';
import { type HostileProvider, startHostileProvider } from '../support/oidc/hostile-provider.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

const WELL_KNOWN = '/.well-known/openid-configuration';

/** What clients without an account, or other sites' pages, can cause. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let provider: HostileProvider;
let oidc: string;
let publicUrl: string;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY, allowPrivateProviders: true });
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  provider = await startHostileProvider();
  const { body } = await owner.post('/sso/connections', {
    name: 'Hostile',
    protocol: 'oidc',
    provider: 'generic',
    settings: { issuer: provider.issuer, clientId: 'rollcall', clientAuth: 'client_secret_post' },
    clientSecret: 'secret-of-the-client',
  });
  oidc = body.id;
  await rollcall.rollcall.db.search(
    `update sso_connections set state = 'active', provisioning = $2 where connection_id = $1`,
    [oidc, JSON.stringify({ enabled: true, allowedDomains: ['hostile.example'] })],
  );
});
afterAll(async () => {
  await provider.close();
  await rollcall.close();
});
beforeEach(() => provider.reset());

const isIn = async (browser: Browser): Promise<boolean> =>
  (await browser.get(`${publicUrl}/`)).text.includes('Sign out');
const elsewhere = (text: string): Page => ({
  url: new URL('https://evil.example/'),
  status: 200,
  headers: {},
  text,
});

/** @returns where the provider sends the browser back to */
async function answeredByOidc(browser: Browser): Promise<string> {
  const begun = await browser.get(`${publicUrl}/sso/${oidc}/start`, {
    stopAt: ({ href }) => href.startsWith(provider.issuer),
  });
  const [nonce = '', state = ''] = ['nonce', 'state'].map((name) => begun.url.searchParams.get(name) ?? '');
  const sub = randomBytes(6).toString('hex');
  const said = { nonce, sub, email: `p-${sub}@hostile.example`, email_verified: true };
  provider.tokens = { id_token: provider.idToken(said) };
  provider.userinfo = { sub };
  return `${publicUrl}/sso/oidc/${oidc}/callback?code=c&state=${state}`;
}

describe('a provider of ours', () => {
  const requested = (path: string) => provider.requested.filter((each) => each === path).length;

  test('is not asked to describe itself for every sign-in that an unauthenticated client begins', async () => {
    const begins = () => request(rollcall.server).get(`/sso/${oidc}/start`).redirects(0);
    const answers = await Promise.all(Array.from({ length: 20 }, begins));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 303));
    expect(requested(WELL_KNOWN)).toBeLessThanOrEqual(1);
  });

  test('is called again immediately after it could not be reached', async () => {
    const other = await startHostileProvider();
    await rollcall.rollcall.db.search(
      `update sso_connections set settings = settings || jsonb_build_object('issuer', $2::text) where connection_id = $1`,
      [oidc, other.issuer],
    );
    const begin = async () => (await request(rollcall.server).get(`/sso/${oidc}/start`)).status;
    other.answers.set(WELL_KNOWN, (_request, response) => response.writeHead(503).end());
    expect(await begin()).toBe(403);
    other.reset();
    expect(await begin()).toBe(303);
    await other.close();
    await rollcall.rollcall.db.search(
      `update sso_connections set settings = settings || jsonb_build_object('issuer', $2::text) where connection_id = $1`,
      [oidc, provider.issuer],
    );
  });

  test('is not called for invalid logout tokens: a client that sends too many is throttled', async () => {
    const sends = () =>
      request(rollcall.server)
        .post(`/sso/oidc/${oidc}/backchannel-logout`)
        .type('form')
        .send({ logout_token: 'a.b.c' });
    expect((await sends()).status).toBe(400);
    const [row] = await rollcall.rollcall.db.search<{ reason: string }>(
      'select reason from sso_traces where connection_id = $1 order by id desc limit 1',
      [oidc],
    );
    expect(row?.reason).toBe('logout_token_invalid');
    const statuses = new Set<number>();
    for (let round = 0; round < 12; round += 1) {
      for (const { status } of await Promise.all(Array.from({ length: 10 }, sends))) statuses.add(status);
    }
    expect(statuses).toEqual(new Set([400, 429]));
    await rollcall.rollcall.db.search('delete from throttles', []);
  });
});

test('invalid answers are limited, even concurrent ones', async () => {
  const browser = createBrowser();
  const callbacks: string[] = [];
  for (let round = 0; round < 13; round += 1) {
    callbacks.push(...(await Promise.all(Array.from({ length: 10 }, () => answeredByOidc(browser)))));
  }
  provider.answers.set('/token', (_request, response) => {
    setTimeout(() => response.writeHead(400).end(), 2_000);
  });
  const pages = await Promise.all(callbacks.map((callback) => browser.get(callback)));
  const looked = provider.requested.filter((path) => path === '/token').length;
  expect(looked).toBeLessThanOrEqual(100);
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([403, 429]));
  await rollcall.rollcall.db.search('delete from throttles', []);
});

test('an answer lets in once, however often it comes at the same time', async () => {
  const browser = createBrowser();
  const callback = await answeredByOidc(browser);
  const pages = await Promise.all(Array.from({ length: 5 }, () => browser.get(callback)));
  expect(pages.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
});

test('whose provider does not answer is signed out here all the same', async () => {
  const browser = createBrowser();
  await browser.get(await answeredByOidc(browser));
  const home = await browser.get(`${publicUrl}/`);
  expect(home.text).toContain('Sign out');
  await rollcall.rollcall.db.search(
    `update sso_connections set settings = settings || '{"issuer": "http://127.0.0.1:9"}' where connection_id = $1`,
    [oidc],
  );
  const page = await browser.submit(home);
  expect([page.status, page.text, await isIn(browser)]).toEqual([
    200,
    expect.stringContaining('may still be signed in there'),
    false,
  ]);
});

describe('a response that another site posts', () => {
  let tiles: TestProvider;
  const says = (email: string) => ({ nameId: email, attributes: [['email', [email]] as const] });
  const someone = () => `p-${randomBytes(5).toString('hex')}@tiles.example`;
  const form = (response: string, more = '') =>
    `<form method="post" action="${publicUrl}/sso/saml/${tiles.connection}/acs"><input name="SAMLResponse" value="${response}">${more}</form>`;

  beforeAll(async () => {
    tiles = await connectSaml(rollcall, organization, {
      settings: { allowIdpInitiated: true },
      domains: ['tiles.example'],
      provisioning: { enabled: true },
    });
  });

  test('cannot pass for one that we have sent on: no one is signed in as another unseen', async () => {
    const browser = createBrowser();
    await tiles.post(browser, tiles.respond(says(someone())));
    const before = browser.cookie(publicUrl, 'sid');
    const response = tiles.respond(says(someone()));
    const page = await browser.submit(elsewhere(form(response, '<input name="hop" value="1">')));
    expect([page.status, browser.cookie(publicUrl, 'sid')]).toEqual([403, before]);
    const sentOn = await browser.submit(elsewhere(form(response)));
    expect((await browser.submit(sentOn)).text).toContain('You are now');
  });
});
