import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, signIn, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const MINUTE = 60_000;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = -7 * 24 * 60 * MINUTE;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const makeKey = async (user: TestUser, scopes: readonly string[], more: object = {}) => {
  const made = await user.post('/me/api-keys', { name: 'Nightly sync', scopes, ...more });
  expect(made.status).toBe(201);
  const { id, token } = made.body as { id: string; token: string };
  return { id, token, as: withKey(rollcall.server, token) };
};

describe('making keys', () => {
  test('R80: a key is shown once, and only its hash is kept', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const { id, token, as } = await makeKey(user, ['users:read', 'analytics:view']);
    expect(token).toMatch(/^rollcall_key_[A-Za-z0-9_-]{43}$/);
    expect((await as.get('/users')).status).toBe(200);
    const [row] = await rollcall.rollcall.db.search<{ hash: Buffer; whole: string }>(
      'select hash, k::text as whole from api_keys k where id = $1',
      [id],
    );
    expect(row?.hash).toEqual(createHash('sha256').update(token).digest());
    expect(row?.whole).not.toContain(token.slice(13));
    const listed = (await user.get('/me/api-keys')).body.data;
    expect(listed).toMatchObject([
      { id, name: 'Nightly sync', state: 'active', scopes: ['users:read', 'analytics:view'] },
    ]);
    expect(JSON.stringify(listed)).not.toContain(token.slice(13));
  });

  test('guard rule 6: no one makes a key for more than they may at this moment', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const refused = await user.post('/me/api-keys', {
      name: 'Too much',
      scopes: ['users:read', 'audit:read'],
    });
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([
      422,
      'invalid_scope',
      'scopes',
    ]);
    expect((await user.post('/me/api-keys', { name: 'x', scopes: ['no:such'] })).status).toBe(422);
    expect((await user.post('/me/api-keys', { name: 'x', scopes: [] })).status).toBe(422);
    const reader = await joins(rollcall, owner);
    expect((await reader.post('/me/api-keys', { name: 'x', scopes: ['users:read'] })).status).toBe(403);
  });

  test('a key makes, lists and revokes no keys, however much it may', async () => {
    const { id, as } = await makeKey(owner, ['api_keys:own', 'api_keys:manage', 'users:manage']);
    expect((await as.post('/me/api-keys', { name: 'Child', scopes: ['users:manage'] })).status).toBe(403);
    expect((await as.get('/me/api-keys')).status).toBe(403);
    expect((await as.delete(`/me/api-keys/${id}`)).status).toBe(403);
    expect((await as.get('/api-keys')).status).toBe(200);
  });

  test('an expired key is 401 from its second on, and none is made that has ended already', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const at = (ms: number) => new Date(Date.now() + shift + ms).toISOString();
    const over = await user.post('/me/api-keys', { name: 'x', scopes: ['users:read'], expiresAt: at(-1) });
    expect([over.status, over.body.code]).toEqual([422, 'in_the_past']);
    const { as } = await makeKey(user, ['users:read'], { expiresAt: at(10 * MINUTE) });
    expect((await as.get('/users')).status).toBe(200);
    shift += 10 * MINUTE;
    expect((await as.get('/users')).status).toBe(401);
    expect((await user.get('/me/api-keys')).body.data[0].state).toBe('expired');
  });

  test('R123: a revoked key is rejected with 401 immediately and permanently; another user finds no such key', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const { id, as } = await makeKey(user, ['users:read']);
    expect((await owner.delete(`/me/api-keys/${id}`)).status).toBe(404);
    expect((await user.delete(`/me/api-keys/${id}`)).status).toBe(204);
    expect((await as.get('/users')).status).toBe(401);
    expect((await user.delete(`/me/api-keys/${id}`)).status).toBe(404);
    await owner.post(`/users/${user.id}/api-keys/disable`);
    await owner.post(`/users/${user.id}/api-keys/enable`);
    expect((await as.get('/users')).status).toBe(401);
  });
});

describe('what a key may', () => {
  test('guard rule 6: the owner is demoted, and the key is weaker at the very next request', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const { as } = await makeKey(admin, ['users:read', 'groups:members', 'api_keys:manage']);
    expect((await as.get('/api-keys')).status).toBe(200);
    expect((await as.get('/users?limit=200')).body.data.length).toBeGreaterThan(1);
    const { impactToken } = (await owner.get(`/users/${admin.id}/role-impact?role=readonly`)).body;
    expect((await owner.put(`/users/${admin.id}/role`, { role: 'readonly', impactToken })).status).toBe(200);
    expect((await as.get('/api-keys')).status).toBe(403);
    expect((await as.get('/users')).body.data).toHaveLength(1);
  });

  test('guard rule 6: a key never reaches further than its scopes, though its owner does', async () => {
    const { as } = await makeKey(owner, ['groups:members']);
    expect((await as.get('/groups')).status).toBe(200);
    expect((await as.get('/users')).status).toBe(403);
    expect((await as.post('/groups', { name: 'By key' })).status).toBe(403);
  });

  test('a request with a key ignores the session of its cookie', async () => {
    const login = await request(rollcall.server)
      .post('/api/v1/auth/login')
      .send({ email: organization.ownerEmail, password: OWNER_PASSWORD });
    const cookie = (login.headers['set-cookie'] as unknown as string[])[0]?.split(';')[0] ?? '';
    const { token } = await makeKey(owner, ['groups:members']);
    const both = { Cookie: cookie, 'X-CSRF-Token': login.body.csrfToken };
    const ask = (authorization: string) =>
      request(rollcall.server)
        .get('/api/v1/users')
        .set({ ...both, Authorization: authorization });
    expect((await request(rollcall.server).get('/api/v1/users').set(both)).status).toBe(200);
    expect((await ask(`Bearer ${token}`)).status).toBe(403);
    expect((await ask('Bearer rollcall_key_of_nobody')).status).toBe(401);
  });
});

describe('keys of a user who comes and goes', () => {
  test('R80, R86: deactivated, 401; active again, still 401 until an administrator lets them work', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const { as } = await makeKey(user, ['users:read']);
    await owner.post(`/users/${user.id}/deactivate`, {});
    expect((await as.get('/users')).status).toBe(401);
    const early = await owner.post(`/users/${user.id}/api-keys/enable`);
    expect([early.status, early.body.code]).toEqual([422, 'target_inactive']);
    await owner.post(`/users/${user.id}/activate`);
    expect((await as.get('/users')).status).toBe(401);
    expect((await owner.get(`/api-keys?user=${user.id}`)).body.data[0].state).toBe('disabled');
    expect((await owner.post(`/users/${user.id}/api-keys/enable`)).body).toEqual({ keys: 1 });
    expect((await as.get('/users')).status).toBe(200);
  });

  test('a user who is deleted and can be restored: 401, also if only the user was changed', async () => {
    const join = () => joins(rollcall, owner, { role: 'configure' });
    const [deleted, inactive] = [await join(), await join()];
    const keys = [await makeKey(deleted, ['users:read']), await makeKey(inactive, ['users:read'])];
    await owner.delete(`/users/${deleted.id}`, { mode: 'soft', password: OWNER_PASSWORD }).expect(204);
    await rollcall.rollcall.db.search(`update users set status = 'inactive' where id = $1`, [inactive.id]);
    for (const { as } of keys) expect((await as.get('/users')).status).toBe(401);
  });

  test('R86: an activation enables them again if it asks for that', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const { as } = await makeKey(user, ['users:read']);
    await owner.post(`/users/${user.id}/deactivate`, {});
    await owner.post(`/users/${user.id}/activate`, { reenableApiKeys: true });
    expect((await as.get('/users')).status).toBe(200);
  });

  test('R86: the activation leaves alone the keys that an administrator had disabled before', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const disabled = await makeKey(user, ['users:read']);
    await owner.post(`/users/${user.id}/api-keys/disable`);
    const running = await makeKey(user, ['users:read']);
    expect((await running.as.get('/users')).status).toBe(200);
    await owner.post(`/users/${user.id}/deactivate`, {});
    await owner.post(`/users/${user.id}/activate`, { reenableApiKeys: true });
    expect((await running.as.get('/users')).status).toBe(200);
    expect((await disabled.as.get('/users')).status).toBe(401);
    expect((await owner.post(`/users/${user.id}/api-keys/enable`)).body).toEqual({ keys: 1 });
    expect((await disabled.as.get('/users')).status).toBe(200);
  });

  test('R80: disabling stops all keys of a user, a second time none; revoking ends them', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const keys = [await makeKey(user, ['users:read']), await makeKey(user, ['users:read'])];
    expect((await owner.post(`/users/${user.id}/api-keys/disable`)).body).toEqual({ keys: 2 });
    expect((await owner.post(`/users/${user.id}/api-keys/disable`)).body).toEqual({ keys: 0 });
    for (const { as } of keys) expect((await as.get('/users')).status).toBe(401);
    expect((await owner.post(`/users/${user.id}/api-keys/enable`)).body).toEqual({ keys: 2 });
    expect((await owner.post(`/users/${user.id}/api-keys/revoke`)).body).toEqual({ keys: 2 });
    for (const { as } of keys) expect((await as.get('/users')).status).toBe(401);
    expect((await owner.post(`/users/${user.id}/api-keys/enable`)).body).toEqual({ keys: 0 });
    const actions = await rollcall.rollcall.db.search<{ action: string }>(
      `select action from events where target_id = $1 order by id`,
      [keys[0]?.id],
    );
    expect(actions.map(({ action }) => action)).toEqual([
      'api_key.created',
      'api_key.disabled',
      'api_key.enabled',
      'api_key.revoked',
    ]);
  });

  test('R141: a lock stops the keys, and they work again once it has opened by itself', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const { as } = await makeKey(user, ['users:read']);
    const { db } = rollcall.rollcall;
    await db.search(`update organizations set settings = '{"autoUnlockMinutes":15}' where id = $1`, [
      organization.org,
    ]);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(signIn(rollcall.server, user.email, 'not it')).rejects.toThrow('401');
    }
    expect((await as.get('/users')).status).toBe(401);
    shift += 16 * MINUTE;
    expect((await as.get('/users')).status).toBe(200);
    await db.search(`update organizations set settings = '{}' where id = $1`, [organization.org]);
    expect((await as.get('/users')).status).toBe(401);
  });
});

describe('who manages the keys of others', () => {
  test('one key of a user is revoked for good, and the others go on', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const [ended, kept] = [await makeKey(user, ['users:read']), await makeKey(user, ['users:read'])];
    const path = `/users/${user.id}/api-keys/${ended.id}`;
    await owner.delete(path).expect(204);
    expect((await ended.as.get('/users')).status).toBe(401);
    expect((await kept.as.get('/users')).status).toBe(200);
    await owner.delete(path).expect(404);
    const another = await joins(rollcall, owner);
    await owner.delete(`/users/${another.id}/api-keys/${kept.id}`).expect(404);
    expect((await kept.as.get('/users')).status).toBe(200);
    const events = (await owner.get(`/audit?target=${ended.id}&action=api_key.revoked`)).body.data;
    expect(events).toHaveLength(1);
  });

  test('guard rule 2: an admin does not touch the keys of an owner, nor their own this way', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const { as } = await makeKey(owner, ['users:read']);
    for (const verb of ['disable', 'enable', 'revoke']) {
      expect((await admin.post(`/users/${owner.id}/api-keys/${verb}`)).status).toBe(403);
      expect((await admin.post(`/users/${admin.id}/api-keys/${verb}`)).body.code).toBe('self_change');
    }
    const { id } = (await owner.get('/me/api-keys')).body.data[0];
    expect((await admin.delete(`/users/${owner.id}/api-keys/${id}`)).status).toBe(403);
    expect((await as.get('/users')).status).toBe(200);
  });

  test('trespassing: no permission 403, another organization 404 and an empty list', async () => {
    const manager = await joins(rollcall, owner, { role: 'configure' });
    expect((await manager.get('/api-keys')).status).toBe(403);
    expect((await manager.post(`/users/${owner.id}/api-keys/revoke`)).status).toBe(403);
    const foreign = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await foreign.post(`/users/${manager.id}/api-keys/revoke`)).status).toBe(404);
    expect((await foreign.get(`/api-keys?user=${owner.id}`)).body.data).toEqual([]);
  });

  test('the list continues page by page', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const made = [];
    for (let count = 0; count < 5; count += 1) made.push((await makeKey(user, ['users:read'])).id);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.get(`/api-keys?user=${user.id}&limit=2&cursor=${cursor}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      if (body.nextCursor === null) break;
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(made.reverse());
  });
});
