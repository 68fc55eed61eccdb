import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

describe('An answer that names a user', () => {
  test('names a user by id, name and email, and after the erasure by the id alone', async () => {
    const user = await joins(rollcall, owner, { role: 'admin', name: 'Ada King' });
    await user.post('/invitations', { email: 'later@references.example', name: 'Later' });
    const invitation = async () => (await owner.get('/invitations')).body.data[0];
    expect(await invitation()).toMatchObject({
      user: { id: expect.any(String), name: 'Later', email: 'later@references.example' },
      invitedBy: { type: 'user', id: user.id, name: 'Ada King', email: user.email },
    });
    const gone = { mode: 'hard', password: OWNER_PASSWORD };
    expect((await owner.delete(`/users/${user.id}`, gone)).status).toBe(204);
    expect((await invitation()).invitedBy).toEqual({
      type: 'deleted',
      id: user.id,
      name: null,
      email: null,
    });
  });

  test('names the owner of a resource, the members of a group and who ticked an item', async () => {
    const user = await joins(rollcall, owner, { role: 'configure', name: 'Grace' });
    const reference = { id: user.id, name: 'Grace', email: user.email };
    const resource = await owner.post('/resources', { type: 'agent', name: 'Agent', ownerId: user.id });
    expect(resource.body.owner).toEqual(reference);
    const group = (await owner.post('/groups', { name: 'References' })).body.id;
    await owner.post(`/groups/${group}/members`, { userIds: [user.id] });
    expect((await owner.get(`/groups/${group}/members`)).body.data[0].user).toEqual(reference);
    expect((await owner.get(`/groups/${group}`)).body).toMatchObject({
      memberCount: 1,
      suspendedMemberCount: 0,
    });
  });

  test('names the system for a token that the command line issued', async () => {
    const [connection] = (await owner.get('/scim/connections')).body.data;
    const [token] = (await owner.get(`/scim/connections/${connection.id}/tokens`)).body.data;
    expect(token.issuedBy).toEqual({ type: 'system', id: null, name: null, email: null });
  });
});

test('every list has data and nextCursor, and a short one its total', async () => {
  for (const path of [
    '/users',
    '/groups',
    '/resources',
    '/invitations',
    '/elevations',
    '/api-keys',
    '/service-accounts',
    '/imports',
    '/jobs',
  ]) {
    const { body } = await owner.get(path);
    expect([path, Array.isArray(body.data), 'nextCursor' in body]).toEqual([path, true, true]);
  }
  for (const path of [
    '/me/sessions',
    '/webhooks',
    '/sso/connections',
    '/scim/connections',
    '/job-functions',
  ]) {
    const { body } = await owner.get(path);
    expect([path, body.nextCursor, body.total]).toEqual([path, null, body.data.length]);
  }
});
