import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, PASSWORD, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;
let manager: TestUser;
let user: TestUser;
/** In the group that the manager manages. */
let inside: TestUser;
let outside: TestUser;
let group: string;
let ownerAgent: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  group = (await owner.post('/groups', { name: 'Support Team' })).body.id;
  admin = await joins(rollcall, owner, { role: 'admin' });
  manager = await joins(rollcall, owner, { role: 'configure', groups: ['support team'] });
  await owner.patch(`/groups/${group}/members/${manager.id}`, { inGroupRole: 'manager' });
  user = await joins(rollcall, owner, { role: 'train' });
  inside = await joins(rollcall, owner, { groups: [group] });
  outside = await joins(rollcall, owner);
  ownerAgent = (await owner.post('/resources', { type: 'agent', name: "The owner's" })).body.id;
});
afterAll(() => rollcall.close());

const createsAgents = async (who: TestUser) =>
  (await who.post('/resources', { type: 'agent', name: 'Mine' })).status;
const editsAgent = async (who: TestUser, id: string) =>
  (await who.patch(`/resources/${id}`, { name: 'Edited' })).status;
const manages = async (who: TestUser, target: TestUser) =>
  (await who.patch(`/users/${target.id}`, { name: `Named ${Math.random()}` })).status;
const analytics = async (who: TestUser) => {
  const { body } = await who.get('/me/permissions');
  const found = body.permissions.find(({ key }: { key: string }) => key === 'analytics:view');
  return found?.scope ?? 'none';
};
const seesAnalyticsOf = async (who: TestUser, target: TestUser) =>
  (await who.post('/authz/check', { userId: who.id, permission: 'users:read' })).status === 200 &&
  (await who.get(`/users/${target.id}`)).status === 200;

describe('R58: the quick-reference table', () => {
  test('owner creates agents', async () => expect(await createsAgents(owner)).toBe(201));
  test('owner edits all agents', async () => {
    const theirs = (await manager.post('/resources', { type: 'agent', name: "The manager's" })).body.id;
    expect(await editsAgent(owner, theirs)).toBe(200);
  });
  test('owner manages users', async () => expect(await manages(owner, outside)).toBe(200));
  test('owner views analytics of all users', async () => expect(await analytics(owner)).toBe('all'));

  test('Admin creates agents', async () => expect(await createsAgents(admin)).toBe(201));
  test('Admin edits all agents', async () => expect(await editsAgent(admin, ownerAgent)).toBe(200));
  test('Admin manages users', async () => expect(await manages(admin, outside)).toBe(200));
  test('Admin views analytics of everybody', async () => expect(await analytics(admin)).toBe('all'));

  test('Manager creates agents', async () => expect(await createsAgents(manager)).toBe(201));
  test('Manager edits own agents only', async () => {
    const own = (await manager.post('/resources', { type: 'agent', name: 'Own' })).body.id;
    expect(await editsAgent(manager, own)).toBe(200);
    expect(await editsAgent(manager, ownerAgent)).toBe(403);
  });
  test('Manager manages users of their group only', async () => {
    expect(await manages(manager, inside)).toBe(200);
    expect(await manages(manager, outside)).toBe(404);
  });
  test('Manager views analytics of their group only', async () => {
    expect(await analytics(manager)).toBe('group');
    expect(await seesAnalyticsOf(manager, inside)).toBe(true);
    expect(await seesAnalyticsOf(manager, outside)).toBe(false);
  });

  test('User creates no agents', async () => expect(await createsAgents(user)).toBe(403));
  test('User edits no agents', async () => expect(await editsAgent(user, ownerAgent)).toBe(403));
  test('User manages no users', async () => expect(await manages(user, inside)).toBe(403));
  test('User views their own analytics only', async () => {
    expect(await analytics(user)).toBe('self');
    expect(await seesAnalyticsOf(user, inside)).toBe(false);
  });
});

test('R59: "own" follows a transfer', async () => {
  const agent = (await manager.post('/resources', { type: 'agent', name: 'To be given away' })).body.id;
  expect(
    (
      await admin.post(`/users/${manager.id}/transfer-ownership`, {
        toUserId: admin.id,
        resourceIds: [agent],
      })
    ).body,
  ).toEqual({
    transferred: 1,
  });
  expect(await editsAgent(manager, agent)).toBe(403);
  await admin.post(`/users/${admin.id}/transfer-ownership`, { toUserId: manager.id, resourceIds: [agent] });
  expect(await editsAgent(manager, agent)).toBe(200);
});

test('R60, R61: a manager lists their groups, a user themself', async () => {
  const seen = (await manager.get('/users?limit=200')).body.data.map(({ id }: { id: string }) => id);
  expect(new Set(seen)).toEqual(new Set([manager.id, inside.id]));
  const own = (await user.get('/users')).body.data.map(({ id }: { id: string }) => id);
  expect(own).toEqual([user.id]);
});

describe('R62: the guard rules', () => {
  const changeRole = async (by: TestUser, target: TestUser, role: string) => {
    const { impactToken } = (await by.get(`/users/${target.id}/role-impact?role=${role}`)).body;
    return by.put(`/users/${target.id}/role`, { role, impactToken });
  };

  test('rule 1: no one changes their own role, owner flag or status, nor deletes themselves', async () => {
    const answers = await Promise.all([
      changeRole(admin, admin, 'readonly'),
      owner.delete(`/users/${owner.id}/owner`, { password: OWNER_PASSWORD }),
      admin.post(`/users/${admin.id}/deactivate`, {}),
      owner.delete(`/users/${owner.id}`, { mode: 'hard', password: OWNER_PASSWORD }),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      Array(4).fill([403, 'self_change']),
    );
  });

  test('rule 2: one active owner is left when two owners remove each other concurrently', async () => {
    const second = await rollcall.organization({ name: 'Two owners' });
    const one = await signInAsOwner(rollcall, second);
    const other = await joins(rollcall, one, { role: 'admin' });
    expect((await one.put(`/users/${other.id}/owner`, { password: OWNER_PASSWORD })).status).toBe(204);
    const answers = await Promise.allSettled([
      one.post(`/users/${other.id}/deactivate`, {}),
      other.post(`/users/${one.id}/deactivate`, {}),
    ]);
    const statuses = answers.map((each) => (each.status === 'fulfilled' ? each.value.status : 0)).sort();
    expect(statuses[0]).toBe(200);
    expect([401, 403, 409]).toContain(statuses[1]);
  });

  test('rule 2: of two admins who demote each other concurrently, one stays an admin', async () => {
    const [left, right] = [
      await joins(rollcall, owner, { role: 'admin' }),
      await joins(rollcall, owner, { role: 'admin' }),
    ];
    const answers = await Promise.all([
      changeRole(left, right, 'readonly'),
      changeRole(right, left, 'readonly'),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('rule 2: SCIM cannot deactivate or delete the last owner either', async () => {
    const found = await organization.scim('GET', `/Users?filter=userName eq "${organization.ownerEmail}"`);
    const { id } = found.body.Resources[0];
    const patched = await organization.scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    });
    expect(patched.status).toBe(409);
    expect((await organization.scim('DELETE', `/Users/${id}`)).status).toBe(409);
  });

  test('rule 3: a manager cannot act on users with configure or above, nor on whole accounts that are also in other groups', async () => {
    const other = (await owner.post('/groups', { name: 'Elsewhere' })).body.id;
    const both = await joins(rollcall, owner, { groups: [group, other] });
    const peer = await joins(rollcall, owner, { role: 'configure', groups: [group] });
    expect(await manages(manager, both)).toBe(200);
    expect((await manager.post(`/users/${both.id}/deactivate`, {})).status).toBe(403);
    expect(await manages(manager, peer)).toBe(403);
    expect((await manager.delete(`/groups/${group}/members/${both.id}`)).status).toBe(204);
    expect((await manager.post(`/users/${inside.id}/deactivate`, {})).body.status).toBe('inactive');
    expect((await manager.post(`/users/${inside.id}/activate`)).status).toBe(200);
  });

  test('rule 4: no one gives a role above their limit, not even through a group', async () => {
    expect((await changeRole(manager, inside, 'configure')).body.code).toBe('role_above_limit');
    const strong = (await owner.post('/groups', { name: 'Strong', role: 'configure' })).body.id;
    await owner.post(`/groups/${strong}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    const smuggled = await manager.post('/invitations', {
      email: 'smuggled@rollcall.example',
      groups: ['Strong'],
    });
    expect([smuggled.status, smuggled.body.code]).toEqual([403, 'role_above_limit']);
    expect((await manager.post(`/groups/${strong}/members`, { userIds: [inside.id] })).body.code).toBe(
      'role_above_limit',
    );
    expect((await admin.post('/groups', { name: 'Admins', role: 'admin' })).body.code).toBe(
      'role_above_limit',
    );
    expect((await owner.post('/groups', { name: 'Admins', role: 'admin' })).status).toBe(201);
  });

  test('rule 5: a group manager needs configure, and a flag without it gives nothing', async () => {
    const refused = await owner.patch(`/groups/${group}/members/${inside.id}`, { inGroupRole: 'manager' });
    expect([refused.status, refused.body.code]).toEqual([422, 'manager_needs_configure']);
    const former = await joins(rollcall, owner, { role: 'configure', groups: [group] });
    await owner.patch(`/groups/${group}/members/${former.id}`, { inGroupRole: 'manager' });
    expect(await manages(former, inside)).toBe(200);
    await changeRole(owner, former, 'train');
    const { signIn, PASSWORD } = await import('../support/admin.ts');
    expect(await manages(await signIn(rollcall.server, former.email, PASSWORD), inside)).toBe(403);
  });

  test('an admin touches no owner', async () => {
    expect(await manages(admin, owner)).toBe(403);
    expect((await changeRole(admin, owner, 'readonly')).status).toBe(403);
    expect(
      (await admin.put(`/users/${user.id}/owner`, { password: 'plain sailing 42 ways' })).body.code,
    ).toBe('owner_only');
  });

  test('an owner is made of an admin only, with the password', async () => {
    const refused = await owner.put(`/users/${user.id}/owner`, { password: OWNER_PASSWORD });
    expect([refused.status, refused.body.code]).toEqual([409, 'role_not_admin']);
    expect((await owner.put(`/users/${admin.id}/owner`, { password: 'not mine' })).body.code).toBe(
      'password_invalid',
    );
    expect((await owner.put(`/users/${admin.id}/owner`, {})).body.code).toBe('step_up_required');
    const { stepUpToken } = (await owner.post('/auth/step-up', { password: OWNER_PASSWORD })).body;
    expect((await owner.put(`/users/${admin.id}/owner`, { stepUpToken })).status).toBe(204);
    expect((await owner.get(`/users/${admin.id}`)).body.accessTier).toBe('super_admin');
    expect((await owner.delete(`/users/${admin.id}/owner`, { stepUpToken })).status).toBe(204);
  });
});

describe('R74, R75: the impact of a role', () => {
  test('names what is gained and lost, what is owned, open sessions and group roles', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    await user.post('/resources', { type: 'agent', name: 'Own' });
    const lifting = (await owner.post('/groups', { name: 'Trainers', role: 'train' })).body.id;
    await owner.post(`/groups/${lifting}/members`, { userIds: [user.id] });
    const { body } = await owner.get(`/users/${user.id}/role-impact?role=readonly`);
    expect(body).toMatchObject({
      from: 'configure',
      to: 'readonly',
      effectiveTo: 'train',
      ownedAgentsAffected: 1,
      openSessions: 1,
    });
    expect(body.groupRoles).toEqual([{ id: lifting, name: 'Trainers', role: 'train' }]);
    expect(body.lost.map(({ permission }: { permission: string }) => permission)).toContain('agents:create');
    expect(body.gained).toEqual([]);
  });

  test('a token of another moment confirms nothing', async () => {
    const user = await joins(rollcall, owner);
    const { impactToken } = (await owner.get(`/users/${user.id}/role-impact?role=train`)).body;
    await owner.post(`/groups/${group}/members`, { userIds: [user.id] });
    const refused = await owner.put(`/users/${user.id}/role`, { role: 'train', impactToken });
    expect([refused.status, refused.body.code]).toEqual([428, 'impact_confirmation_required']);
    expect((await owner.get(`/users/${user.id}`)).body.role).toBe('readonly');
  });
});

test('R76: the next request of an open session obeys a new role', async () => {
  const user = await joins(rollcall, owner);
  expect((await user.post('/resources', { type: 'agent', name: 'Too early' })).status).toBe(403);
  const { impactToken } = (await owner.get(`/users/${user.id}/role-impact?role=configure`)).body;
  await owner.put(`/users/${user.id}/role`, { role: 'configure', impactToken });
  expect((await user.post('/resources', { type: 'agent', name: 'Now' })).status).toBe(201);
});

test('a group manager adds visible users to groups that they manage', async () => {
  const named = async (name: string) => (await owner.post('/groups', { name })).body.id as string;
  const [mine, theirs] = [await named('Mine'), await named('Theirs')];
  const manager = await joins(rollcall, owner, { role: 'configure', groups: [mine] });
  const member = await joins(rollcall, owner, { groups: [theirs] });
  const stranger = await joins(rollcall, owner);
  await owner.patch(`/groups/${mine}/members/${manager.id}`, { inGroupRole: 'manager' });
  const unseen = await manager.post(`/groups/${mine}/members`, { userIds: [stranger.id] });
  expect([unseen.status, unseen.body.code]).toEqual([422, 'unknown_member']);
  const requests = [
    manager.post(`/groups/${theirs}/members`, { userIds: [manager.id] }),
    manager.delete(`/groups/${theirs}/members/${member.id}`),
    manager.patch(`/groups/${theirs}/members/${member.id}`, { inGroupRole: 'member' }),
  ];
  for (const answer of await Promise.all(requests)) expect([403, 404]).toContain(answer.status);
  expect((await owner.get(`/groups/${theirs}/members`)).body.data).toMatchObject([
    { user: { id: member.id } },
  ]);
  expect((await owner.get(`/groups/${mine}/members`)).body.data).toMatchObject([
    { user: { id: manager.id } },
  ]);
});

test('a group manager invites users into their own groups only', async () => {
  const mine = (await owner.post('/groups', { name: 'Inviting' })).body.id;
  const manager = await joins(rollcall, owner, { role: 'configure', groups: [mine] });
  await owner.patch(`/groups/${mine}/members/${manager.id}`, { inGroupRole: 'manager' });
  const invite = (groups: string[]) =>
    manager.post('/invitations', { email: `new-${groups.length}@rollcall.example`, groups });
  expect((await invite([])).status).toBe(403);
  expect([403, 404, 422]).toContain((await invite([group])).status);
  expect((await invite([mine])).status).toBe(201);
});

test('a user cannot end sessions of users whom they do not manage', async () => {
  const user = await joins(rollcall, owner);
  const boss = await joins(rollcall, owner, { role: 'configure', groups: [group] });
  await owner.patch(`/groups/${group}/members/${boss.id}`, { inGroupRole: 'manager' });
  for (const by of [boss, await joins(rollcall, owner)]) {
    const refused = await by.delete(`/users/${user.id}/sessions`);
    expect([403, 404]).toContain(refused.status);
  }
  expect((await user.get('/me')).status).toBe(200);
});

test('an admin does not delete themselves', async () => {
  const self = await joins(rollcall, owner, { role: 'admin' });
  const refused = await self.delete(`/users/${self.id}`, { mode: 'soft', password: PASSWORD });
  expect([refused.status, refused.body.code]).toEqual([403, 'self_change']);
});

test('a key of an owner makes owners only if it has the scope for it', async () => {
  const { token } = (
    await owner.post('/me/api-keys', { name: 'Sync', scopes: ['users:read', 'users:manage', 'roles:assign'] })
  ).body;
  const refused = await withKey(rollcall.server, token).put(`/users/${admin.id}/owner`, {
    password: OWNER_PASSWORD,
  });
  expect(refused.status).toBe(403);
  expect((await owner.get(`/users/${admin.id}`)).body.owner).toBe(false);
});

test('a key with roles:assign alone shows the impact of a role, changes it and lends one, and nothing else', async () => {
  const { token } = (await owner.post('/me/api-keys', { name: 'Roles', scopes: ['roles:assign'] })).body;
  const key = withKey(rollcall.server, token);
  const user = await joins(rollcall, owner);
  const impact = await key.get(`/users/${user.id}/role-impact?role=train`).expect(200);
  const changed = await key.put(`/users/${user.id}/role`, {
    role: 'train',
    impactToken: impact.body.impactToken,
  });
  expect([changed.status, changed.body.role]).toEqual([200, 'train']);
  const lent = { role: 'configure', durationMinutes: 60, justification: 'On call for this week.' };
  await key.post(`/users/${user.id}/elevations`, lent).expect(201);
  for (const refused of [
    await key.get(`/users/${user.id}`),
    await key.patch(`/users/${user.id}`, { name: 'Else' }),
    await key.post(`/users/${user.id}/deactivate`, {}),
  ]) {
    expect(refused.status).toBe(403);
  }
});

test('a key with users:manage alone changes no role', async () => {
  const { token } = (await owner.post('/me/api-keys', { name: 'Users', scopes: ['users:manage'] })).body;
  const user = await joins(rollcall, owner);
  const key = withKey(rollcall.server, token);
  expect((await key.put(`/users/${user.id}/role`, { role: 'train' })).status).toBe(403);
  expect((await key.patch(`/users/${user.id}`, { role: 'train' })).status).toBe(403);
});
