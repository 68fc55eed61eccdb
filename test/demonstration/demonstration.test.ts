import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { emptyOfDemonstration, findOrganizationTables } from '../../src/demonstration/store/removal.ts';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import { hashToken, makeOpaqueToken } from '../../src/platform/opaque-token.ts';
import { hashPassword } from '../../src/sign-in/passwords.ts';
import { writePasswordHash } from '../../src/sign-in/store/passwords.ts';
import { insertSession } from '../../src/sign-in/store/sessions.ts';
import { PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import {
  type Browser,
  demonstrationOf,
  loadDemonstration,
  newBrowser,
  openDemonstration,
  ownersBrowser,
  rowsOf,
  tablesOfOrganizations,
} from './support.ts';

let mails: MailServer;
let receiver: Server;
let received = 0;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let demonstration: OrgId;
let inside: Browser;

beforeAll(async () => {
  mails = await startMailServer();
  receiver = createServer((_request, response) => {
    received += 1;
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  rollcall = await startRollcall({ mail: mails.options, allowPrivateWebhooks: true });
  organization = await rollcall.organization({ name: 'Contoso' });
  owner = await signInAsOwner(rollcall, organization);
  await loadDemonstration(rollcall, owner);
  demonstration = (await demonstrationOf(rollcall, organization.org)) as OrgId;
  inside = await ownersBrowser(rollcall, organization);
  await openDemonstration(inside);
}, 120_000);
afterAll(async () => {
  await rollcall.close();
  await mails.stop();
  receiver.close();
});

const read = async (path: string) => (await inside.ask('get', path).expect(200)).body;

test('an owner opens the demonstration without a password, and has the rights of its owner', async () => {
  const me = await read('/me');
  expect(me.organization).toMatchObject({ id: demonstration, name: 'Halden Instruments (demonstration)' });
  expect(me).toMatchObject({ demonstrationOf: 'Contoso', user: { owner: true } });
  expect((await owner.get('/me')).body).toMatchObject({ demonstrationOf: null });
});

test('the demonstration has people of every status, from many languages', async () => {
  const { data } = await read('/users?limit=200');
  const all = [...data];
  for (let { nextCursor } = await read('/users?limit=100'); nextCursor !== null; ) {
    const page = await read(`/users?limit=100&cursor=${nextCursor}`);
    all.push(...page.data);
    nextCursor = page.nextCursor;
  }
  const people = new Map(all.map((user) => [user.email.split('@')[0], user]));
  expect(people.size).toBeGreaterThan(100);
  expect(people.get('layla.haddad')).toMatchObject({ name: 'ليلى حداد', status: 'active' });
  expect(people.get('viktor.nilsson')).toMatchObject({ status: 'inactive' });
  expect(people.get('piotr.zielinski')).toMatchObject({ status: 'pending' });
  const locked = await read(`/users/${people.get('gustav.aalto').id}`);
  expect(locked.lockedAt ?? locked.locked).toBeTruthy();
});

test('the demonstration has open alerts of several kinds, which the detectors have opened', async () => {
  const { data } = await read('/alerts?limit=100');
  const kinds = new Set(data.map(({ kind }: { kind: string }) => kind));
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining([
      'expiring',
      'failed_sign_ins',
      'mass_change',
      'new_location',
      'password_spraying',
    ]),
  );
  expect(data.filter(({ state }: { state: string }) => state === 'open').length).toBeGreaterThan(3);
});

test('the demonstration has an access review with some decisions, a temporary role that is active and one that is asked for', async () => {
  const reviews = (await read('/reviews')).data;
  const [open] = reviews.filter(({ state }: { state: string }) => state === 'open');
  expect(open.counts ?? open).toBeTruthy();
  const states = (await read('/elevations?limit=100')).data.map(({ state }: { state: string }) => state);
  expect(states).toEqual(expect.arrayContaining(['active', 'pending', 'expired', 'rejected']));
});

test('the review of the demonstration calls no key unused that was used before it began', async () => {
  const reviews = (await read('/reviews')).data;
  const [open] = reviews.filter(({ state }: { state: string }) => state === 'open');
  const items = (await read(`/reviews/${open.id}/items?limit=200&subjectType=api_key`)).data;
  const found = await read('/api-keys?limit=200');
  const usedNow = new Map(
    found.data.map(({ id, lastUsedAt }: { id: string; lastUsedAt: string | null }) => [id, lastUsedAt]),
  );
  const told = items.map(
    ({ subject, lastActiveAt }: { subject: { id: string }; lastActiveAt: string | null }) =>
      [lastActiveAt === null, usedNow.get(subject.id) === null] as const,
  );
  expect(told).toContainEqual([false, false]);
  for (const [then, now] of told) expect(then).toBe(now);
});

test('the provisioning log of the demonstration says what failed and what to do about it', async () => {
  const [okta] = (await read('/scim/connections')).data.filter(
    ({ name }: { name: string }) => name === 'Okta',
  );
  const { data } = await read(`/scim/connections/${okta.id}/requests?status=error&limit=50`);
  expect(data.length).toBeGreaterThan(2);
  const { body } = await inside.ask('get', `/scim/connections/${okta.id}/requests/${data[0].id}`);
  expect(body.error).toMatchObject({ meaning: expect.any(String), remedy: expect.any(String) });
});

test('another load is refused while there is a demonstration, and a demonstration has none of its own', async () => {
  const again = await owner.post('/demonstration');
  expect(again.status).toBe(409);
  expect(again.body.detail).toBe('There is a demonstration organization already: remove it first.');
  expect((await inside.ask('post', '/demonstration')).body).toMatchObject({
    status: 409,
    code: 'demonstration',
  });
});

test('an administrator who is no owner neither loads, opens nor removes the demonstration', async () => {
  const email = 'second@contoso.example';
  const invited = await owner
    .post('/invitations', { email, role: 'admin', reason: 'For the test.' })
    .expect(201);
  await rollcall.rollcall.runDueJobsOnce();
  const mail = mails.received.find(({ to }) => JSON.stringify(to).includes(email));
  const token = /\/invite\/(token_[A-Za-z0-9]+)/.exec(mail?.text ?? '')?.[1];
  expect([invited.status, token]).toEqual([201, expect.any(String)]);
  await request(rollcall.server)
    .post(`/api/v1/invite/${token}/accept`)
    .send({ password: PASSWORD })
    .expect(200);
  const browser = newBrowser(rollcall);
  browser.csrfToken = (
    await browser.ask('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  ).body.csrfToken;
  for (const [verb, path] of [
    ['post', '/demonstration'],
    ['delete', '/demonstration'],
    ['post', '/demonstration/session'],
  ] as const) {
    expect((await browser.ask(verb, path)).body).toMatchObject({ status: 403, code: 'owner_only' });
  }
  await browser.ask('get', '/demonstration').expect(200);
});

test('no mail is sent for a demonstration, and an invitation of it counts as sent', async () => {
  const before = mails.received.length;
  const email = 'new.person@halden-instruments.example';
  const { body } = await inside.ask('post', '/invitations', { email, role: 'readonly' }).expect(201);
  const people = (await read('/users?q=gustav')).data;
  await inside.ask('post', `/users/${people[0].id}/password-reset`);
  await request(rollcall.server)
    .post('/api/v1/auth/password-reset')
    .send({ email: 'sunniva.haldorsen@halden-instruments.example' })
    .expect(202);
  await rollcall.rollcall.mailAlerts();
  await rollcall.rollcall.runDueJobsOnce();
  await rollcall.rollcall.mailAlerts();
  await rollcall.rollcall.runDueJobsOnce();
  const toDemonstration = mails.received
    .slice(before)
    .filter(({ to }) => JSON.stringify(to).includes('halden-instruments.example'));
  expect(toDemonstration).toEqual([]);
  expect(mails.received.filter(({ to }) => JSON.stringify(to).includes('halden-instruments'))).toEqual([]);
  const { data } = await read('/invitations?limit=100');
  const [sent] = data.filter(
    ({ id, user }: { id: string; user?: { email: string } }) =>
      id === body.invitation?.id || user?.email === email,
  );
  expect(sent ?? data[0]).toMatchObject({ sentAt: expect.any(String) });
});

test('a webhook of a demonstration gets nothing, neither an event nor a test', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const real = await owner.post('/webhooks', { url, events: ['group.created'] }).expect(201);
  const made = await inside.ask('post', '/webhooks', { url, events: ['group.created'] }).expect(201);
  await inside.ask('post', '/groups', { name: 'Something happens' }).expect(201);
  await rollcall.rollcall.deliverWebhooks();
  expect(received).toBe(0);
  const { id } = made.body.webhook;
  expect((await inside.ask('post', `/webhooks/${id}/test`)).body).toMatchObject({
    status: 409,
    code: 'demonstration',
  });
  // The receiver is there: the organization's own webhook reaches it.
  await owner.post('/groups', { name: 'Something happens here' }).expect(201);
  await rollcall.rollcall.deliverWebhooks();
  expect(received).toBe(1);
  await owner.delete(`/webhooks/${real.body.webhook.id}`).expect(204);
});

test('the domain of the demonstration is verified in it, and claimed by no one', async () => {
  const [connection] = (await read('/sso/connections')).data;
  const { domains, warnings } = await read(`/sso/connections/${connection.id}`);
  expect(domains).toMatchObject([
    { domain: 'halden-instruments.example', verifiedAt: expect.any(String), enforced: false },
  ]);
  expect(warnings).toEqual([]);
  const claimed = await rollcall.rollcall.db.search('select from verified_domains where org_id = $1::uuid', [
    demonstration,
  ]);
  expect(claimed).toEqual([]);
});

test('nothing is asked of a provider, of DNS or of a receiver of audit events for a demonstration', async () => {
  const [connection] = (await read('/sso/connections')).data;
  const domain = 'halden-instruments.example';
  const [stream] = (await read('/audit/streams')).data;
  for (const [path, body] of [
    [`/sso/connections/${connection.id}/domains/${domain}/verify`, undefined],
    [`/sso/connections/${connection.id}/metadata`, { url: 'https://idp.example/metadata' }],
    [`/audit/streams/${stream.id}/test`, undefined],
    [
      '/sso/connections',
      {
        name: 'Another',
        provider: 'generic',
        protocol: 'oidc',
        settings: { issuer: 'https://idp.example', clientId: 'x', clientAuth: 'client_secret_basic' },
      },
    ],
  ] as const) {
    const answer = await inside.ask('post', path, body);
    expect([path, answer.status, answer.body.code]).toEqual([path, 409, 'demonstration']);
  }
  await rollcall.rollcall.deliverAuditStreams();
  const jobs = await rollcall.rollcall.db.search<{ kind: string }>(
    `select kind from jobs where org_id = $1::uuid and kind <> 'open_review'`,
    [demonstration],
  );
  expect(jobs).toEqual([]);
});

test('nobody signs in to a demonstration with a password, a provider or a session that was not opened', async () => {
  const [sunniva] = (await read('/users?q=sunniva')).data;
  const { db } = rollcall.rollcall;
  const at = new Date().toISOString();
  await writePasswordHash(db, demonstration, sunniva.id, await hashPassword(PASSWORD), at);
  const login = await newBrowser(rollcall).ask('post', '/auth/login', {
    email: sunniva.email,
    password: PASSWORD,
  });
  expect(login.status).toBe(401);
  const [connection] = (await read('/sso/connections')).data;
  const start = await request(rollcall.server).get(`/sso/${connection.id}/start`);
  expect(start.status).toBeGreaterThanOrEqual(400);
  const token = makeOpaqueToken();
  await insertSession(
    db,
    demonstration,
    {
      id: uuidv7(),
      user: sunniva.id as UserId,
      hash: hashToken(token),
      method: 'password',
      ip: undefined,
      userAgent: undefined,
      origin: undefined,
      openedFrom: undefined,
    },
    at,
  );
  const stranger = newBrowser(rollcall);
  stranger.cookies.set('sid', token);
  await stranger.ask('get', '/me').expect(401);
  stranger.cookies.set('demonstration', token);
  await stranger.ask('get', '/me').expect(401);
});

test('what asks for a recent proof needs none in a demonstration', async () => {
  const [okta] = (await read('/scim/connections')).data;
  await inside.ask('post', `/scim/connections/${okta.id}/tokens`, {}).expect(201);
});

test('a session of a demonstration gives no rights in the organization that opened it', async () => {
  await inside.ask('get', `/users/${owner.id}`).expect(404);
  await inside.ask('patch', `/users/${owner.id}`, { name: 'Someone' }).expect(404);
  const alone = newBrowser(rollcall);
  alone.cookies.set('sid', inside.cookies.get('demonstration') as string);
  await alone.ask('get', '/me').expect(401);
  alone.cookies.delete('sid');
  alone.cookies.set('demonstration', inside.cookies.get('demonstration') as string);
  await alone.ask('get', '/me').expect(401);
});

test('the session of a demonstration counts only beside the session that it was opened from', async () => {
  const other = await ownersBrowser(rollcall, organization);
  other.cookies.set('demonstration', inside.cookies.get('demonstration') as string);
  expect((await other.ask('get', '/me')).body.organization.id).toBe(organization.org);
});

test('a page of the organization cannot change the demonstration, and a page of the demonstration not the organization', async () => {
  const browser = await ownersBrowser(rollcall, organization);
  const own = browser.csrfToken;
  await openDemonstration(browser);
  const theirs = browser.csrfToken;
  browser.csrfToken = own;
  expect((await browser.ask('post', '/groups', { name: 'Wrong place' })).body.code).toBe('csrf_failed');
  await browser.ask('get', '/me').expect(200);
  browser.cookies.delete('demonstration');
  browser.csrfToken = theirs;
  expect((await browser.ask('post', '/groups', { name: 'Wrong place' })).body.code).toBe('csrf_failed');
});

test('one comes back without a password, and the session of the demonstration ends', async () => {
  const browser = await ownersBrowser(rollcall, organization);
  const own = browser.csrfToken;
  await openDemonstration(browser);
  const token = browser.cookies.get('demonstration') as string;
  await browser.ask('delete', '/demonstration/session').expect(204);
  expect(browser.cookies.has('demonstration')).toBe(false);
  browser.csrfToken = own;
  expect((await browser.ask('get', '/me')).body.organization.id).toBe(organization.org);
  browser.cookies.set('demonstration', token);
  expect((await browser.ask('get', '/me')).body.organization.id).toBe(organization.org);
  await browser.ask('post', '/groups', { name: 'Back again' }).expect(201);
});

test('the session of a demonstration ends with the session that it was opened from', async () => {
  const browser = await ownersBrowser(rollcall, organization);
  await openDemonstration(browser);
  await browser.ask('get', '/users').expect(200);
  // From another place, where the owner signs out everywhere else.
  await owner.delete('/me/sessions').expect(204);
  await browser.ask('get', '/users').expect(401);
  inside = await ownersBrowser(rollcall, organization);
  await openDemonstration(inside);
});

test('the mark of a demonstration is set when an organization is made, and never later', async () => {
  const mark = (id: string) =>
    rollcall.rollcall.db.search(
      `update organizations set demonstration_of = $1::uuid where id = $2::uuid returning id`,
      [uuidv7(), id],
    );
  await expect(mark(organization.org)).rejects.toThrow(/from its beginning, or never/);
  await expect(mark(demonstration)).rejects.toThrow(/from its beginning, or never/);
});

test('what removes a demonstration removes nothing of an organization that is none', async () => {
  const { db } = rollcall.rollcall;
  const before = await rowsOf(rollcall, organization.org);
  for (const table of await findOrganizationTables(db)) {
    for (const loader of [organization.org, demonstration] as OrgId[]) {
      expect(await emptyOfDemonstration(db, table, organization.org as OrgId, loader)).toMatchObject({
        rows: 0,
      });
    }
  }
  expect(await rowsOf(rollcall, organization.org)).toEqual(before);
  await expect(
    db.search('delete from events where org_id = $1::uuid returning id', [organization.org]),
  ).rejects.toThrow(/append-only/);
});

test('a demonstration is removed whole, its audit trail too, and nothing of its organization', async () => {
  const tables = await findOrganizationTables(rollcall.rollcall.db);
  const all = (await tablesOfOrganizations(rollcall)).filter((name) => name !== 'demonstrations');
  expect([...tables].sort()).toEqual(all);
  const { events: _events, jobs: _jobs, ...before } = await rowsOf(rollcall, organization.org);
  const has = await rowsOf(rollcall, demonstration);
  expect(Object.keys(has)).toEqual(
    expect.arrayContaining([
      'events',
      'event_seals',
      'history',
      'scim_requests',
      'users',
      'reviews',
      'sessions',
    ]),
  );
  await owner.delete('/demonstration').expect(202);
  expect((await inside.ask('get', '/me')).body.organization.id).toBe(organization.org);
  await rollcall.rollcall.runDueJobsOnce();
  expect(await rowsOf(rollcall, demonstration)).toEqual({});
  expect(await demonstrationOf(rollcall, organization.org)).toBeUndefined();
  const {
    events: _after,
    jobs: _none,
    demonstrations: _gone,
    ...after
  } = await rowsOf(rollcall, organization.org);
  const { demonstrations: _was, ...kept } = before;
  expect(after).toMatchObject(kept);
  expect((await owner.get('/demonstration')).body).toMatchObject({ state: 'none', name: null });
  const again = await owner.delete('/demonstration');
  expect(again.status).toBe(409);
});
