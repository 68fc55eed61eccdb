import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

const keyFor = async (...scopes: string[]): Promise<TestUser> => {
  const made = await owner.post('/me/api-keys', { name: 'Sync', scopes });
  return withKey(rollcall.server, made.body.token);
};

test('a key that may create groups and not read them gets the group that it created', async () => {
  const key = await keyFor('groups:manage');
  const made = await key.post('/groups', { name: 'Engineering' });
  expect([made.status, made.body.name, made.headers['location']]).toEqual([
    201,
    'Engineering',
    `/api/v1/groups/${made.body.id}`,
  ]);
  const changed = await key.patch(`/groups/${made.body.id}`, { description: 'Builds things' });
  expect([changed.status, changed.body.description]).toEqual([200, 'Builds things']);
  expect((await key.get(`/groups/${made.body.id}`)).status).toBe(403);
});

test('a key that may create resources and not edit them gets the resource that it created', async () => {
  const key = await keyFor('agents:create');
  const made = await key.post('/resources', { type: 'agent', name: 'Agent' });
  expect([made.status, made.body.name, made.headers['location']]).toEqual([
    201,
    'Agent',
    `/api/v1/resources/${made.body.id}`,
  ]);
  expect((await key.get(`/resources/${made.body.id}`)).status).toBe(404);
});

test('a key that may change users and not read them gets the user that it changed', async () => {
  const user = await joins(rollcall, owner);
  const key = await keyFor('users:manage');
  const changed = await key.patch(`/users/${user.id}`, { name: 'Ada' });
  expect([changed.status, changed.body.name]).toEqual([200, 'Ada']);
  expect((await key.post(`/users/${user.id}/deactivate`, {})).status).toBe(200);
  expect((await key.post(`/users/${user.id}/activate`, {})).status).toBe(200);
  expect((await key.patch(`/users/${user.id}`, {})).status).toBe(404);
  expect((await key.get(`/users/${user.id}`)).status).toBe(403);
});
