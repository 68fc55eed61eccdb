import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

test('an error of a field has our own text, and the detail names the field', async () => {
  const said = async (path: string, body?: object) => {
    const answer = await (body === undefined ? owner.get(path) : owner.post(path, body));
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
    return answer.body.detail;
  };
  expect(await said('/scim/connections', {})).toBe('name is required.');
  expect(await said('/scim/connections', { name: 5 })).toBe('name must be a string.');
  expect(await said('/scim/connections', { name: '  ' })).toBe('name is required.');
  expect(await said('/groups', {})).toBe('name is required.');
  expect(await said('/auth/step-up', { password: '' })).toBe('password is required.');
  expect(await said('/webhooks', {})).toBe('Some fields are invalid: see errors.');
  expect(await said('/scim/connections', [])).toBe('The body must be an object.');
  expect(await said(`/users?q=${'a'.repeat(201)}`)).toBe('q must have at most 200 characters.');
  expect(await said('/users?limit=0')).toBe('limit must be a number from 1 to 200.');
});

test('a missing resource has the same error, whether its id is valid or not', async () => {
  const missing = '00000000-0000-4000-8000-000000000000';
  for (const [path, detail] of [
    ['/users', 'User not found.'],
    ['/groups', 'Group not found.'],
    ['/resources', 'Resource not found.'],
    ['/service-accounts', 'Service account not found.'],
    ['/imports', 'Import not found.'],
    ['/webhooks', 'Webhook not found.'],
    ['/jobs', 'Job not found.'],
    ['/exports', 'Export not found.'],
    ['/sso/connections', 'SSO connection not found.'],
    ['/scim/connections', 'SCIM connection not found.'],
  ]) {
    for (const id of [missing, 'nothing']) {
      const { status, body } = await owner.get(`${path}/${id}`);
      expect([path, id, status, body.detail]).toEqual([path, id, 404, detail]);
    }
  }
});

test('times that the database cannot store are rejected, whatever zone they are written in', async () => {
  for (const time of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00']) {
    const { status, body } = await owner.get(`/users?lastLoginBefore=${encodeURIComponent(time)}`);
    expect([time, status, body.errors[0].path]).toEqual([time, 422, 'lastLoginBefore']);
  }
  expect((await owner.get('/users?lastLoginBefore=0001-01-01T00:00:00Z')).status).toBe(200);
});

test('a query parameter that a route does not have is rejected, also where it has none', async () => {
  const { status, body } = await owner.get('/settings?format=csv');
  expect([status, body.detail]).toEqual([422, 'There is no query parameter "format".']);
});

test('a role for a while without a reason names the field that this route has', async () => {
  const user = await joins(rollcall, owner, { role: 'readonly' });
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { status, body } = await owner.put(`/users/${user.id}/role`, { role: 'train', expiresAt });
  expect([status, body.code, body.errors[0].path]).toEqual([422, 'justification_required', 'reason']);
});

test('nothing is deleted on a version that no one has seen', async () => {
  const user = await joins(rollcall, owner, { name: 'Seen Once' });
  const [group, resource] = [
    (await owner.post('/groups', { name: 'Seen once' })).body.id,
    (await owner.post('/resources', { type: 'agent', name: 'Seen once' })).body.id,
  ];
  const proof = { password: OWNER_PASSWORD };
  for (const [path, body, change] of [
    [`/users/${user.id}`, { mode: 'soft', ...proof }, { name: 'Seen Twice' }],
    [`/users/${user.id}`, { mode: 'hard', ...proof }, { name: 'Seen Thrice' }],
    [`/groups/${group}`, undefined, { name: 'Seen twice' }],
    [`/resources/${resource}`, undefined, { name: 'Seen twice' }],
  ] as const) {
    const { etag = '' } = (await owner.get(path)).headers;
    await owner.patch(path, change);
    const refused = await owner.delete(path, body).set('If-Match', etag);
    expect([path, refused.status, refused.body.code]).toEqual([path, 412, 'version_mismatch']);
    const now = (await owner.get(path)).headers['etag'] ?? '';
    if (body?.mode !== 'soft') {
      expect((await owner.delete(path, body).set('If-Match', now)).status).toBe(204);
    }
  }
});
