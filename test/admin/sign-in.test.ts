import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  anonymous,
  joins,
  mailsTo,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestUser,
} from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let clock = Date.now();

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const attempt = (email: string, password: string) =>
  request(rollcall.server).post('/api/v1/auth/login').send({ email, password });

describe('R136: a sign-in that fails', () => {
  test('always says "Invalid email or password"', async () => {
    const invited = `pending-${Date.now()}@rollcall.example`;
    await owner.post('/invitations', { email: invited });
    const inactive = await joins(rollcall, owner);
    await owner.post(`/users/${inactive.id}/deactivate`, {});
    const answers = await Promise.all([
      attempt('nobody@rollcall.example', 'x'),
      attempt(organization.ownerEmail, 'wrong'),
      attempt(invited, PASSWORD),
      attempt(inactive.email, PASSWORD),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.detail]).toEqual([401, 'Invalid email or password']);
    }
  });

  test('is never answered before the time that any failure takes, for no one as for a user', async () => {
    const somebody = await joins(rollcall, owner);
    for (const email of [somebody.email, 'nobody-else@rollcall.example']) {
      const start = performance.now();
      await attempt(email, 'wrong');
      expect(performance.now() - start).toBeGreaterThan(115);
    }
  });
});

describe('R141: five failures', () => {
  test('lock the account until "Unlock Account", and leave its sessions alive', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 5; round += 1) await attempt(user.email, 'wrong');
    expect((await owner.get(`/users/${user.id}`)).body.locked).toBe(true);
    expect((await user.get('/users')).status).toBe(200);
    expect((await attempt(user.email, PASSWORD)).status).toBe(401);
    clock += 24 * 3_600_000;
    expect((await attempt(user.email, PASSWORD)).status).toBe(401);
    owner = await signInAsOwner(rollcall, organization);
    expect((await owner.post(`/users/${user.id}/unlock`)).status).toBe(204);
    expect((await owner.post(`/users/${user.id}/unlock`)).body.code).toBe('not_locked');
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });

  test('lock the account for the time that the organization has set', async () => {
    const strict = await rollcall.organization();
    const admin = await signInAsOwner(rollcall, strict);
    const user = await joins(rollcall, admin);
    await rollcall.rollcall.db.search(
      `update organizations set settings = '{"autoUnlockMinutes":15}' where id = $1`,
      [strict.org],
    );
    for (let round = 0; round < 5; round += 1) await attempt(user.email, 'wrong');
    clock += 14 * 60_000;
    expect((await attempt(user.email, PASSWORD)).status).toBe(401);
    clock += 2 * 60_000;
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });

  test('four failures and a success reset the count', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 4; round += 1) await attempt(user.email, 'wrong');
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
    await attempt(user.email, 'wrong');
    expect((await owner.get(`/users/${user.id}`)).body.locked).toBe(false);
  });

  test('concurrently lock it as well: no failure is lost', async () => {
    const user = await joins(rollcall, owner);
    await Promise.all(Array.from({ length: 6 }, () => attempt(user.email, 'wrong')));
    expect((await owner.get(`/users/${user.id}`)).body.locked).toBe(true);
  });

  test('never lock an owner, who is slowed down instead (R143)', async () => {
    const other = await rollcall.organization({ name: 'Throttled' });
    for (let round = 0; round < 10; round += 1) await attempt(other.ownerEmail, 'wrong');
    const slowed = await attempt(other.ownerEmail, OWNER_PASSWORD);
    expect([slowed.status, slowed.body.code]).toEqual([429, 'throttled']);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
    clock += 16 * 60_000;
    expect((await attempt(other.ownerEmail, OWNER_PASSWORD)).status).toBe(200);
  });

  test('of many accounts from one address are slowed down, whether they exist or not', async () => {
    const statuses: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      statuses.push((await attempt(`guess-${round}@rollcall.example`, 'x')).status);
    }
    expect(statuses.at(-1)).toBe(429);
    clock += 16 * 60_000;
  });
});

describe('a session', () => {
  test('is a cookie that no script reads, and nothing at rest that could be one', async () => {
    const answer = await attempt(organization.ownerEmail, OWNER_PASSWORD);
    const [cookie = ''] = answer.headers['set-cookie'] as unknown as string[];
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    const token = /sid=([\w-]+)/.exec(cookie)?.[1] as string;
    const stored = await rollcall.rollcall.db.search<{ all: string }>(
      'select string_agg(s::text, $1) as all from sessions s',
      [','],
    );
    expect(stored[0]?.all).not.toContain(token);
  });

  test('changes nothing without its own token, nor from a page of another site', async () => {
    const answer = await attempt(organization.ownerEmail, OWNER_PASSWORD);
    const [cookie = ''] = answer.headers['set-cookie'] as unknown as string[];
    const post = (headers: Record<string, string>) =>
      request(rollcall.server)
        .post('/api/v1/groups')
        .set({ Cookie: cookie, ...headers })
        .send({ name: `G${Math.random()}` });
    const csrf = { 'X-CSRF-Token': answer.body.csrfToken };
    expect((await post({})).body.code).toBe('csrf_failed');
    expect((await post({ 'X-CSRF-Token': 'made up' })).body.code).toBe('csrf_failed');
    expect((await post({ ...csrf, Origin: 'https://evil.example' })).body.code).toBe('csrf_failed');
    expect((await post({ ...csrf, 'Sec-Fetch-Site': 'cross-site' })).body.code).toBe('csrf_failed');
    expect((await post(csrf)).status).toBe(201);
  });

  test('ends when it was idle, when it is old, and when its user leaves', async () => {
    const user = await joins(rollcall, owner);
    clock += 13 * 3_600_000;
    expect((await user.get('/users')).status).toBe(401);
    const busy = await signIn(rollcall.server, user.email, PASSWORD);
    for (let hour = 6; hour < 168; hour += 6) {
      clock += 6 * 3_600_000;
      expect((await busy.get('/users')).status).toBe(200);
      await rollcall.rollcall.db.settle();
    }
    clock += 6 * 3_600_000;
    expect((await busy.get('/users')).status).toBe(401);
    const last = await signIn(rollcall.server, user.email, PASSWORD);
    expect((await last.delete('/auth/session')).status).toBe(204);
    expect((await last.get('/users')).status).toBe(401);
    owner = await signInAsOwner(rollcall, organization);
  });

  test('R85: ends when a connection deactivates its user, and does not come back with them', async () => {
    const user = await joins(rollcall, owner);
    const active = (value: boolean) =>
      organization.scim('PATCH', `/Users/${user.id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value }],
      });
    expect((await active(false)).status).toBe(200);
    expect((await user.get('/users')).status).toBe(401);
    expect((await attempt(user.email, PASSWORD)).status).toBe(401);
    clock += 1_000;
    expect((await active(true)).status).toBe(200);
    expect((await user.get('/users')).status).toBe(401);
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });
});

describe('a forgotten password', () => {
  const reset = (token: string, password: string) =>
    anonymous(rollcall.server).post('/auth/password-reset/confirm', { token, password });
  const ask = (email: string) => anonymous(rollcall.server).post('/auth/password-reset', { email });

  test('is set with a link of the mail, once, and ends every session', async () => {
    const user = await joins(rollcall, owner);
    expect((await ask(user.email)).status).toBe(202);
    const mail = (await mailsTo(rollcall, user.email)).find(({ text }) => text?.includes('#reset_'));
    const token = /#(reset_[\w-]+)/.exec(mail?.text ?? '')?.[1] as string;
    expect((await reset(token, 'short')).body.code).toBe('weak_password');
    const both = await Promise.all([reset(token, 'a new one, 12 long'), reset(token, 'a new one, 12 long')]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 410]);
    expect((await user.get('/users')).status).toBe(401);
    expect((await attempt(user.email, 'a new one, 12 long')).status).toBe(200);
  });

  test('does not reveal who has an account, and mails no one without one', async () => {
    const [known, unknown] = [await ask(organization.ownerEmail), await ask('nobody@rollcall.example')];
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    expect(await mailsTo(rollcall, 'nobody@rollcall.example')).toEqual([]);
  });

  test('can be requested ten times in a quarter of an hour', async () => {
    const user = await joins(rollcall, owner);
    for (let count = 0; count < 10; count += 1) expect((await ask(user.email)).status).toBe(202);
    const refused = await ask(user.email);
    expect([refused.status, refused.body.code]).toEqual([429, 'throttled']);
    clock += 16 * 60_000;
    expect((await ask(user.email)).status).toBe(202);
  });

  test('has a link that ends after an hour', async () => {
    const user = await joins(rollcall, owner);
    await ask(user.email);
    const mail = (await mailsTo(rollcall, user.email)).find(({ text }) => text?.includes('#reset_'));
    const token = /#(reset_[\w-]+)/.exec(mail?.text ?? '')?.[1] as string;
    clock += 61 * 60_000;
    expect((await reset(token, 'a new one, 12 long')).body.code).toBe('reset_expired');
  });
});
