import { verify, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Browser, createBrowser } from '../support/browser.ts';
import { createTestProviders, metadataOf } from '../support/providers.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { makeParty, type Party } from '../support/saml/party.ts';
import { playProvider, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let party: Party;
let publicUrl: string;
let numbers = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ providers: createTestProviders().reader });
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  party = await makeParty();
});
afterAll(() => rollcall.close());

/** A draft as an administrator makes it, and the provider that it is for. */
async function draft(): Promise<{ id: string; path: string; provider: TestProvider }> {
  const host = `idp-${++numbers}.acme.example`;
  const [entityId, ssoUrl] = [`https://${host}/metadata`, `https://${host}/sso`];
  const metadataXml = metadataOf({ entityId, ssoUrl, certificates: [party.certificatePem] });
  const body = { name: 'Acme', protocol: 'saml', provider: 'okta', metadataXml };
  const { id } = (await owner.post('/sso/connections', body)).body;
  const provider = playProvider({ connection: id, entityId, ssoUrl, party, publicUrl });
  return { id, path: `/sso/connections/${id}`, provider };
}

async function asOwner(): Promise<Browser> {
  const browser = createBrowser();
  const form = await browser.get(`${publicUrl}/sign-in?with=password`);
  await browser.submit(form, { email: organization.ownerEmail, password: OWNER_PASSWORD });
  return browser;
}

const says = (email: string) => ({ nameId: email, attributes: [['email', [email]] as const] });

/** Opens the address of the test in the administrator's browser; the provider answers. */
async function runTest({ path, provider }: Awaited<ReturnType<typeof draft>>, email = 'jane@acme.example') {
  const browser = await asOwner();
  const { testUrl } = (await owner.post(`${path}/test`)).body as { testUrl: string };
  const { id: inResponseTo } = await provider.begin(browser, new URL(testUrl).search);
  return provider.post(browser, provider.respond({ inResponseTo, ...says(email) }));
}

interface OwnKey {
  readonly id: string;
  readonly use: string;
  readonly certificate: string;
  readonly retiresAt: string | null;
}

/** Whether a request that went by redirect bears the signature of a key (SAML Bindings §3.4.4.1). */
function isSignedBy({ url }: { readonly url: URL }, { certificate }: OwnKey): boolean {
  const [signed, signature = ''] = url.search.slice(1).split('&Signature=') as [string, string?];
  const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
  return verify('sha256', Buffer.from(signed), new X509Certificate(certificate).publicKey, bytes);
}

const result = async (path: string) => (await owner.get(`${path}/test-result`)).body;
const read = async (path: string) => (await owner.get(path)).body;
const codes = (body: { warnings: { code: string }[] }) => body.warnings.map(({ code }) => code);

describe('a connection', () => {
  test('is tested, activated and used; no one got in before', async () => {
    const connection = await draft();
    const { path, provider } = connection;
    expect(await result(path)).toBeNull();
    const early = await owner.post(`${path}/activate`);
    expect([early.status, early.body.code]).toEqual([409, 'test_not_passed']);

    const tested = (await runTest(connection)).text;
    expect(tested).toContain('The test passed');
    // No one could sign in yet: the test has to show that.
    expect(tested).toMatch(/this user cannot sign in.*users are not created at sign-in.*turn on JIT/s);
    expect(await result(path)).toMatchObject({
      purpose: 'test',
      outcome: 'tested',
      reason: null,
      user: null,
      wouldBe: { kind: 'refuse', role: null, remedy: expect.stringContaining('JIT') },
    });
    const active = await owner.post(`${path}/activate`);
    expect(active.body).toMatchObject({ state: 'active', testedAt: expect.any(String) });
    expect(codes(active.body)).toEqual(['no_verified_domain']);

    await owner.put(`${path}/jit`, { enabled: true, allowedDomains: ['acme.example'] });
    const page = await provider.signIn(createBrowser(), says('john@acme.example'));
    expect(page.text).toContain('Sign out');
    expect((await read(path)).certificates[0].lastUsedAt).not.toBeNull();
  });

  test('tells what the user of the test would become, and makes neither account nor group', async () => {
    const connection = await draft();
    const { path, provider } = connection;
    await owner.post('/groups', { name: 'Engineering' }).expect(201);
    await owner.post('/groups', { name: 'Administrators', role: 'admin' }).expect(201);
    const jit = {
      enabled: true,
      allowedDomains: ['acme.example'],
      groupAttribute: 'memberOf',
      autoCreateGroups: true,
      roleMapping: [{ group: 'engineering', role: 'train' }],
    };
    await owner.put(`${path}/jit`, jit).expect(200);
    const browser = await asOwner();
    const { id: inResponseTo } = await provider.begin(browser, '?purpose=test');
    const attributes = [
      ['email', ['new@acme.example']],
      ['memberOf', ['Engineering', 'Administrators', 'Made by the test']],
    ] as const;
    const page = await provider.post(
      browser,
      provider.respond({ inResponseTo, nameId: 'new@acme.example', attributes }),
    );
    expect(page.text).toContain('an account is created for them');
    expect((await result(path)).wouldBe).toEqual({
      kind: 'create',
      sentence: 'When this user signs in, an account is created for them.',
      remedy: null,
      role: 'train',
      joins: ['Engineering'],
      creates: ['Made by the test'],
      ignored: [{ name: 'Administrators', why: 'carries_admin' }],
    });
    expect((await owner.get('/users?q=new@acme.example')).body.data).toEqual([]);
    expect((await owner.get('/groups?q=Made')).body.data).toEqual([]);
  });

  test('tells the administrator of a test that fails how far it came, why, and what to do', async () => {
    const connection = await draft();
    const browser = await asOwner();
    const { id: inResponseTo } = await connection.provider.begin(browser, '?purpose=test');
    const answer = { inResponseTo, ...says('jane@acme.example'), audience: 'https://elsewhere.example' };
    const page = await connection.provider.post(browser, connection.provider.respond(answer));
    expect([page.status, page.text]).toEqual([
      403,
      expect.stringMatching(
        /The test was refused.*is for another application.*Set the audience.*audience_mismatch/s,
      ),
    ]);
    expect(await result(connection.path)).toMatchObject({
      outcome: 'refused',
      stage: 'conditions',
      reason: 'audience_mismatch',
      happened: expect.stringContaining('another application'),
      remedy: expect.stringContaining('audience'),
    });
    expect((await owner.post(`${connection.path}/activate`)).body.code).toBe('test_not_passed');
  });

  test('tells no other user more than one sentence', async () => {
    const { path, provider } = await draft();
    const tester = await asOwner();
    await provider.begin(tester, '?purpose=test');
    const answer = { ...says('jane@acme.example'), audience: 'https://elsewhere.example' };
    const page = await provider.post(createBrowser(), provider.respond(answer));
    expect(page.text).toContain('Contact your administrator');
    expect(page.text).not.toContain('audience');
    expect(await result(path)).toBeNull();
  });

  test('that was changed while it was being tested is not tested', async () => {
    const { path, provider } = await draft();
    const browser = await asOwner();
    const { id: inResponseTo } = await provider.begin(browser, '?purpose=test');
    await owner.patch(path, { settings: { encryption: 'off' } });
    await provider.post(browser, provider.respond({ inResponseTo, ...says('jane@acme.example') }));
    expect((await read(path)).testedAt).toBeNull();
    expect((await owner.post(`${path}/activate`)).body.code).toBe('test_not_passed');
  });

  test('without a provider or a certificate is neither tested nor activated', async () => {
    const body = { name: 'Bare', protocol: 'saml', provider: 'generic' };
    const { id } = (await owner.post('/sso/connections', body)).body;
    const path = `/sso/connections/${id}`;
    for (const act of ['test', 'activate']) {
      const refused = await owner.post(`${path}/${act}`);
      expect([refused.status, refused.body.code]).toEqual([409, 'connection_incomplete']);
    }
    const page = await (await asOwner()).get(`${publicUrl}/sso/${id}/start?purpose=test`);
    expect(page.status).toBe(403);
    await owner.patch(path, { settings: { entityId: 'urn:idp', ssoUrl: 'https://idp.example/sso' } });
    expect((await owner.post(`${path}/test`)).body.code).toBe('certificate_missing');
  });

  test('that is switched off ends the sessions that began through it, and no others', async () => {
    const connection = await draft();
    const { path, provider } = connection;
    await runTest(connection);
    await owner.post(`${path}/activate`);
    await owner.put(`${path}/jit`, { enabled: true, allowedDomains: ['acme.example'] });
    const browser = createBrowser();
    await provider.signIn(browser, says('mary@acme.example'));
    expect((await browser.get(`${publicUrl}/`)).text).toContain('Sign out');

    const off = await owner.post(`${path}/deactivate`);
    expect(off.body.state).toBe('off');
    expect((await browser.get(`${publicUrl}/`)).url.pathname).toBe('/sign-in');
    expect((await owner.get('/me')).status).toBe(200);
    const refused = await createBrowser().get(`${publicUrl}/sso/${connection.id}/start`);
    expect(refused.status).toBe(403);

    const [ended] = await rollcall.rollcall.db.search<{ changes: unknown }>(
      `select changes from events where action = 'session.ended' order by id desc limit 1`,
      [],
    );
    expect(ended?.changes).toEqual({ values: { sessions: [1, 0], by: [null, 'connection'] } });
    expect((await owner.post(`${path}/activate`)).body.state).toBe('active');
  });

  test('that is removed ends them as well', async () => {
    const connection = await draft();
    await runTest(connection);
    await owner.post(`${connection.path}/activate`);
    await owner.put(`${connection.path}/jit`, { enabled: true, allowedDomains: ['acme.example'] });
    const browser = createBrowser();
    await connection.provider.signIn(browser, says('ruth@acme.example'));
    expect((await owner.delete(connection.path)).status).toBe(204);
    expect((await browser.get(`${publicUrl}/`)).url.pathname).toBe('/sign-in');
  });

  test('activated while another user edits it is never active on the strength of another test', async () => {
    for (let round = 0; round < 8; round += 1) {
      const connection = await draft();
      await runTest(connection);
      const [edit, activation] = await Promise.all([
        owner.patch(connection.path, { settings: { encryption: 'required' } }),
        owner.post(`${connection.path}/activate`),
      ]);
      expect(edit.status).toBe(200);
      const after = await read(connection.path);
      if (activation.status === 200) {
        // The activation was first: the editor was told that the connection is active.
        expect([after.state, codes(edit.body)]).toEqual(['active', expect.arrayContaining(['live_edit'])]);
      } else {
        expect([activation.body.code, after.state]).toEqual(['test_not_passed', 'draft']);
      }
      expect(after.testedAt).toBeNull();
    }
  });

  test('is not activated as a user who looked at an older version saw it', async () => {
    const connection = await draft();
    await runTest(connection);
    const { version } = await read(connection.path);
    await owner.patch(connection.path, { name: 'Another name' });
    const late = await owner.post(`${connection.path}/activate`).set('If-Match', `"${version}"`);
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
  });
});

describe('while a key of ours is being replaced', () => {
  const rotate = async (path: string, use: string) =>
    (await owner.post(`${path}/keys/rotate`, { use })).body.keys as OwnKey[];
  const published = async (id: string) =>
    (await createBrowser().get(`${publicUrl}/sso/saml/${id}/metadata`)).text;
  const base64 = ({ certificate }: OwnKey) => certificate.replace(/-----[A-Z ]+-----|\s/g, '');

  test('both are published; the one that the provider knows signs until it retires', async () => {
    const { id, path, provider } = await draft();
    const [old] = (await read(path)).keys as [OwnKey];
    const fresh = (await rotate(path, 'signing')).find(
      ({ use, retiresAt }) => use === 'signing' && !retiresAt,
    );
    expect(await published(id)).toContain(base64(old));
    expect(await published(id)).toContain(base64(fresh as OwnKey));
    const browser = await asOwner();
    expect(isSignedBy(await provider.begin(browser, '?purpose=test'), old)).toBe(true);
    await owner.delete(`${path}/keys/${old.id}`);
    expect(isSignedBy(await provider.begin(browser, '?purpose=test'), fresh as OwnKey)).toBe(true);
    expect(await published(id)).not.toContain(base64(old));
  });

  test('providers are notified to encrypt to the new one', async () => {
    const { id, path } = await draft();
    const old = (await read(path)).keys[1] as OwnKey;
    const keys = await rotate(path, 'encryption');
    const fresh = keys.find(({ use, retiresAt }) => use === 'encryption' && !retiresAt) as OwnKey;
    expect(await published(id)).toContain(base64(fresh));
    expect(await published(id)).not.toContain(base64(old));
  });
});

describe('traces', () => {
  test('are listed the newest first, a page at a time, by outcome, each with its meaning', async () => {
    const connection = await draft();
    const { path, provider } = connection;
    await runTest(connection);
    await owner.post(`${path}/activate`);
    for (const email of ['a@other.example', 'b@other.example', 'c@other.example']) {
      await provider.signIn(createBrowser(), says(email));
    }
    const first = (await owner.get(`${path}/traces?limit=2`)).body;
    expect(first.data).toHaveLength(2);
    expect(first.data[0]).toMatchObject({
      purpose: 'sign_in',
      outcome: 'refused',
      stage: 'account',
      reason: 'account_not_found',
      happened: expect.any(String),
      remedy: expect.any(String),
      seen: expect.any(Object),
    });
    const second = (await owner.get(`${path}/traces?limit=2&cursor=${first.nextCursor}`)).body;
    expect(second.data).toHaveLength(2);
    expect(second.data[1]).toMatchObject({ outcome: 'tested', stage: null, happened: null });
    expect(second.nextCursor).toBeNull();
    const refused = (await owner.get(`${path}/traces?outcome=refused`)).body.data;
    expect(refused).toHaveLength(3);
  });

  test('name the user that they are about', async () => {
    const connection = await draft();
    const { path, provider } = connection;
    await runTest(connection);
    await owner.post(`${path}/activate`);
    await owner.put(`${path}/jit`, { enabled: true, allowedDomains: ['acme.example'] });
    await provider.signIn(createBrowser(), says('tess@acme.example'));
    const [trace] = (await owner.get(`${path}/traces?outcome=signed_in`)).body.data;
    expect(trace.user).toEqual({ id: expect.any(String), email: 'tess@acme.example', name: null });
  });
});
