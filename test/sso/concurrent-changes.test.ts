import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Browser, createBrowser, type Page } from '../support/browser.ts';
import { type HostileProvider, startHostileProvider } from '../support/oidc/hostile-provider.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { makeParty } from '../support/saml/party.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

/** What an administrator does while a user is on their way holds for them already. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let provider: HostileProvider;
let publicUrl: string;
/** Milliseconds by which the server's clock is wrong. */
let clock = 0;

beforeAll(async () => {
  rollcall = await startRollcall({
    secretKey: SECRET_KEY,
    allowPrivateProviders: true,
    now: () => new Date(Date.now() + clock),
  });
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  provider = await startHostileProvider();
});
afterAll(async () => {
  await provider.close();
  await rollcall.close();
});
beforeEach(() => provider.reset());

const isIn = async (browser: Browser): Promise<boolean> =>
  (await browser.get(`${publicUrl}/`)).text.includes('Sign out');

async function lastTrace(connection: string) {
  const [row] = await rollcall.rollcall.db.search<{ outcome: string; reason: string | null }>(
    'select outcome, reason from sso_traces where connection_id = $1 order by id desc limit 1',
    [connection],
  );
  return row;
}

/** An active connection with the hostile provider, which creates users. */
async function connectOidc(): Promise<string> {
  const { body } = await owner
    .post('/sso/connections', {
      name: 'Hostile',
      protocol: 'oidc',
      provider: 'generic',
      settings: { issuer: provider.issuer, clientId: 'rollcall', clientAuth: 'client_secret_post' },
      clientSecret: 'secret-of-the-client',
    })
    .expect(201);
  const provisioning = { enabled: true, allowedDomains: ['hostile.example'] };
  await rollcall.rollcall.db.search(
    `update sso_connections set state = 'active', provisioning = $2 where connection_id = $1`,
    [body.id, JSON.stringify(provisioning)],
  );
  return body.id;
}

/** Begins a sign-in; the provider keeps its answer to the code until it is notified to continue. */
async function returnSlowly(
  connection: string,
  browser: Browser,
): Promise<{ continueLogin(): Promise<Page> }> {
  const begun = await browser.get(`${publicUrl}/sso/${connection}/start`, {
    stopAt: ({ href }) => href.startsWith(provider.issuer),
  });
  const [nonce = '', state = ''] = ['nonce', 'state'].map((name) => begun.url.searchParams.get(name) ?? '');
  const email = `p-${state.slice(0, 8).toLowerCase().replaceAll(/\W/g, 'x')}@hostile.example`;
  const id_token = provider.idToken({ nonce, sub: state, email, email_verified: true });
  provider.userinfo = { sub: state };
  let release: () => void = () => {};
  const requested = new Promise<void>((resolve) => {
    const answer: RequestListener = (_request, response) => {
      release = () => {
        const body = { access_token: 'a', token_type: 'Bearer', id_token };
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
      };
      resolve();
    };
    provider.answers.set('/token', answer);
  });
  const page = browser.get(`${publicUrl}/sso/oidc/${connection}/callback?code=c&state=${state}`);
  await Promise.race([requested, page]);
  return {
    continueLogin: () => {
      release();
      return page;
    },
  };
}

describe('a provider that takes its time with the code', () => {
  test('lets a user in when nothing has changed', async () => {
    const browser = createBrowser();
    const { continueLogin: goOn } = await returnSlowly(await connectOidc(), browser);
    expect([(await goOn()).status, await isIn(browser)]).toEqual([200, true]);
  });

  test('lets no one in through a connection that was switched off meanwhile', async () => {
    const connection = await connectOidc();
    const browser = createBrowser();
    const { continueLogin: goOn } = await returnSlowly(connection, browser);
    await owner.post(`/sso/connections/${connection}/deactivate`).expect(200);
    expect([(await goOn()).status, await isIn(browser)]).toEqual([403, false]);
    expect(await lastTrace(connection)).toEqual({ outcome: 'refused', reason: 'connection_changed' });
  });

  test('lets no one in by what the connection believed, or gave, before it was changed', async () => {
    const connection = await connectOidc();
    const browser = createBrowser();
    const { continueLogin: goOn } = await returnSlowly(connection, browser);
    await owner.put(`/sso/connections/${connection}/jit`, { enabled: false }).expect(200);
    expect([(await goOn()).status, await isIn(browser)]).toEqual([403, false]);
  });

  test('finds no way in, and no failure of ours, through a connection that was deleted meanwhile', async () => {
    const connection = await connectOidc();
    const browser = createBrowser();
    const { continueLogin: goOn } = await returnSlowly(connection, browser);
    await owner.delete(`/sso/connections/${connection}`).expect(204);
    expect([(await goOn()).status, await isIn(browser)]).toEqual([404, false]);
  });

  test('and answers with nonsense to one that was deleted meanwhile is rejected like any other', async () => {
    const connection = await connectOidc();
    const browser = createBrowser();
    const { continueLogin: goOn } = await returnSlowly(connection, browser);
    await owner.delete(`/sso/connections/${connection}`).expect(204);
    provider.keys = { keys: [] };
    expect((await goOn()).status).toBe(403);
  });
});

describe('a test of a connection', () => {
  test('that began before the settings were changed has not passed', async () => {
    const draft = await connectSaml(rollcall, organization, { state: 'draft', domains: ['draft.example'] });
    const browser = createBrowser();
    const form = await browser.get(`${publicUrl}/sign-in?with=password`);
    await browser.submit(form, { email: organization.ownerEmail, password: OWNER_PASSWORD });
    const { id } = await draft.begin(browser, '?purpose=test');
    const at = `/sso/connections/${draft.connection}`;
    await owner.patch(at, { settings: { signRequests: false } }).expect(200);
    const said = { nameId: 'a@draft.example', attributes: [['email', ['a@draft.example']]] } as const;
    const page = await draft.post(browser, draft.respond({ inResponseTo: id, ...said }));
    expect(page.text).not.toContain('has passed');
    expect(await lastTrace(draft.connection)).toEqual({ outcome: 'refused', reason: 'connection_changed' });
    expect((await owner.post(`${at}/activate`)).body.code).toBe('test_not_passed');
  });
});

describe('a link that waits in a mail', () => {
  async function requested() {
    const own = await rollcall.organization();
    const admin = await signInAsOwner(rollcall, own);
    const domain = `d${own.org.slice(-8)}.example`;
    const saml = await connectSaml(rollcall, own, { domains: [domain] });
    const email = `jane@${domain}`;
    await rollcall.rollcall.db.search('update users set email = $2, email_key = $2 where org_id = $1', [
      own.org,
      email,
    ]);
    await saml.signIn(createBrowser(), { nameId: email, attributes: [['email', [email]]] });
    const [mail] = await mailsTo(rollcall, email);
    const link = publicUrl + (/\/sso\/confirm\/token_\w+/.exec(mail?.text ?? '')?.[0] as string);
    return { admin, at: `/sso/connections/${saml.connection}`, link };
  }
  const follows = async (link: string) => {
    const browser = createBrowser();
    const page = await browser.get(link);
    return page.status === 200 ? (await browser.submit(page)).text.includes('Connected') : page.status;
  };

  test('connects', async () => {
    expect(await follows((await requested()).link)).toBe(true);
  });

  test('connects no one to a connection that was switched off', async () => {
    const { admin, at, link } = await requested();
    await admin.post(`${at}/deactivate`).expect(200);
    expect(await follows(link)).toBe(404);
  });

  test('connects no one to a provider that the connection did not believe when it asked', async () => {
    const { admin, at, link } = await requested();
    const { certificatePem } = await makeParty();
    await admin.post(`${at}/certificates`, { certificate: certificatePem }).expect(201);
    expect(await follows(link)).toBe(404);
  });

  test('connects no one once the connection is gone', async () => {
    const { admin, at, link } = await requested();
    await admin.delete(at).expect(204);
    expect(await follows(link)).toBe(404);
  });
});

test('a session that began while its user was deactivated does not come back with them', async () => {
  const saml = await connectSaml(rollcall, organization, {
    domains: ['back.example'],
    provisioning: { enabled: true },
  });
  const browser = createBrowser();
  const said = { nameId: 'j@back.example', attributes: [['email', ['j@back.example']]] } as const;
  await saml.signIn(browser, said);
  expect(await isIn(browser)).toBe(true);
  const { id } = (await owner.get('/users?q=j@back.example')).body.data[0];
  const active = (value: boolean) =>
    organization
      .scim('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value }],
      })
      .expect(200);
  // The time of a change is accepted before it waits for the row that a sign-in holds.
  clock = -5_000;
  await active(false);
  clock = 0;
  await active(true);
  expect(await isIn(browser)).toBe(false);
  await saml.signIn(browser, said);
  expect(await isIn(browser)).toBe(true);
});
