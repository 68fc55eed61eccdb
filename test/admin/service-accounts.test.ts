import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
beforeEach(async () => {
  admin = await joins(rollcall, owner, { role: 'admin' });
});
afterAll(() => rollcall.close());

const create = async (by: TestUser, body: object = {}): Promise<string> => {
  const made = await by.post('/service-accounts', { name: 'Nightly sync', role: 'admin', ...body });
  expect([made.status, made.body]).toEqual([201, expect.anything()]);
  return made.body.id;
};

const keyOf = async (by: TestUser, account: string, scopes: string[], more: object = {}) => {
  const body = { name: 'Production', scopes, ...more };
  const made = await by.post(`/service-accounts/${account}/api-keys`, body);
  expect([made.status, made.body]).toEqual([201, expect.anything()]);
  return { id: made.body.id as string, as: withKey(rollcall.server, made.body.token) };
};

const eventsAbout = (target: string) =>
  rollcall.rollcall.db.search<{ action: string; actor: Record<string, unknown> }>(
    `select action, jsonb_strip_nulls(jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via, 'key', actor_key_id)) as actor from events where target_id = $1::uuid order by at, id`,
    [target],
  );

describe('service accounts', () => {
  test('are created, read, listed, changed and deleted', async () => {
    const made = await admin.post('/service-accounts', {
      name: ' Nightly\n sync ',
      description: 'Copies users to the warehouse',
      role: 'train',
    });
    expect([made.status, made.headers['location'], made.headers['etag']]).toEqual([
      201,
      `/api/v1/service-accounts/${made.body.id}`,
      '"1"',
    ]);
    expect(made.body).toMatchObject({
      name: 'Nightly sync',
      role: 'train',
      effectiveRole: 'train',
      status: 'active',
      running: true,
      owner: { id: admin.id, email: admin.email, name: null },
    });
    const path = `/service-accounts/${made.body.id}`;
    expect((await admin.get(path)).body).toEqual(made.body);
    expect((await admin.get(`/service-accounts?owner=${admin.id}`)).body.data).toEqual([made.body]);
    const changed = await admin.patch(path, { role: 'configure', name: 'Hourly sync' });
    expect(changed.body).toMatchObject({ name: 'Hourly sync', role: 'configure', version: 2 });
    expect((await admin.patch(path, { name: 'x' }).set('If-Match', '"1"')).status).toBe(412);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    expect((await eventsAbout(made.body.id)).map(({ action }) => action)).toEqual([
      'service_account.created',
      'service_account.updated',
      'service_account.deleted',
    ]);
  });

  test('are no users: not counted, not listed, not in SCIM, without a profile', async () => {
    const before = (await owner.get('/users?limit=1')).body.total;
    const id = await create(admin);
    const { as } = await keyOf(admin, id, ['users:read']);
    expect((await owner.get('/users?limit=1')).body.total).toBe(before);
    expect((await owner.get(`/users/${id}`)).status).toBe(404);
    expect((await organization.scim('GET', `/Users/${id}`)).status).toBe(404);
    expect((await as.get('/me')).status).toBe(404);
    expect((await as.get('/me/permissions')).body).toMatchObject({
      effectiveRole: 'admin',
      owner: false,
      permissions: [{ key: 'users:read', scope: 'all' }],
    });
  });

  test('have no role above what their creator may give, nor above their owner', async () => {
    const manager = await joins(rollcall, owner, { role: 'configure' });
    expect((await manager.post('/service-accounts', { name: 'x' })).status).toBe(403);
    const above = await admin.post('/service-accounts', { name: 'x', role: 'admin', ownerId: manager.id });
    expect([above.status, above.body.code]).toEqual([403, 'role_above_limit']);
    const id = await create(admin, { role: 'configure', ownerId: manager.id });
    expect((await admin.patch(`/service-accounts/${id}`, { role: 'admin' })).status).toBe(403);
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
    try {
      const refused = await admin.post('/service-accounts', { name: 'x', role: 'admin' });
      expect(refused.body.code).toBe('role_above_limit');
    } finally {
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
    }
  });

  test('need an active owner', async () => {
    const gone = await joins(rollcall, owner);
    await owner.post(`/users/${gone.id}/deactivate`, {});
    const refused = await admin.post('/service-accounts', { name: 'x', ownerId: gone.id });
    expect([refused.status, refused.body.code]).toEqual([422, 'unknown_owner']);
  });

  test('belong to one organization', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Theirs' }));
    const id = await create(admin);
    expect((await stranger.post('/service-accounts', { name: 'x', ownerId: admin.id })).status).toBe(422);
    expect((await stranger.get(`/service-accounts/${id}`)).status).toBe(404);
    const { id: key } = await keyOf(admin, id, ['users:read']);
    const other = await create(admin);
    expect((await admin.delete(`/service-accounts/${other}/api-keys/${key}`)).status).toBe(404);
  });
});

describe('keys of service accounts', () => {
  test('do what they were made for, with the account as the actor of events', async () => {
    const id = await create(admin);
    const { id: key, as } = await keyOf(admin, id, ['users:read', 'users:manage', 'roles:assign']);
    const invited = await as.post('/invitations', { email: `by-${key}@rollcall.example` });
    expect(invited.status).toBe(201);
    const [created] = await eventsAbout(invited.body.user.id);
    expect(created?.actor).toEqual({ type: 'service_account', id, key, via: 'api' });
    expect((await as.get('/groups')).status).toBe(403);
    const { data } = (await admin.get(`/service-accounts/${id}/api-keys`)).body;
    expect(data).toMatchObject([
      { id: key, user: null, serviceAccount: { id, name: 'Nightly sync' }, state: 'active' },
    ]);
    const all = (await admin.get('/api-keys')).body.data;
    expect(all).toContainEqual(expect.objectContaining({ id: key }));
  });

  test('are made by users for what the account may do', async () => {
    const id = await create(admin, { role: 'readonly' });
    const path = `/service-accounts/${id}/api-keys`;
    for (const scope of ['users:manage', 'api_keys:own', 'elevation:request', 'users:read']) {
      const refused = await admin.post(path, { name: 'x', scopes: [scope] });
      expect([refused.status, refused.body.code]).toEqual([422, 'invalid_scope']);
    }
    const { as } = await keyOf(admin, await create(admin), ['api_keys:manage']);
    expect((await as.get('/service-accounts')).status).toBe(200);
    expect((await as.post('/service-accounts', { name: 'Child' })).status).toBe(403);
    expect((await as.post(path, { name: 'Child', scopes: ['agents:use'] })).status).toBe(403);
  });

  test('expire, are revoked, and stop with the account', async () => {
    const id = await create(admin);
    const over = await admin.post(`/service-accounts/${id}/api-keys`, {
      name: 'x',
      scopes: ['users:read'],
      expiresAt: '2020-01-01T00:00:00Z',
    });
    expect(over.body.code).toBe('in_the_past');
    const first = await keyOf(admin, id, ['users:read']);
    const second = await keyOf(admin, id, ['users:read']);
    expect((await first.as.get('/users')).status).toBe(200);
    expect((await admin.delete(`/service-accounts/${id}/api-keys/${first.id}`)).status).toBe(204);
    expect((await first.as.get('/users')).status).toBe(401);
    await admin.patch(`/service-accounts/${id}`, { status: 'inactive' });
    expect((await second.as.get('/users')).status).toBe(401);
    await admin.patch(`/service-accounts/${id}`, { status: 'active' });
    expect((await second.as.get('/users')).status).toBe(200);
    await admin.delete(`/service-accounts/${id}`);
    expect((await second.as.get('/users')).status).toBe(401);
  });

  test('never do more than the owner of the account may at that moment', async () => {
    const { as } = await keyOf(owner, await create(owner, { ownerId: admin.id }), ['groups:manage']);
    expect((await as.post('/groups', { name: `By ${admin.id}` })).status).toBe(201);
    const { impactToken } = (await owner.get(`/users/${admin.id}/role-impact?role=train`)).body;
    await owner.put(`/users/${admin.id}/role`, { role: 'train', impactToken });
    expect((await as.post('/groups', { name: `Again by ${admin.id}` })).status).toBe(403);
  });

  test('decide nothing about the owner of the account', async () => {
    const { as } = await keyOf(owner, await create(owner, { ownerId: admin.id }), [
      'users:read',
      'users:manage',
      'roles:assign',
    ]);
    const refused = await as.post(`/users/${admin.id}/deactivate`, {});
    expect([refused.status, refused.body.code]).toEqual([403, 'self_change']);
  });
});

describe('an owner who leaves', () => {
  test('is seen in the preview, and the keys stop with the owner', async () => {
    const id = await create(owner, { ownerId: admin.id });
    const { as } = await keyOf(owner, id, ['users:read']);
    const resource = await owner.post('/resources', { type: 'agent', name: 'Agent', ownerId: admin.id });
    expect(resource.status).toBe(201);
    expect((await owner.get(`/users/${admin.id}/offboarding`)).body).toEqual({
      groups: [],
      apiKeys: 0,
      ownsResources: 1,
      serviceAccounts: [{ id, name: 'Nightly sync' }],
    });
    const done = await owner.post(`/users/${admin.id}/offboard`, {});
    expect([done.status, done.body]).toEqual([
      202,
      expect.objectContaining({
        transferred: 0,
        ownsResources: 1,
        stoppedServiceAccounts: [{ id, name: 'Nightly sync' }],
      }),
    ]);
    expect((await as.get('/users')).status).toBe(401);
    expect((await owner.get(`/service-accounts/${id}`)).body).toMatchObject({ running: false });
    await owner.patch(`/service-accounts/${id}`, { ownerId: owner.id });
    expect((await as.get('/users')).status).toBe(200);
  });

  test('hands the accounts over', async () => {
    const id = await create(owner, { ownerId: admin.id });
    const { as } = await keyOf(owner, id, ['users:read']);
    const done = await owner.post(`/users/${admin.id}/offboard`, { transferTo: owner.id });
    expect(done.body).toMatchObject({ transferredServiceAccounts: 1, stoppedServiceAccounts: [] });
    expect((await as.get('/users')).status).toBe(200);
    expect((await owner.get(`/service-accounts/${id}`)).body.owner.id).toBe(owner.id);
  });

  test('gives no account more than it could do before', async () => {
    const id = await create(owner, { ownerId: admin.id });
    const { as } = await keyOf(owner, id, ['users:manage', 'users:read']);
    const { impactToken } = (await owner.get(`/users/${admin.id}/role-impact?role=train`)).body;
    await owner.put(`/users/${admin.id}/role`, { role: 'train', impactToken });
    expect((await as.get('/api-keys')).status).toBe(403);
    await owner.post(`/users/${admin.id}/offboard`, { transferTo: owner.id });
    const account = (await owner.get(`/service-accounts/${id}`)).body;
    expect(account).toMatchObject({ role: 'train', effectiveRole: 'train', owner: { id: owner.id } });
    expect((await as.post('/invitations', { email: 'by-a-key@rollcall.example' })).status).toBe(403);
  });

  test('is not deleted before the accounts are handed over', async () => {
    const id = await create(owner, { ownerId: admin.id });
    const body = { mode: 'soft', password: 'correct battery horse 7' };
    const refused = await owner.delete(`/users/${admin.id}`, body);
    expect([refused.status, refused.body.code]).toEqual([409, 'owns_resources']);
    expect((await owner.delete(`/users/${admin.id}`, { ...body, transferTo: owner.id })).status).toBe(204);
    expect((await owner.get(`/service-accounts/${id}`)).body.owner.id).toBe(owner.id);
  });
});
