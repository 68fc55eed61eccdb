import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;
let admin: TestUser;
let manager: TestUser;
let group: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  admin = await joins(rollcall, owner, { role: 'admin' });
  manager = await joins(rollcall, owner, { role: 'configure' });
  group = (await owner.post('/groups', { name: 'Support' })).body.id;
  await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
});
afterAll(() => rollcall.close());

describe('a rejection names its rule', () => {
  test('to a manager who invites without a group, or into one of another manager', async () => {
    const alone = await manager.post('/invitations', { email: 'alone@rollcall.example' });
    expect([alone.status, alone.body.detail]).toEqual([
      403,
      'A manager invites into groups that they manage: name at least one of them in groups.',
    ]);
    await owner.post('/groups', { name: 'Sales' });
    const elsewhere = await manager.post('/invitations', { email: 'a@rollcall.example', groups: ['Sales'] });
    expect(elsewhere.body.detail).toBe('You do not manage the group "Sales": choose groups that you manage.');
  });

  test('to an admin who touches an owner', async () => {
    const { status, body } = await admin.post(`/users/${owner.id}/deactivate`, {});
    expect([status, body.detail]).toEqual([403, 'This user is an owner: only another owner manages them.']);
  });

  test('to a manager who deactivates a user of another group', async () => {
    const user = await joins(rollcall, owner, { groups: ['Support', 'Sales'] });
    const { status, body } = await manager.post(`/users/${user.id}/deactivate`, {});
    expect([status, body.detail]).toEqual([
      403,
      'This user is also in a group that you do not manage: remove them from your group, or ask an administrator.',
    ]);
  });
});

describe('authz/check', () => {
  test('takes the bare id of a user, a group or a resource', async () => {
    const { id: resource } = (await owner.post('/resources', { type: 'agent', name: 'Agent' })).body;
    for (const [permission, id] of [
      ['users:manage', manager.id],
      ['groups:members', group],
      ['agents:edit', resource],
    ]) {
      const question = { userId: owner.id, permission, resource: id };
      expect((await owner.post('/authz/check', question)).body).toEqual({ allowed: true });
    }
    const nothing = '01890000-0000-7000-8000-00000000dead';
    const question = { userId: owner.id, permission: 'users:manage', resource: nothing };
    expect((await owner.post('/authz/check', question)).body).toEqual({ allowed: false });
  });
});

describe('lists', () => {
  test('of imports, the newest first', async () => {
    const upload = (name: string) =>
      owner
        .post('/imports')
        .set('Content-Type', 'text/csv')
        .send(`email,name,role,groups\n${name}@rollcall.example,,readonly,\n`);
    const [first, second] = [(await upload('one')).body.id, (await upload('two')).body.id];
    const { body } = await owner.get('/imports?limit=1');
    expect(body.data).toMatchObject([{ id: second, state: 'preview', counts: { add: 1 } }]);
    const next = await owner.get(`/imports?limit=1&cursor=${body.nextCursor}`);
    expect(next.body).toMatchObject({ data: [{ id: first, counts: { add: 1 } }], nextCursor: null });
    expect((await owner.get('/imports?state=done&state=running')).body.data).toEqual([]);
    expect((await manager.get('/imports')).status).toBe(403);
  });

  test('of one’s own elevations', async () => {
    const requested = { role: 'admin', justification: 'On call for this week.' };
    const { id } = (await manager.post('/me/elevations', requested)).body;
    expect((await manager.get('/me/elevations')).body.data).toMatchObject([{ id, state: 'pending' }]);
    expect((await admin.get('/me/elevations')).body.data).toEqual([]);
  });

  test('of users, by a date without a time', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const before = await owner.get(`/users?lastLoginBefore=${tomorrow}`);
    expect([before.status, before.body.data.length > 0]).toEqual([200, true]);
    expect((await owner.get(`/users?lastLoginAfter=${tomorrow}`)).body.data).toEqual([]);
    expect((await owner.get('/users?lastLoginAfter=2026-13-40')).status).toBe(422);
  });
});

test('a delivery of a webhook is read with the body that is sent', async () => {
  const made = (await owner.post('/webhooks', { url: 'https://hooks.example.com/in', events: ['*'] })).body;
  const { deliveryId } = (await owner.post(`/webhooks/${made.webhook.id}/test`, {})).body;
  const { status, body } = await owner.get(`/webhooks/${made.webhook.id}/deliveries/${deliveryId}`);
  expect([status, body]).toEqual([200, expect.objectContaining({ id: deliveryId, type: 'webhook.tested' })]);
  expect(JSON.parse(body.body)).toMatchObject({
    type: 'webhook.tested',
    data: { id: deliveryId, actor: { type: 'user', id: owner.id }, target: { type: 'webhook' } },
  });
  expect((await owner.get(`/webhooks/${made.webhook.id}/deliveries/${owner.id}`)).status).toBe(404);
});

test('a user is deleted with query parameters and a header, without a body', async () => {
  const user = await joins(rollcall, owner);
  const { stepUpToken } = (await owner.post('/auth/step-up', { password: OWNER_PASSWORD })).body;
  const path = `/users/${user.id}?mode=soft&transferTo=${owner.id}`;
  const unproved = await owner.delete(path);
  expect([unproved.status, unproved.body.code]).toEqual([403, 'step_up_required']);
  expect((await owner.delete(`/users/${user.id}`)).status).toBe(422);
  expect((await owner.delete(path).set('Rollcall-Step-Up', stepUpToken)).status).toBe(204);
});
