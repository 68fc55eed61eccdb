import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createCommandRunner } from '../../src/directory/command-runner.ts';
import type { LoginConnection } from '../../src/sso/login/connection.ts';
import { createSsoLogout } from '../../src/sso/login/provider-session.ts';
import type { SsoLoginDependencies } from '../../src/sso/login/types.ts';
import { invitationToken, joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Browser, createBrowser } from '../support/browser.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let acme: TestProvider;
let clock = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY, now: () => new Date(Date.now() + clock) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  acme = await connectSaml(rollcall, organization, {
    domains: ['acme.example'],
    provisioning: { enabled: true },
  });
});
afterAll(() => rollcall.close());

const someone = (domain = 'acme.example') => `p-${randomBytes(5).toString('hex')}@${domain}`;
const says = (email: string) => ({ nameId: email, attributes: [['email', [email]] as const] });

async function lastReason(provider: TestProvider): Promise<string | null> {
  const [row] = await rollcall.rollcall.db.search<{ reason: string | null }>(
    'select reason from sso_traces where connection_id = $1 order by id desc limit 1',
    [provider.connection],
  );
  return row?.reason ?? null;
}

const isIn = async (browser: Browser): Promise<boolean> =>
  (await browser.get(`${acme.publicUrl}/`)).text.includes('Sign out');

test('a logout of the provider that comes again ends no newer session', async () => {
  const { db } = rollcall.rollcall;
  const now = () => new Date(Date.now() + clock);
  const signOff = createSsoLogout({ db, runner: createCommandRunner({ db, now }) } as SsoLoginDependencies);
  const email = someone();
  const enter = async () => {
    const browser = createBrowser();
    const { id } = await acme.begin(browser);
    await acme.post(browser, acme.respond({ inResponseTo: id, ...says(email) }));
    return browser;
  };
  const connection = { id: acme.connection, org: organization.org } as LoginConnection;
  const replay = { id: 'logout-1', until: new Date(Date.now() + clock + 60_000).toISOString() };
  const message = { subject: email, indexes: undefined, replay };
  const first = await enter();
  const stranger = createBrowser();
  const { id } = await acme.begin(stranger);
  await acme.post(stranger, acme.respond({ inResponseTo: id, ...says(someone()) }));
  expect([await isIn(first), await signOff.atProvider(connection, message, 'test')]).toEqual([true, true]);
  const second = await enter();
  expect([await isIn(first), await signOff.atProvider(connection, message, 'test')]).toEqual([false, false]);
  expect([await isIn(second), await isIn(stranger)]).toEqual([true, true]);
});

describe('a response answers one request of this browser', () => {
  test('one that was used is rejected, and so is a second response to the same request', async () => {
    const browser = createBrowser();
    const { id } = await acme.begin(browser);
    const response = acme.respond({ inResponseTo: id, ...says(someone()) });
    expect((await acme.post(browser, response)).text).toContain('Sign out');
    expect((await acme.post(browser, response)).status).toBe(403);
    expect(await lastReason(acme)).toBe('request_used');
    await acme.post(browser, acme.respond({ inResponseTo: id, ...says(someone()) }));
    expect(await lastReason(acme)).toBe('request_used');
  });

  test('the same response sent ten times concurrently signs in once', async () => {
    const browser = createBrowser();
    const { id } = await acme.begin(browser);
    const response = acme.respond({ inResponseTo: id, ...says(someone()) });
    const pages = await Promise.all(Array.from({ length: 10 }, () => acme.post(browser, response)));
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('one whose request has expired is rejected, however fresh the response is', async () => {
    const browser = createBrowser();
    const { id } = await acme.begin(browser);
    await rollcall.rollcall.db.search(
      `update sso_requests set expires_at = $2::timestamptz - interval '1 second' where connection_id = $1`,
      [acme.connection, new Date(Date.now() + clock).toISOString()],
    );
    await acme.post(browser, acme.respond({ inResponseTo: id, ...says(someone()) }));
    expect(await lastReason(acme)).toBe('request_unknown');
  });

  test('a made-up request is unknown', async () => {
    await acme.post(createBrowser(), acme.respond({ inResponseTo: '_made-up', ...says(someone()) }));
    expect(await lastReason(acme)).toBe('request_unknown');
  });

  test('login CSRF: a response that an attacker got in their browser opens nothing in another', async () => {
    const [theirs, ours] = [createBrowser(), createBrowser()];
    const { id } = await acme.begin(theirs);
    const response = acme.respond({ inResponseTo: id, ...says(someone()) });
    expect((await acme.post(ours, response)).status).toBe(403);
    expect([await lastReason(acme), await isIn(ours)]).toEqual(['browser_mismatch', false]);
    await acme.begin(ours);
    await acme.post(ours, acme.respond({ inResponseTo: id, ...says(someone()) }));
    expect(['browser_mismatch', 'request_used']).toContain(await lastReason(acme));
  });

  test('a form with two responses is rejected, and a form of 2 MB is not read', async () => {
    const acs = `${acme.publicUrl}/sso/saml/${acme.connection}/acs`;
    const post = (fields: [string, string][]) =>
      fetch(acs, { method: 'POST', body: new URLSearchParams(fields) });
    const response = acme.respond(says(someone()));
    const twice = await post([
      ['SAMLResponse', response],
      ['SAMLResponse', response],
      ['hop', '1'],
    ]);
    expect([twice.status, await lastReason(acme)]).toEqual([403, 'message_missing']);
    expect((await post([['SAMLResponse', 'A'.repeat(2 * 1024 * 1024)]])).status).toBe(413);
  });

  test('several tabs of one browser may sign in concurrently', async () => {
    const browser = createBrowser();
    const [first, second] = [await acme.begin(browser), await acme.begin(browser)];
    const email = someone();
    expect((await acme.post(browser, acme.respond({ inResponseTo: first.id, ...says(email) }))).status).toBe(
      200,
    );
    expect((await acme.post(browser, acme.respond({ inResponseTo: second.id, ...says(email) }))).status).toBe(
      200,
    );
  });

  test('a response to a request of another connection, or from its provider, is rejected', async () => {
    const other = await connectSaml(rollcall, organization, {
      domains: ['other.example'],
      provisioning: { enabled: true },
    });
    const browser = createBrowser();
    const { id } = await other.begin(browser);
    await acme.post(browser, acme.respond({ inResponseTo: id, ...says(someone()) }));
    expect(await lastReason(acme)).toBe('request_unknown');
    const { id: ours } = await acme.begin(browser);
    await acme.post(browser, other.respond({ inResponseTo: ours, ...says(someone()) }));
    expect(await lastReason(acme)).toBe('signature_invalid');
    await other.post(browser, other.respond({ inResponseTo: ours, ...says(someone()) }));
    expect(await lastReason(other)).toBe('request_unknown');
  });

  test('another organization’s connection with the very same provider signs in to that one alone', async () => {
    const theirs = await rollcall.organization({ name: 'Theirs' });
    const same = await connectSaml(rollcall, theirs, {
      party: acme.party,
      domains: ['theirs.example'],
      provisioning: { enabled: true, allowedDomains: ['acme.example'] },
    });
    const email = someone();
    const browser = createBrowser();
    const { id } = await same.begin(browser);
    await acme.post(browser, same.respond({ inResponseTo: id, issuer: acme.entityId, ...says(email) }));
    expect(await lastReason(acme)).toBe('destination_mismatch');
    await same.post(browser, same.respond({ inResponseTo: id, ...says(email) }));
    expect(await lastReason(same)).toBe('domain_elsewhere');
    expect((await owner.get(`/users?q=${email}`)).body.data).toEqual([]);
  });
});

describe('a sign-in that begins at the provider', () => {
  let tiles: TestProvider;
  beforeAll(async () => {
    tiles = await connectSaml(rollcall, organization, {
      domains: ['tiles.example'],
      provisioning: { enabled: true },
      settings: { allowIdpInitiated: true },
    });
  });

  test('is off unless it is switched on', async () => {
    await acme.post(createBrowser(), acme.respond(says(someone())));
    expect(await lastReason(acme)).toBe('idp_initiated_off');
  });

  test('is accepted once where it is on', async () => {
    const browser = createBrowser();
    const response = tiles.respond(says(someone('tiles.example')));
    expect((await tiles.post(browser, response)).text).toContain('Sign out');
    expect((await tiles.post(createBrowser(), response)).status).toBe(403);
    expect(await lastReason(tiles)).toBe('replayed');
    const again = tiles.respond(says(someone('tiles.example')));
    const pages = await Promise.all(Array.from({ length: 6 }, () => tiles.post(createBrowser(), again)));
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('shows the new user if another one was signed in', async () => {
    const browser = createBrowser();
    await acme.signIn(browser, says(someone()));
    const email = someone('tiles.example');
    const page = await tiles.post(browser, tiles.respond(says(email)));
    expect(page.text).toContain(`You are now ${email}`);
  });

  test.each([
    ['/users?q=a', '/users?q=a'],
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
  ])('RelayState %s leads to %s', async (relayState, path) => {
    const browser = createBrowser();
    const page = await tiles.post(browser, tiles.respond(says(someone('tiles.example'))), relayState);
    expect(page.url.href).toBe(`${acme.publicUrl}${path}`);
  });
});

describe('the sign-in page', () => {
  const visit = (browser: Browser, path = '/sign-in') => browser.get(acme.publicUrl + path);

  test('an address leads to the provider of its proved domain, whether anybody has it or not (R136)', async () => {
    const browser = createBrowser();
    const form = await visit(browser);
    const page = await browser.submit(
      form,
      { email: someone() },
      { stopAt: ({ hostname }) => hostname.startsWith('idp-') },
    );
    expect(page.url.href.startsWith(acme.ssoUrl)).toBe(true);
  });

  test('an address of another domain leads to the password', async () => {
    const browser = createBrowser();
    const page = await browser.submit(await visit(browser), { email: 'somebody@nowhere.example' });
    expect(page.text).toContain('type="password"');
  });

  test('a password signs in and leads where one wanted to go, and never to another site', async () => {
    const { email } = await joins(rollcall, owner);
    for (const [wanted, path] of [
      ['/x', '/x'],
      ['https://evil.example', '/'],
      ['//evil.example', '/'],
    ] as const) {
      const browser = createBrowser();
      const form = await visit(browser, `/sign-in?with=password&return_to=${encodeURIComponent(wanted)}`);
      const page = await browser.submit(form, { email, password: PASSWORD });
      expect([page.url.href, await isIn(browser)]).toEqual([acme.publicUrl + path, true]);
    }
  });

  test('a wrong password has the one sentence, and no other site’s page can sign a user in', async () => {
    const { email } = await joins(rollcall, owner);
    const browser = createBrowser();
    const page = await browser.submit(await visit(browser, '/sign-in?with=password'), {
      email,
      password: 'wrong',
    });
    expect([page.status, page.text]).toEqual([401, expect.stringContaining('Invalid email or password')]);
    const forged = { url: new URL('https://evil.example/'), status: 200, headers: {} };
    const text = `<form method="post" action="${acme.publicUrl}/sign-in"></form>`;
    const answer = await browser.submit({ ...forged, text }, { email, password: PASSWORD });
    expect([answer.status, await isIn(browser)]).toEqual([403, false]);
  });

  test('signing out needs the page’s own token, and ends the session', async () => {
    const { email } = await joins(rollcall, owner);
    const browser = createBrowser();
    await browser.submit(await visit(browser, '/sign-in?with=password'), { email, password: PASSWORD });
    const home = await visit(browser, '/');
    expect((await browser.submit(home, { csrf: 'x' })).status).toBe(403);
    expect((await browser.submit(home)).text).toContain('You are signed out');
    expect(await isIn(browser)).toBe(false);
  });

  test('what is put into a page is escaped', async () => {
    const browser = createBrowser();
    const page = await browser.submit(await visit(browser), { email: '"><script>alert(1)</script>' });
    expect(page.text).not.toContain('<script>alert');
    expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  });

  test('pages are not framed, not kept, and run no script but ours', async () => {
    const { headers } = await visit(createBrowser());
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('the page of an invitation', () => {
  const invite = async (email: string) => {
    await owner.post('/invitations', { email });
    return `${acme.publicUrl}/invite/${await invitationToken(rollcall, email)}`;
  };

  test('R17: looking changes nothing; R19: its form sets a password and signs in', async () => {
    const email = someone('password.example');
    const link = await invite(email);
    const browser = createBrowser();
    await browser.get(link);
    const page = await browser.get(link);
    expect(page.text).not.toContain('single sign-on');
    const weak = await browser.submit(page, { name: 'Jane', password: 'short' });
    expect([weak.status, weak.text]).toEqual([422, expect.stringContaining('role="alert"')]);
    const home = await browser.submit(weak, { name: 'Jane', password: PASSWORD });
    expect(home.text).toContain('Hello, Jane');
    expect((await browser.get(link)).status).toBe(410);
  });

  test('R19, R53: an invited user of a domain with single sign-on is sent to the provider, and returns with the invitation', async () => {
    const email = someone();
    const browser = createBrowser();
    const page = await browser.get(await invite(email));
    expect(page.text).toContain('Continue with single sign-on');
    const there = await browser.submit(page, {}, { stopAt: ({ hostname }) => hostname.startsWith('idp-') });
    expect(there.url.href.startsWith(acme.ssoUrl)).toBe(true);
    expect((await acme.signIn(browser, says(email))).text).toContain('Sign out');
  });
});

describe('R143: single sign-on enforced for a domain', () => {
  test('a password signs no user in there, owners excepted, and unauthenticated clients lock no one out', async () => {
    const own = await rollcall.organization({ name: 'Strict' });
    const admin = await signInAsOwner(rollcall, own);
    const email = someone('strict.example');
    const user = await joins(rollcall, admin, { email });
    await signIn(rollcall.server, email, PASSWORD);
    const strict = await connectSaml(rollcall, own, {
      domains: ['strict.example', 'rollcall.example'],
      enforced: true,
      provisioning: { enabled: true },
    });
    const refused = await request(rollcall.server)
      .post('/api/v1/auth/login')
      .send({ email, password: PASSWORD });
    expect([refused.status, refused.body.detail]).toEqual([401, 'Invalid email or password']);
    await expect(signIn(rollcall.server, own.ownerEmail, OWNER_PASSWORD)).resolves.toBeDefined();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await request(rollcall.server).post('/api/v1/auth/login').send({ email, password: 'guess' });
    }
    expect((await admin.get(`/users/${user.id}/security`)).body.lockedAt).toBeNull();
    const page = await strict.signIn(createBrowser(), says(email));
    expect(page.text).toContain('Check your email');
  });

  test('users cannot choose an address of a domain that would make their password valid again, except owners', async () => {
    const own = await rollcall.organization({ name: 'Kept' });
    const boss = await signInAsOwner(rollcall, own);
    const user = await joins(rollcall, boss, { email: someone('kept.example') });
    await connectSaml(rollcall, own, { domains: ['kept.example'], enforced: true });
    const proved = `update sessions set proved_at = now() where user_id = $1`;
    await rollcall.rollcall.db.search(proved, [user.id]);
    const away = await user.post('/me/email-change', { email: someone('mail.example') });
    expect([away.status, away.body.code]).toEqual([403, 'sso_enforced']);
    expect((await user.post('/me/email-change', { email: someone('kept.example') })).status).toBe(202);
  });

  test('an invitation is accepted at the provider, by no password, in that organization alone', async () => {
    const [own, other] = [await rollcall.organization(), await rollcall.organization()];
    const invites = async (inviting: TestOrganization) => {
      const email = someone('invited.example');
      await (await signInAsOwner(rollcall, inviting)).post('/invitations', { email }).expect(201);
      return invitationToken(rollcall, email);
    };
    const [token, elsewhere] = [await invites(own), await invites(other)];
    await connectSaml(rollcall, own, { domains: ['invited.example'], enforced: true });
    const accept = (which: string) =>
      request(rollcall.server).post(`/api/v1/invite/${which}/accept`).send({ password: PASSWORD });
    const refused = await accept(token);
    expect([refused.status, refused.body.code]).toEqual([403, 'sso_enforced']);
    const page = { url: new URL(acme.publicUrl), status: 200, headers: {} };
    const text = `<form method="post" action="${acme.publicUrl}/invite/${token}"></form>`;
    const browser = createBrowser();
    const answer = await browser.submit({ ...page, text }, { password: PASSWORD });
    expect([answer.status, await isIn(browser)]).toEqual([403, false]);
    const open = await request(rollcall.server).get(`/api/v1/invite/${elsewhere}`);
    expect(open.body.methods).toEqual(['password']);
    await accept(elsewhere).expect(200);
  });
});

describe('step-up at the provider', () => {
  test('R90: a user without a password confirms by signing in again, and then deletes', async () => {
    const email = someone();
    const browser = createBrowser();
    await acme.signIn(browser, says(email));
    const { id } = (await owner.get(`/users?q=${email}`)).body.data[0];
    const impact = await owner.get(`/users/${id}/role-impact?role=admin`);
    await owner.put(`/users/${id}/role`, {
      role: 'admin',
      impactToken: impact.body.impactToken,
      reason: 'Runs it.',
    });
    const cookie = `sid=${browser.cookie(acme.publicUrl, 'sid')}`;
    const me = await request(rollcall.server).get('/api/v1/me').set('Cookie', cookie);
    const headers = { Cookie: cookie, 'X-CSRF-Token': me.body.csrfToken };
    const victim = await joins(rollcall, owner);
    const erase = () =>
      request(rollcall.server).delete(`/api/v1/users/${victim.id}`).set(headers).send({ mode: 'hard' });
    const first = await erase();
    expect([first.status, first.body.code]).toEqual([403, 'step_up_required']);

    const begun = await request(rollcall.server)
      .post('/api/v1/auth/step-up/sso')
      .set(headers)
      .send({ returnTo: '/x' });
    const path = new URL(begun.body.url);
    const sent = await acme.begin(browser, path.search);
    expect(sent.xml).toContain('ForceAuthn="true"');
    const stale = acme.respond({
      inResponseTo: sent.id,
      ...says(email),
      authnInstant: new Date(Date.now() - 3_600_000),
    });
    await acme.post(browser, stale);
    expect(await lastReason(acme)).toBe('authentication_stale');

    const other = await acme.begin(browser, path.search);
    await acme.post(browser, acme.respond({ inResponseTo: other.id, ...says(someone()) }));
    expect([await lastReason(acme), (await erase()).status]).toEqual(['step_up_other_person', 403]);

    const { id: request2 } = await acme.begin(browser, path.search);
    const page = await acme.post(browser, acme.respond({ inResponseTo: request2, ...says(email) }));
    expect(page.url.href).toBe(`${acme.publicUrl}/x`);
    expect((await erase()).status).toBeLessThan(300);
  });

  test('is requested at every sign-in if the connection is set so, and a provider that ignores it is rejected', async () => {
    const wary = await connectSaml(rollcall, organization, {
      settings: { forceAuthn: true },
      domains: ['wary.example'],
      provisioning: { enabled: true },
    });
    const said = says(someone('wary.example'));
    const browser = createBrowser();
    const { id, xml } = await wary.begin(browser);
    expect(xml).toContain('ForceAuthn="true"');
    const authnInstant = new Date(Date.now() - 3_600_000);
    await wary.post(browser, wary.respond({ inResponseTo: id, ...said, authnInstant }));
    expect([await lastReason(wary), await isIn(browser)]).toEqual(['authentication_stale', false]);
    expect((await wary.signIn(browser, said)).text).toContain('Sign out');
  });

  test('R90: an owner without a password makes another one in the same way', async () => {
    const email = someone();
    const browser = createBrowser();
    await acme.signIn(browser, says(email));
    const { id } = (await owner.get(`/users?q=${email}`)).body.data[0];
    await rollcall.rollcall.db.search(`update users set role = 'admin', owner = true where id = $1`, [id]);
    const cookie = `sid=${browser.cookie(acme.publicUrl, 'sid')}`;
    const me = await request(rollcall.server).get('/api/v1/me').set('Cookie', cookie);
    const headers = { Cookie: cookie, 'X-CSRF-Token': me.body.csrfToken };
    const other = await joins(rollcall, owner, { role: 'admin' });
    const promote = () =>
      request(rollcall.server).put(`/api/v1/users/${other.id}/owner`).set(headers).send({});
    const first = await promote();
    expect([first.status, first.body.code]).toEqual([403, 'step_up_required']);
    const begun = await request(rollcall.server).post('/api/v1/auth/step-up/sso').set(headers).send({});
    const { id: inResponseTo } = await acme.begin(browser, new URL(begun.body.url).search);
    await acme.post(browser, acme.respond({ inResponseTo, ...says(email) }));
    const second = await promote();
    expect([second.status, second.body.code]).toEqual([204, undefined]);
  });

  test('is no proof after the user was deactivated, in another browser, or through another connection', async () => {
    const proofs = async () => {
      const rows = await rollcall.rollcall.db.search(
        `select from sessions where proved_at is not null and connection_id = $1`,
        [acme.connection],
      );
      return rows.length;
    };
    const before = await proofs();
    const email = someone();
    const [browser, another] = [createBrowser(), createBrowser()];
    await acme.signIn(browser, says(email));
    await acme.signIn(another, says(email));
    const begins = async (where = acme) => (await where.begin(browser, '?purpose=step_up')).id;
    await acme.post(another, acme.respond({ inResponseTo: await begins(), ...says(email) }));
    expect(await lastReason(acme)).toBe('browser_mismatch');
    const twin = await connectSaml(rollcall, organization, { party: acme.party });
    await twin.post(browser, twin.respond({ inResponseTo: await begins(twin), ...says(email) }));
    expect(await lastReason(twin)).toBe('step_up_other_person');
    const late = await begins();
    const { id } = (await owner.get(`/users?q=${email}`)).body.data[0];
    await owner.post(`/users/${id}/deactivate`, {}).expect(200);
    await acme.post(browser, acme.respond({ inResponseTo: late, ...says(email) }));
    expect([await lastReason(acme), await proofs()]).toEqual(['account_inactive', before]);
  });

  test('cannot be begun without a session', async () => {
    const page = await createBrowser().get(`${acme.publicUrl}/sso/${acme.connection}/start?purpose=step_up`);
    expect(page.url.pathname).toBe('/sign-in');
  });
});

describe('tests and states of a connection', () => {
  test('a draft signs no user in, and its test proves it without signing in', async () => {
    const draft = await connectSaml(rollcall, organization, { state: 'draft', domains: ['draft.example'] });
    const stranger = await createBrowser().get(`${acme.publicUrl}/sso/${draft.connection}/start`);
    expect([stranger.status, await lastReason(draft)]).toEqual([403, 'connection_off']);
    const browser = createBrowser();
    const form = await browser.get(`${acme.publicUrl}/sign-in?with=password`);
    await browser.submit(form, { email: organization.ownerEmail, password: OWNER_PASSWORD });
    const { id } = await draft.begin(browser, '?purpose=test');
    const page = await draft.post(
      browser,
      draft.respond({ inResponseTo: id, ...says(someone('draft.example')) }),
    );
    expect(page.text).toContain('The test passed');
    const [row] = await rollcall.rollcall.db.search<{ tested_at: string | null }>(
      'select tested_at from sso_connections where connection_id = $1',
      [draft.connection],
    );
    expect(row?.tested_at).not.toBeNull();
    expect((await owner.get('/users?q=draft.example')).body.data).toEqual([]);
  });

  test('only who may manage single sign-on tests a connection', async () => {
    const { email } = await joins(rollcall, owner);
    const browser = createBrowser();
    const form = await browser.get(`${acme.publicUrl}/sign-in?with=password`);
    await browser.submit(form, { email, password: PASSWORD });
    const page = await browser.get(`${acme.publicUrl}/sso/${acme.connection}/start?purpose=test`);
    expect(page.status).toBe(403);
  });

  test('our metadata tells the provider what it needs', async () => {
    const { text, headers } = await createBrowser().get(
      `${acme.publicUrl}/sso/saml/${acme.connection}/metadata`,
    );
    expect(headers['content-type']).toContain('samlmetadata+xml');
    expect(text).toContain(`entityID="${acme.publicUrl}/sso/saml/${acme.connection}"`);
    expect(text).toContain(`/sso/saml/${acme.connection}/acs`);
  });

  test('an address of no connection is 404, whatever it looks like', async () => {
    for (const id of ['01890000-0000-7000-8000-00000000dead', '__proto__', "x' or 1=1", 'saml']) {
      const page = await createBrowser().get(`${acme.publicUrl}/sso/${encodeURIComponent(id)}/start`);
      expect([id, page.status]).toEqual([id, 404]);
    }
  });
});

// Last, since traces are ordered by the clock.
describe('times', () => {
  test('after ten minutes it is too late', async () => {
    const browser = createBrowser();
    const { id } = await acme.begin(browser);
    clock = 10 * 60_000 + 1_000;
    await acme.post(
      browser,
      acme.respond({ inResponseTo: id, ...says(someone()), now: new Date(Date.now() + clock) }),
    );
    clock = 0;
    expect(await lastReason(acme)).toBe('request_unknown');
  });

  test('a session ends with the provider’s own', async () => {
    const browser = createBrowser();
    const email = someone();
    await acme.signIn(browser, { ...says(email), sessionNotOnOrAfter: new Date(Date.now() + 60_000) });
    expect(await isIn(browser)).toBe(true);
    clock = 61_000;
    expect(await isIn(browser)).toBe(false);
    clock = 0;
  });
});
