import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { DAY_MS } from '../../src/platform/time.ts';
import {
  anonymous,
  joins,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestUser,
  withKey,
} from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { createTestProviders, metadataOf } from '../support/providers.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { makeParty, type Party } from '../support/saml/party.ts';
import { playProvider } from '../support/sso.ts';

let clock = Date.now();
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let party: Party;
let publicUrl: string;
let numbers = 0;

beforeAll(async () => {
  rollcall = await startRollcall({
    providers: createTestProviders().reader,
    trustProxy: 1,
    now: () => new Date(clock),
  });
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  organization = await rollcall.organization({ name: 'Acme', now: () => new Date(clock) });
  owner = await signInAsOwner(rollcall, organization);
  party = await makeParty();
});
afterAll(() => rollcall.close());

const pass = async (milliseconds: number) => {
  clock += milliseconds;
  owner = await signInAsOwner(rollcall, organization);
};
const proof = { password: OWNER_PASSWORD };

async function ssoDraft(by = owner): Promise<string> {
  const body = { name: 'Acme Okta', protocol: 'saml', provider: 'okta' };
  return (await by.post('/sso/connections', body).expect(201)).body.id;
}
const scimDraft = async (): Promise<string> =>
  (await owner.post('/scim/connections', { name: 'Acme Entra' }).expect(201)).body.id;

/** The holder of a new link: nobody of the organization. */
async function linkTo(path: string, more: object = {}, by: TestUser = owner, password = OWNER_PASSWORD) {
  const body = { label: 'Jane at Acme IT', password, ...more };
  const { body: link } = await by.post(`${path}/set-up-links`, body).expect(201);
  const url = new URL(link.url);
  return {
    link,
    token: url.hash.slice(1),
    holder: withKey(rollcall.server, url.hash.slice(1)),
    revoke: () => owner.delete(`${path}/set-up-links/${link.id}`).expect(204),
  };
}

/** Metadata of a provider of the test's own, and the provider. */
function providerOf(connection: string) {
  const host = `idp-${++numbers}.acme.example`;
  const [entityId, ssoUrl] = [`https://${host}/metadata`, `https://${host}/sso`];
  return {
    xml: metadataOf({ entityId, ssoUrl, certificates: [party.certificatePem] }),
    provider: playProvider({ connection, entityId, ssoUrl, party, publicUrl }),
  };
}

/** A test sign-in in a browser that has no session. */
async function runTest(holder: TestUser, provider: ReturnType<typeof providerOf>['provider']) {
  const { body } = await holder.post('/set-up-link/sso/test').expect(200);
  const browser = createBrowser();
  const search = new URL(body.testUrl).search;
  const { id } = await provider.begin(browser, search);
  const attributes = [['email', ['jane@acme.example']]] as const;
  const page = await provider.post(
    browser,
    provider.respond({ inResponseTo: id, nameId: 'jane@acme.example', attributes }),
  );
  return { search, page };
}
const eventsBy = async (link: string) =>
  ((await owner.get('/audit?limit=200')).body.data as { action: string; actor: { id: string } }[])
    .filter(({ actor }) => actor.id === link)
    .map(({ action }) => action)
    .reverse();

describe('R154: a set-up link for single sign-on', () => {
  test('lets its holder set the connection up without an account, each step an event of the link; activation is the administrator’s', async () => {
    const id = await ssoDraft();
    const { link, holder, token } = await linkTo(`/sso/connections/${id}`);
    expect(link).toMatchObject({ state: 'unused', mayActivate: false, label: 'Jane at Acme IT' });
    expect(Date.parse(link.expiresAt) - clock).toBe(7 * DAY_MS);
    expect((await holder.get('/set-up-link').expect(200)).body).toEqual({
      kind: 'sso',
      organization: 'Acme',
      mayActivate: false,
      expiresAt: link.expiresAt,
    });
    const read = (await holder.get('/set-up-link/sso').expect(200)).body;
    expect(read).toMatchObject({ id, state: 'draft' });
    expect(JSON.stringify(read.serviceProvider)).toContain(`/sso/saml/${id}/acs`);

    const { xml, provider } = providerOf(id);
    await holder.post('/set-up-link/sso/metadata', { xml }).expect(200);
    await holder.put('/set-up-link/sso/jit', { enabled: true, emailAttribute: 'email' }).expect(200);
    const domains = await holder
      .put('/set-up-link/sso/domains', { domains: [{ domain: 'acme.example' }] })
      .expect(200);
    expect(domains.body.data[0]).toMatchObject({ domain: 'acme.example', record: { type: 'TXT' } });
    const { page } = await runTest(holder, provider);
    expect(page.status).toBe(200);
    const result = (await holder.get('/set-up-link/sso/test-result').expect(200)).body;
    expect(result).toMatchObject({ outcome: 'tested' });
    expect(result).not.toHaveProperty('user');

    const refused = await holder.post('/set-up-link/sso/activate');
    expect([refused.status, refused.body.detail]).toEqual([
      403,
      'This link does not activate the connection: tell the administrator that it is ready.',
    ]);
    await owner.post(`/sso/connections/${id}/activate`).expect(200);
    expect(await eventsBy(link.id)).toEqual(
      expect.arrayContaining([
        'set_up_link.opened',
        'sso_connection.updated',
        'sso_certificate.added',
        'sso_domain.added',
      ]),
    );
    const [opened] = (await owner.get('/audit?action=sso_domain.added')).body.data;
    expect(opened.actor).toMatchObject({ type: 'set_up_link', name: 'Jane at Acme IT' });
    expect(opened.sentence).toMatch(/^The set-up link Jane at Acme IT added the domain/);
    const stored = await rollcall.rollcall.db.search<{ text: string }>(
      'select row_to_json(l)::text as text from set_up_links l where id = $1',
      [link.id],
    );
    expect(stored[0]?.text).not.toContain(token.slice(-20));
    // What is in use is changed by administrators.
    const live = await holder.post('/set-up-link/sso/metadata', { xml: providerOf(id).xml });
    expect([live.status, live.body.code]).toEqual([409, 'conflict']);
    for (const [path, body] of [
      ['/set-up-link/sso', { settings: { forceAuthn: true } }],
      ['/set-up-link/sso/jit', { enabled: false }],
      ['/set-up-link/sso/domains', { domains: [] }],
    ] as const) {
      const answer =
        path === '/set-up-link/sso' ? await holder.patch(path, body) : await holder.put(path, body);
      expect([path, answer.status]).toEqual([path, 409]);
    }
  });

  test('activates the connection if it is made for that', async () => {
    const id = await ssoDraft();
    const { holder } = await linkTo(`/sso/connections/${id}`, { mayActivate: true });
    const { xml, provider } = providerOf(id);
    await holder.post('/set-up-link/sso/metadata', { xml }).expect(200);
    expect((await holder.post('/set-up-link/sso/activate')).body.code).toBe('test_not_passed');
    await runTest(holder, provider);
    expect((await holder.post('/set-up-link/sso/activate').expect(200)).body.state).toBe('active');
  });

  test('gives no role that the connection does not give already, and enforces nothing', async () => {
    const id = await ssoDraft();
    const { holder } = await linkTo(`/sso/connections/${id}`);
    const put = (roleMapping: object[], defaultRole = 'readonly') =>
      holder.put('/set-up-link/sso/jit', {
        enabled: true,
        groupAttribute: 'groups',
        defaultRole,
        roleMapping,
      });
    for (const role of ['train', 'configure', 'admin']) {
      expect((await put([{ group: 'Everyone', role }])).body.code).toBe('role_above_limit');
      expect((await put([], role)).body.code).toBe('role_above_limit');
    }
    await owner
      .put(`/sso/connections/${id}/jit`, { roleMapping: [{ group: 'Trainers', role: 'train' }] })
      .expect(200);
    await put([{ group: 'Coaches', role: 'train' }]).expect(200);
    const enforced = await holder.put('/set-up-link/sso/domains', {
      domains: [{ domain: 'enforced.example', enforced: true }],
    });
    expect(enforced.status).toBe(409);
  });

  test('begins a test with an address that works once, for ten minutes, for this connection', async () => {
    const [id, other] = [await ssoDraft(), await ssoDraft()];
    const { holder, revoke } = await linkTo(`/sso/connections/${id}`);
    const { xml, provider } = providerOf(id);
    await holder.post('/set-up-link/sso/metadata', { xml }).expect(200);
    const { search } = await runTest(holder, provider);
    const start = (connection: string, query: string) =>
      createBrowser().get(`${publicUrl}/sso/${connection}/start${query}`, {
        stopAt: ({ hostname }) => hostname.endsWith('.acme.example'),
      });
    const statusOf = async (connection: string, query: string) => (await start(connection, query)).status;
    expect(await statusOf(id, search)).toBe(403);
    const fresh = async () => new URL((await holder.post('/set-up-link/sso/test')).body.testUrl).search;
    expect(await statusOf(other, await fresh())).toBe(403);
    const late = await fresh();
    clock += 601_000;
    expect(await statusOf(id, late)).toBe(403);
    // A code begins no sign-in, and no proof for a session.
    const code = (await fresh()).replace('purpose=test', 'purpose=step_up');
    expect((await start(id, code)).url.pathname).toBe('/sign-in');
    const last = await fresh();
    await revoke();
    expect(await statusOf(id, last)).toBe(403);
  });
});

describe('R154: a set-up link for provisioning', () => {
  test('shows the base URL, issues a token once, and tests what the provider has done', async () => {
    const id = await scimDraft();
    const { link, holder } = await linkTo(`/scim/connections/${id}`);
    expect((await holder.get('/set-up-link/scim').expect(200)).body).toEqual({
      name: 'Acme Entra',
      baseUrl: `${publicUrl}/scim/v2`,
      tokens: [],
    });
    const check = async () => {
      await rollcall.rollcall.writeProvisioningLog();
      const { body } = await holder.post('/set-up-link/scim/test').expect(200);
      return [body.passed, body.checks.filter(({ passed }: { passed: boolean }) => !passed).length];
    };
    expect(await check()).toEqual([false, 4]);
    const { token, id: tokenId } = (await holder.post('/set-up-link/scim/tokens', {}).expect(201)).body;
    expect(await check()).toEqual([false, 3]);
    const scim = (userName: string) =>
      request(rollcall.server)
        .post('/scim/v2/Users')
        .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' })
        .send(
          JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, active: true }),
        );
    await scim('linked@acme.example').expect(201);
    expect(await check()).toEqual([true, 0]);
    await scim('linked@acme.example').expect(409);
    expect(await check()).toEqual([false, 1]);
    expect(await eventsBy(link.id)).toEqual(['scim.token_issued']);
    const shown = (await holder.get('/set-up-link/scim')).body;
    expect(shown.tokens).toMatchObject([{ id: tokenId }]);
    expect(JSON.stringify(shown)).not.toContain(token);
  });
});

describe('R154: the self-test with a set-up link', () => {
  test('answers what the provider would send, of its own connection, leaves nothing behind, and is an event of the link', async () => {
    const [id, other] = [await scimDraft(), await scimDraft()];
    const { link, holder } = await linkTo(`/scim/connections/${id}`);
    const users = async () => (await owner.get('/users?limit=200')).body.data.length;
    const before = await users();
    const report = (await holder.post('/set-up-link/scim/self-test', {}).expect(200)).body;
    expect(report).toMatchObject({ provider: 'entra' });
    expect(report.steps.every(({ outcome }: { outcome: string }) => outcome === 'passed')).toBe(true);
    expect(report.checks[1]).toMatchObject({ name: 'token', state: 'failed' });
    await holder.post('/set-up-link/scim/tokens', {}).expect(201);
    const again = await holder.post('/set-up-link/scim/self-test', { provider: 'okta' }).expect(200);
    expect(again.body).toMatchObject({ provider: 'okta' });
    expect(again.body.checks[1]).toMatchObject({ name: 'token', state: 'passed' });
    expect(await users()).toBe(before);
    // In any order: the clock of the test stands still.
    expect((await eventsBy(link.id)).sort()).toEqual([
      'connection.self_tested',
      'connection.self_tested',
      'scim.token_issued',
    ]);
    const about = async (target: string) =>
      (await owner.get(`/audit?target=${target}&action=connection.self_tested`).expect(200)).body.data.length;
    expect([await about(id), await about(other)]).toEqual([2, 0]);
  });

  test('is refused to a link for single sign-on, after the revocation, to who made it without a link, and with another connection in it', async () => {
    const [id, other] = [await scimDraft(), await scimDraft()];
    const route = '/set-up-link/scim/self-test';
    const sso = await linkTo(`/sso/connections/${await ssoDraft()}`, { mayActivate: true });
    expect((await sso.holder.post(route, {})).status).toBe(403);
    const scim = await linkTo(`/scim/connections/${id}`);
    for (const body of [{ id: other }, { connection: other }, { provider: 'unknown' }]) {
      expect([body, (await scim.holder.post(route, body)).status]).toEqual([body, 422]);
    }
    expect((await scim.holder.post(`/scim/connections/${other}/self-test`, {})).status).toBe(401);
    const key = (await owner.post('/me/api-keys', { name: 'All', scopes: ['scim:manage'] })).body.token;
    for (const who of [owner, withKey(rollcall.server, key), anonymous(rollcall.server)]) {
      expect((await who.post(route, {})).status).toBe(401);
    }
    await scim.revoke();
    expect((await scim.holder.post(route, {})).status).toBe(401);
  });

  test('needs the right of the administrator who made the link at that moment', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const made = await linkTo(`/scim/connections/${await scimDraft()}`, {}, admin, PASSWORD);
    await made.holder.post('/set-up-link/scim/self-test', {}).expect(200);
    const { impactToken } = (await owner.get(`/users/${admin.id}/role-impact?role=train`).expect(200)).body;
    await owner.put(`/users/${admin.id}/role`, { role: 'train', impactToken }).expect(200);
    expect([401, 403]).toContain((await made.holder.post('/set-up-link/scim/self-test', {})).status);
  });
});

describe('R154: a set-up link cannot', () => {
  const holderRoutes = [
    ['get', '/set-up-link'],
    ['get', '/set-up-link/sso'],
    ['get', '/set-up-link/sso/jit'],
    ['get', '/set-up-link/sso/test-result'],
    ['post', '/set-up-link/sso/test'],
    ['post', '/set-up-link/sso/activate'],
  ] as const;
  const isDead = async (holder: TestUser) => {
    for (const [verb, path] of holderRoutes) {
      const answer = await holder[verb](path).set('X-Forwarded-For', `192.0.2.${++numbers % 250}`);
      expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'unauthenticated']);
    }
  };

  test('be used after its revocation', async () => {
    const { holder, revoke } = await linkTo(`/sso/connections/${await ssoDraft()}`);
    await holder.get('/set-up-link').expect(200);
    await revoke();
    await isDead(holder);
    await revoke();
  });

  test('be used a moment after seven days', async () => {
    const { holder } = await linkTo(`/sso/connections/${await ssoDraft()}`);
    await pass(7 * DAY_MS - 1);
    await holder.get('/set-up-link/sso').expect(200);
    clock += 1;
    await isDead(holder);
    owner = await signInAsOwner(rollcall, organization);
  });

  test('outlive single sign-on of its connection, also where SCIM keeps the connection and single sign-on comes back', async () => {
    const id = await scimDraft();
    await owner.post(`/scim/connections/${id}/tokens`, proof).expect(201);
    const sso = { name: 'Acme', protocol: 'saml', provider: 'okta', connectionId: id };
    await owner.post('/sso/connections', sso).expect(201);
    const { holder } = await linkTo(`/sso/connections/${id}`);
    await holder.get('/set-up-link/sso').expect(200);
    await owner.delete(`/sso/connections/${id}`).expect(204);
    await isDead(holder);
    await owner.post('/sso/connections', sso).expect(201);
    await isDead(holder);
  });

  test('be used once the administrator who made it has no right any more, or is inactive', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const id = await ssoDraft();
    const made = await linkTo(`/sso/connections/${id}`, {}, admin, PASSWORD);
    await made.holder.get('/set-up-link/sso').expect(200);
    const { impactToken } = (await owner.get(`/users/${admin.id}/role-impact?role=configure`)).body;
    await owner
      .put(`/users/${admin.id}/role`, { role: 'configure', impactToken, reason: 'Moved.' })
      .expect(200);
    expect((await made.holder.get('/set-up-link/sso')).status).toBe(403);
    expect((await made.holder.patch('/set-up-link/sso', { settings: { forceAuthn: true } })).status).toBe(
      403,
    );
    await owner.post(`/users/${admin.id}/deactivate`, { reason: 'Left.' }).expect(200);
    await isDead(made.holder);
  });

  test('come back with the administrator who made it and was deactivated since', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const made = await linkTo(`/sso/connections/${await ssoDraft()}`, {}, admin, PASSWORD);
    await owner.post(`/users/${admin.id}/deactivate`, {}).expect(200);
    await owner.post(`/users/${admin.id}/activate`, {}).expect(200);
    await isDead(made.holder);
    clock += 1_000;
    const again = await signIn(rollcall.server, admin.email, PASSWORD);
    const other = await linkTo(`/sso/connections/${await ssoDraft()}`, {}, again, PASSWORD);
    await other.holder.get('/set-up-link/sso').expect(200);
  });

  test('reach any other route, nor a session or a key a route of links', async () => {
    const id = await ssoDraft();
    const { holder } = await linkTo(`/sso/connections/${id}`, { mayActivate: true });
    for (const path of [
      '/me',
      '/users',
      '/sso/connections',
      `/sso/connections/${id}`,
      '/audit',
      '/settings',
    ]) {
      const answer = await holder.get(path).set('X-Forwarded-For', `198.51.100.${++numbers % 250}`);
      expect([path, answer.status]).toEqual([path, 401]);
    }
    const key = (await owner.post('/me/api-keys', { name: 'All', scopes: ['sso:manage'] })).body.token;
    for (const who of [owner, withKey(rollcall.server, key), anonymous(rollcall.server)]) {
      expect((await who.get('/set-up-link/sso')).status).toBe(401);
    }
    const scim = await request(rollcall.server)
      .get('/scim/v2/Users')
      .set('Authorization', `Bearer ${(await linkTo(`/scim/connections/${await scimDraft()}`)).token}`);
    expect(scim.status).toBe(401);
  });

  test('name another connection: a link for one kind does not do the other, and its connection is not asked of it', async () => {
    const [id, other] = [await ssoDraft(), await ssoDraft()];
    const { holder } = await linkTo(`/sso/connections/${id}`);
    for (const path of [
      '/set-up-link/scim',
      '/set-up-link/scim/tokens',
      '/set-up-link/scim/test',
      '/set-up-link/scim/self-test',
    ]) {
      const answer = path.endsWith('scim')
        ? await holder.get(path)
        : await holder.post(path, /(tokens|self-test)$/.test(path) ? {} : undefined);
      expect([path, answer.status]).toEqual([path, 403]);
    }
    const smuggled = await holder.patch(`/set-up-link/sso?id=${other}&connectionId=${other}`, {
      settings: { forceAuthn: true },
    });
    expect([200, 422]).toContain(smuggled.status);
    expect((await holder.patch('/set-up-link/sso', { id: other, settings: {} })).status).toBe(422);
    expect((await holder.patch('/set-up-link/sso', { name: 'Mine' })).status).toBe(422);
    expect((await owner.get(`/sso/connections/${other}`)).body.settings.forceAuthn).toBe(false);
  });

  test('get the answer of another link by its idempotency key, though one administrator made both', async () => {
    const [one, two] = [
      await linkTo(`/scim/connections/${await scimDraft()}`),
      await linkTo(`/scim/connections/${await scimDraft()}`),
    ];
    const issue = (holder: TestUser) =>
      holder
        .post('/set-up-link/scim/tokens', {})
        .set('Idempotency-Key', '0190aaaa-0000-7000-8000-000000000001')
        .expect(201);
    const [first, second] = [(await issue(one.holder)).body, (await issue(two.holder)).body];
    expect(second.token).not.toBe(first.token);
    expect((await issue(one.holder)).body.token).toBe(first.token);
  });

  test('act as an owner on a connection through which owners sign in', async () => {
    const id = await ssoDraft();
    const { holder } = await linkTo(`/sso/connections/${id}`, { mayActivate: true });
    const { xml } = providerOf(id);
    await holder.post('/set-up-link/sso/metadata', { xml }).expect(200);
    await rollcall.rollcall.db.search(
      `insert into identities (org_id, connection_id, subject, user_id, linked_by, linked_at)
       values ($1, $2, 'owner', $3, 'admin', now())`,
      [organization.org, id, owner.id],
    );
    const answer = await holder.post('/set-up-link/sso/metadata', { xml: providerOf(id).xml });
    expect([answer.status, answer.body.code]).toEqual([403, 'owner_only']);
  });
});

describe('R154: administrators', () => {
  test('make a link with their password only, five for one connection, and see what became of each', async () => {
    const path = `/sso/connections/${await ssoDraft()}/set-up-links`;
    expect((await owner.post(path, { label: 'Jane' })).body.code).toBe('step_up_required');
    for (let count = 0; count < 5; count += 1)
      await owner.post(path, { label: `Nr ${count}`, ...proof }).expect(201);
    expect((await owner.post(path, { label: 'Nr 5', ...proof })).body.code).toBe('too_many');
    const { data } = (await owner.get(path)).body;
    await owner.delete(`${path}/${data[0].id}`).expect(204);
    await owner.post(path, { label: 'Nr 6', ...proof }).expect(201);
    const states = ((await owner.get(path)).body.data as { state: string }[]).map(({ state }) => state);
    expect(states.filter((state) => state === 'revoked')).toHaveLength(1);
    expect(states).toHaveLength(6);
    expect(JSON.stringify((await owner.get(path)).body)).not.toContain('rollcall_setup_');
  });

  test('revoke a link only where it belongs', async () => {
    const [id, other] = [await ssoDraft(), await ssoDraft()];
    const { link, holder } = await linkTo(`/sso/connections/${id}`);
    expect((await owner.delete(`/sso/connections/${other}/set-up-links/${link.id}`)).status).toBe(404);
    expect((await owner.delete(`/scim/connections/${id}/set-up-links/${link.id}`)).status).toBe(404);
    const stranger = await signInAsOwner(
      rollcall,
      await rollcall.organization({ now: () => new Date(clock) }),
    );
    expect((await stranger.delete(`/sso/connections/${id}/set-up-links/${link.id}`)).status).toBe(404);
    await holder.get('/set-up-link').expect(200);
  });

  test('end what a link is doing at that moment: of a revocation and a change at once, nothing comes after the revocation', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { link, holder, revoke } = await linkTo(`/sso/connections/${await ssoDraft()}`);
      const [change] = await Promise.all([
        holder.patch('/set-up-link/sso', { settings: { forceAuthn: true } }),
        revoke(),
      ]);
      expect([200, 401, 403]).toContain(change.status);
      const events = await rollcall.rollcall.db.search<{ action: string }>(
        'select action from events where org_id = $1 and (actor_id = $2::text or target_id = $2::uuid) order by feed_position, id',
        [organization.org, link.id],
      );
      const names = events.map(({ action }) => action);
      expect(names.indexOf('set_up_link.revoked')).toBe(names.length - 1);
      expect(names.includes('sso_connection.updated')).toBe(change.status === 200);
    }
  });

  test('cannot make one as a program', async () => {
    const key = (await owner.post('/me/api-keys', { name: 'All', scopes: ['sso:manage'] })).body.token;
    const path = `/sso/connections/${await ssoDraft()}/set-up-links`;
    const answer = await withKey(rollcall.server, key).post(path, { label: 'Jane', ...proof });
    expect(answer.status).toBe(403);
    expect((await signIn(rollcall.server, organization.ownerEmail, OWNER_PASSWORD)).id).toBe(owner.id);
  });
});
