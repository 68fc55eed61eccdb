import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Browser, createBrowser, type Page } from '../support/browser.ts';
import { type HostileProvider, startHostileProvider } from '../support/oidc/hostile-provider.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

/** What unauthenticated clients, other sites and users who left cannot bring about through a connection. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let publicUrl: string;
let saml: TestProvider;
let provider: HostileProvider;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY, trustProxy: 1, allowPrivateProviders: true });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  saml = await connectSaml(rollcall, organization, {
    domains: ['jit.example'],
    provisioning: { enabled: true, groupAttribute: 'memberOf' },
    settings: { allowIdpInitiated: true },
  });
  provider = await startHostileProvider();
});
afterAll(async () => {
  await provider.close();
  await rollcall.close();
});
beforeEach(() => rollcall.rollcall.db.search('delete from throttles', []));

const someone = () => `p-${randomBytes(5).toString('hex')}@jit.example`;
const says = (email: string, more: Record<string, readonly string[]> = {}, nameId = email) => ({
  nameId,
  attributes: [['email', [email]] as const, ...Object.entries(more)],
});
const elsewhere: Page = { url: new URL('https://evil.example/'), status: 200, headers: {}, text: '' };
const traces = (connection = saml.connection) =>
  rollcall.rollcall.db.search<{ outcome: string; reason: string | null }>(
    'select outcome, reason from sso_traces where connection_id = $1 order by id desc',
    [connection],
  );
const postTo = (connection: string, xml: string, ip: string) =>
  request(rollcall.server)
    .post(`/sso/saml/${connection}/acs`)
    .set({ 'X-Forwarded-For': ip, Cookie: `sso=${'a'.repeat(43)}` })
    .type('form')
    .send({ SAMLResponse: Buffer.from(xml).toString('base64') });

describe('a message that proves nothing', () => {
  const forged = (consent: string) =>
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_x" Version="2.0" Consent="${consent}"/>`;

  test('leaves a trace and an event also where a text is cut within a character', async () => {
    const before = (await traces()).length;
    const answer = await postTo(saml.connection, forged(`${'a'.repeat(199)}😀b`), '192.0.2.1');
    expect([answer.status, (await traces()).length]).toEqual([403, before + 1]);
  });

  test('leaves no trace once its sender has sent too many', async () => {
    const send = () => postTo(saml.connection, forged('a'), '192.0.2.3');
    const before = (await traces()).length;
    expect([(await send()).status, (await traces()).length]).toEqual([403, before + 1]);
    await rollcall.rollcall.db.search('update throttles set hits = 1000 where hits > 0', []);
    expect([(await send()).status, (await traces()).length]).toEqual([429, before + 1]);
  });

  test('is rejected no faster than a message that is well formed', async () => {
    for (const xml of ['nonsense', forged('a')]) {
      const start = performance.now();
      expect((await postTo(saml.connection, xml, '192.0.2.2')).status).toBe(403);
      expect(performance.now() - start).toBeGreaterThan(140);
    }
  });

  test('pushes out no trace of one that was verified', async () => {
    const other = await connectSaml(rollcall, organization, {
      domains: ['quota.example'],
      provisioning: { enabled: true },
    });
    const email = 'a@quota.example';
    await other.signIn(createBrowser(), says(email));
    for (let round = 0; round < 26; round += 1) {
      const sends = Array.from({ length: 20 }, () =>
        postTo(other.connection, '<nonsense/>', `192.0.${round}.9`),
      );
      expect(new Set((await Promise.all(sends)).map(({ status }) => status))).toEqual(new Set([403]));
    }
    const kept = await traces(other.connection);
    expect(kept.filter(({ outcome }) => outcome === 'signed_in')).toHaveLength(1);
    // Concurrent ones may leave a few more.
    expect(kept.length).toBeLessThan(230);
  });
});

test('line ends of XML 1.1 in a signed value change nothing of what is signed', async () => {
  const email = someone();
  await saml.signIn(createBrowser(), says(email, { displayName: ['Jane\u2028Doe\u0085'] }));
  expect((await owner.get(`/users?q=${encodeURIComponent(email)}`)).body.data[0].name).toBe('Jane Doe');
});

test('a group whose name is cut within a character stops no sign-in', async () => {
  const page = await saml.signIn(createBrowser(), says(someone(), { memberOf: [`${'g'.repeat(199)}😀`] }));
  expect(page.text).toContain('Sign out');
});

describe('a sign-in tells who is signed in now', () => {
  const signsIn = async (browser: Browser, email: string, from?: Page) => {
    const begun = await browser.get(`${publicUrl}/sso/${saml.connection}/start`, {
      ...(from === undefined ? {} : { from }),
      stopAt: ({ href }) => href.startsWith(saml.ssoUrl),
    });
    const { inflateRawSync } = await import('node:zlib');
    const sent = Buffer.from(begun.url.searchParams.get('SAMLRequest') ?? '', 'base64');
    const id = / ID="([^"]+)"/.exec(inflateRawSync(sent).toString('utf8'))?.[1];
    return saml.post(browser, saml.respond({ inResponseTo: id, ...says(email) }));
  };

  test('where a page of another site began it', async () => {
    expect((await signsIn(createBrowser(), someone(), elsewhere)).text).toContain('You are now');
  });

  test('where another user was signed in', async () => {
    const browser = createBrowser();
    expect((await signsIn(browser, someone())).text).not.toContain('You are now');
    expect((await signsIn(browser, someone())).text).toContain('You are now');
  });
});

describe('sign-ins that begin', () => {
  test('are limited, and other sites use up no one else’s limit', async () => {
    const starts = (site: string) =>
      request(rollcall.server)
        .get(`/sso/${saml.connection}/start`)
        .set({ 'X-Forwarded-For': '203.0.113.5', 'Sec-Fetch-Site': site })
        .redirects(0);
    /** Fills the limits that count starts, once those that are given back after an answer are back. */
    const fill = async (limits: number) => {
      const counted = () => rollcall.rollcall.db.search('select from throttles where hits > 0', []);
      for (let left = 200; left > 0 && (await counted()).length !== limits; left -= 1) await delay(25);
      expect(await counted()).toHaveLength(limits);
      await rollcall.rollcall.db.search('update throttles set hits = 1000 where hits > 0', []);
    };
    await rollcall.rollcall.db.search('delete from throttles', []);
    expect((await starts('cross-site')).status).toBe(303);
    await fill(2);
    expect((await starts('cross-site')).status).toBe(429);
    expect((await starts('none')).status).toBe(303);
    await fill(4);
    expect((await starts('none')).status).toBe(429);
  });
});

describe('a provider that is switched off while an answer is outstanding', () => {
  const off = (connection: string) =>
    rollcall.rollcall.db.search(`update sso_connections set state = 'off' where connection_id = $1`, [
      connection,
    ]);
  const connect = (domain: string) =>
    connectSaml(rollcall, organization, {
      domains: [domain],
      provisioning: { enabled: true },
      settings: { allowIdpInitiated: true },
    });

  test('signs no one in by a SAML response', async () => {
    const own = await connect('off-one.example');
    const browser = createBrowser();
    const { id } = await own.begin(browser);
    await off(own.connection);
    const page = await own.post(browser, own.respond({ inResponseTo: id, ...says('a@off-one.example') }));
    expect([page.status, (await traces(own.connection))[0]?.reason]).toEqual([403, 'connection_off']);
  });

  test('signs no one in by a response that the provider began', async () => {
    const own = await connect('off-two.example');
    await off(own.connection);
    const page = await own.post(createBrowser(), own.respond(says('a@off-two.example')));
    expect([page.status, (await traces(own.connection))[0]?.reason]).toEqual([403, 'connection_off']);
  });

  test('signs no one in by a code of OpenID Connect', async () => {
    const { body } = await owner.post('/sso/connections', {
      name: 'Hostile',
      protocol: 'oidc',
      provider: 'generic',
      settings: { issuer: provider.issuer, clientId: 'rollcall', clientAuth: 'client_secret_post' },
      clientSecret: 'secret-of-the-client',
    });
    const provisioning = JSON.stringify({ enabled: true, allowedDomains: ['hostile.example'] });
    await rollcall.rollcall.db.search(
      `update sso_connections set state = 'active', provisioning = $2 where connection_id = $1`,
      [body.id, provisioning],
    );
    const browser = createBrowser();
    const callback = await answered(browser, body.id, {});
    await off(body.id);
    const page = await browser.get(callback);
    expect([page.status, (await traces(body.id))[0]?.reason]).toEqual([403, 'connection_off']);
  });
});

/** @returns where the provider sends the browser back to */
async function answered(browser: Browser, connection: string, claims: object): Promise<string> {
  const begun = await browser.get(`${publicUrl}/sso/${connection}/start`, {
    stopAt: ({ href }) => href.startsWith(provider.issuer),
  });
  const [nonce = '', state = ''] = ['nonce', 'state'].map((name) => begun.url.searchParams.get(name) ?? '');
  const sub = randomBytes(6).toString('hex');
  const said = { nonce, sub, email: `p-${sub}@hostile.example`, email_verified: true, ...claims };
  provider.tokens = { id_token: provider.idToken(said) };
  provider.userinfo = { sub };
  return `${publicUrl}/sso/oidc/${connection}/callback?code=c&state=${state}`;
}

test('a claim that a connection requires is demanded', async () => {
  const { body } = await owner.post('/sso/connections', {
    name: 'Requiring',
    protocol: 'oidc',
    provider: 'generic',
    settings: {
      issuer: provider.issuer,
      clientId: 'rollcall',
      clientAuth: 'client_secret_post',
      requiredClaims: [{ claim: 'tenant', value: 'acme' }],
    },
    clientSecret: 'secret-of-the-client',
  });
  const provisioning = JSON.stringify({ enabled: true, allowedDomains: ['hostile.example'] });
  await rollcall.rollcall.db.search(
    `update sso_connections set state = 'active', provisioning = $2 where connection_id = $1`,
    [body.id, provisioning],
  );
  const without = createBrowser();
  expect((await without.get(await answered(without, body.id, {}))).status).toBe(403);
  expect((await traces(body.id))[0]?.reason).toBe('claim_missing');
  const having = createBrowser();
  expect((await having.get(await answered(having, body.id, { tenant: 'acme' }))).status).toBe(200);
});

describe('a user who was deactivated', () => {
  const leaves = async (email: string, how: 'deactivate' | 'delete') => {
    await saml.signIn(createBrowser(), says(email));
    const { id } = (await owner.get(`/users?q=${encodeURIComponent(email)}`)).body.data[0];
    await owner.post(`/users/${id}/deactivate`, { reason: 'They left.' }).expect(200);
    if (how === 'delete') await organization.scim('DELETE', `/Users/${id}`).expect(204);
  };
  const returns = async (email: string) => {
    const page = await saml.signIn(createBrowser(), says(email, {}, `new-${randomBytes(4).toString('hex')}`));
    return [page.status, (await traces())[0]?.reason];
  };

  test.each([
    ['the same domain written otherwise', (name: string) => `${name}@ｊit.example`],
    ['a tag', (name: string) => `${name}+1@jit.example`],
    ['a tag at the same domain written otherwise', (name: string) => `${name}+1@ｊit.example`],
  ])('does not return with another subject and %s', async (_, variant) => {
    const name = `left-${randomBytes(4).toString('hex')}`;
    await leaves(`${name}@jit.example`, 'deactivate');
    expect(await returns(variant(name))).toEqual([403, 'account_inactive']);
    const other = `gone-${randomBytes(4).toString('hex')}`;
    await leaves(`${other}@jit.example`, 'delete');
    expect(await returns(variant(other))).toEqual([403, 'account_deleted']);
  });

  test('does not return without the tag that they had', async () => {
    const name = `tagged-${randomBytes(4).toString('hex')}`;
    await leaves(`${name}+1@jit.example`, 'deactivate');
    expect(await returns(`${name}@jit.example`)).toEqual([403, 'account_inactive']);
  });
});

test('enforcing single sign-on ends the sessions that users of the domain began with a password', async () => {
  const domain = 'enforced.example';
  const own = await connectSaml(rollcall, organization, { domains: [domain] });
  const user = await joins(rollcall, owner, { email: `a@${domain}` });
  const other = await joins(rollcall, owner);
  await owner
    .put(`/sso/connections/${own.connection}/domains`, { domains: [{ domain, enforced: true }] })
    .expect(200);
  expect((await user.get('/me')).status).toBe(401);
  expect((await other.get('/me')).status).toBe(200);
  expect((await owner.get('/me')).status).toBe(200);
});

test('a page whose address opens something sends no path of it along', async () => {
  for (const path of ['/invite/token_abc', '/sso/confirm/token_abc']) {
    const answer = await request(rollcall.server).get(path);
    expect(answer.headers['referrer-policy']).toBe('strict-origin');
  }
  expect((await request(rollcall.server).get('/sign-in')).headers['referrer-policy']).toBe('same-origin');
});
