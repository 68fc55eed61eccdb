import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const MINUTE = 60_000;
const WHY = 'Needed for the incident of tonight.';
let rollcall: TestRollcall;
let owner: TestUser;
let shift = -7 * 24 * 60 * MINUTE;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

const changeRole = async (user: TestUser, role: string) => {
  const { impactToken } = (await owner.get(`/users/${user.id}/role-impact?role=${role}`)).body;
  expect((await owner.put(`/users/${user.id}/role`, { role, impactToken })).status).toBe(200);
};
const keysOf = (body: { permissions: { key: string }[] }) => body.permissions.map(({ key }) => key);
const maxAge = (answer: { headers: Record<string, string> }) =>
  Number(/^private, max-age=(\d+)$/.exec(answer.headers['cache-control'] ?? '')?.[1]);
const groupWith = async (role: string | null = null) =>
  (await owner.post('/groups', { name: `Group ${Math.random()}`, role })).body.id as string;
const check = async (viewer: TestUser, userId: string, permission: string, resource?: unknown) => {
  const answer = await viewer.post('/authz/check', { userId, permission, resource });
  expect(answer.headers['cache-control']).toBe('no-store');
  return answer.body.allowed as boolean;
};

describe('permissions that are cached for 5 minutes and change immediately (docs/roles.md §6)', () => {
  test('(a) the next request of an open session obeys a new role', async () => {
    const user = await joins(rollcall, owner);
    expect((await user.get('/groups')).status).toBe(403);
    await changeRole(user, 'admin');
    expect((await user.get('/groups')).status).toBe(200);
    expect(await check(user, user.id, 'groups:manage')).toBe(true);
  });

  test('(b) R145: a client that obeys max-age is never staler than 300 seconds', async () => {
    const user = await joins(rollcall, owner);
    const first = await user.get('/me/permissions');
    expect(first.headers['vary']).toContain('Cookie');
    expect(maxAge(first)).toBe(300);
    expect(Date.parse(first.body.validUntil)).toBeLessThanOrEqual(Date.now() + shift + 300_000);
    const etag = first.headers['etag'] as string;
    expect(etag).toBe(`"${first.body.version}"`);
    const same = await user.get('/me/permissions').set('If-None-Match', etag);
    expect([same.status, maxAge(same)]).toEqual([304, 300]);
    await changeRole(user, 'train');
    shift += 300_000;
    const second = await user.get('/me/permissions').set('If-None-Match', etag);
    expect([second.status, second.body.effectiveRole]).toEqual([200, 'train']);
    expect(second.body.version).not.toBe(first.body.version);
  });

  test('(c) neither validUntil nor max-age outlives an elevation', async () => {
    const user = await joins(rollcall, owner);
    const { body } = await owner.post(`/users/${user.id}/elevations`, {
      role: 'admin',
      durationMinutes: 2,
      justification: WHY,
    });
    for (const answer of [
      await user.get('/me/permissions'),
      await owner.get(`/users/${user.id}/permissions`),
    ]) {
      expect(answer.body.validUntil).toBe(body.expiresAt);
      expect(maxAge(answer)).toBeLessThanOrEqual(120);
      expect(answer.body.sources).toEqual([
        { kind: 'direct', role: 'readonly' },
        { kind: 'elevation', role: 'admin', id: body.id, expiresAt: body.expiresAt },
      ]);
    }
    shift += 3 * MINUTE;
    const after = await user.get('/me/permissions');
    expect([after.body.effectiveRole, maxAge(after)]).toEqual(['readonly', 300]);
  });

  test('(d) logging out and in gives the new set', async () => {
    const user = await joins(rollcall, owner, { role: 'admin' });
    const before = keysOf((await user.get('/me/permissions')).body);
    await changeRole(user, 'readonly');
    await user.delete('/auth/session');
    const again = await signIn(rollcall.server, user.email, PASSWORD);
    const after = keysOf((await again.get('/me/permissions')).body);
    expect(before).toContain('groups:manage');
    expect(after).not.toContain('groups:manage');
  });
});

describe('the content of a snapshot', () => {
  test('R98: a group grants its role and its grants immediately, and is named as the source', async () => {
    const group = await groupWith('configure');
    const agent = (await owner.post('/resources', { type: 'agent', name: 'Helper' })).body.id;
    await owner.put(`/groups/${group}/grants`, [{ resourceType: 'agent', resourceId: agent, level: 'edit' }]);
    const user = await joins(rollcall, owner, { groups: [group] });
    const { body } = await owner.get(`/users/${user.id}/permissions`);
    expect(body).toMatchObject({
      effectiveRole: 'configure',
      accessTier: 'manager',
      owner: false,
      grants: [{ resourceType: 'agent', resourceId: agent, resourceName: 'Helper', level: 'edit' }],
      sources: [
        { kind: 'direct', role: 'readonly' },
        { kind: 'group', role: 'configure', id: group },
      ],
    });
    expect(body.permissions).toContainEqual({ key: 'agents:edit', scope: 'own' });
    await owner.delete(`/groups/${group}/members/${user.id}`);
    expect((await owner.get(`/users/${user.id}/permissions`)).body).toMatchObject({
      effectiveRole: 'readonly',
      grants: [],
    });
  });

  test('R79: an inactive user has no permission', async () => {
    const user = await joins(rollcall, owner, { role: 'admin' });
    await owner.post(`/users/${user.id}/deactivate`, {});
    expect((await owner.get(`/users/${user.id}/permissions`)).body.permissions).toEqual([]);
    expect(await check(owner, user.id, 'agents:use')).toBe(false);
  });

  test('guard rule 6: a key sees of its own permissions only what it was made for', async () => {
    const { token } = (await owner.post('/me/api-keys', { name: 'x', scopes: ['users:read'] })).body;
    const as = withKey(rollcall.server, token);
    expect((await as.get('/me/permissions')).body.permissions).toEqual([{ key: 'users:read', scope: 'all' }]);
  });

  test('R60, R61: of others only as far as users:read reaches', async () => {
    const group = await groupWith();
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    const member = await joins(rollcall, owner, { groups: [group] });
    const ask = (viewer: TestUser, userId: string) =>
      viewer.post('/authz/explain', { userId, permission: 'users:read' });
    expect((await manager.get(`/users/${member.id}/permissions`)).status).toBe(200);
    expect((await ask(manager, member.id)).status).toBe(200);
    expect((await member.get(`/users/${manager.id}/permissions`)).status).toBe(404);
    expect((await ask(member, manager.id)).status).toBe(404);
    expect((await ask(member, member.id)).status).toBe(200);
    const foreign = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await foreign.get(`/users/${member.id}/permissions`)).status).toBe(404);
    expect((await ask(foreign, member.id)).status).toBe(404);
  });

  test('R58: the whole table is served with roles, tiers and meanings', async () => {
    const { body } = await (await joins(rollcall, owner)).get('/permissions');
    const edit = body.permissions.find(({ key }: { key: string }) => key === 'agents:edit');
    expect(edit.scopes).toEqual({
      readonly: 'none',
      train: 'none',
      configure: 'own',
      admin: 'all',
      owner: 'all',
    });
    expect(body.roles.map(({ role, accessTier }: Record<string, string>) => [role, accessTier])).toEqual([
      ['readonly', 'user'],
      ['train', 'user'],
      ['configure', 'manager'],
      ['admin', 'admin'],
    ]);
  });
});

describe('asking whether a user may', () => {
  test('R59: "Own only" follows the owner of a resource, also after a transfer', async () => {
    const [first, second] = [
      await joins(rollcall, owner, { role: 'configure' }),
      await joins(rollcall, owner, { role: 'configure' }),
    ];
    const { id } = (await first.post('/resources', { type: 'agent', name: 'Mine' })).body;
    const may = (user: TestUser) => check(owner, user.id, 'agents:edit', { type: 'agent', id });
    expect([await may(first), await may(second)]).toEqual([true, false]);
    await owner.post(`/users/${first.id}/transfer-ownership`, { toUserId: second.id });
    expect([await may(first), await may(second)]).toEqual([false, true]);
    expect(await check(owner, second.id, 'agents:edit', id)).toBe(true);
    expect(await check(owner, second.id, 'agents:edit', { type: 'data_source', id })).toBe(false);
  });

  test('a grant is in force by id and by tag, from the needed level on, and for that resource alone', async () => {
    const group = await groupWith();
    const user = await joins(rollcall, owner, { groups: [group] });
    const make = async (tags: string[]) =>
      (await owner.post('/resources', { type: 'agent', name: 'Agent', tags })).body.id as string;
    const [byId, byTag, other] = [await make([]), await make(['beta']), await make(['alpha'])];
    const may = (id: string) => check(owner, user.id, 'agents:edit', { type: 'agent', id });
    const grant = (level: string) =>
      owner.put(`/groups/${group}/grants`, [
        { resourceType: 'agent', resourceId: byId, level },
        { resourceType: 'agent', tag: 'beta', level },
      ]);
    await grant('use');
    expect([await may(byId), await may(byTag), await may(other)]).toEqual([false, false, false]);
    // Shared with the group, its answers are the team's (docs/roles.md §2).
    await changeRole(user, 'train');
    expect(await check(owner, user.id, 'responses:train', byId)).toBe(true);
    expect(await check(owner, user.id, 'responses:train', other)).toBe(false);
    await grant('edit');
    expect([await may(byId), await may(byTag), await may(other)]).toEqual([true, true, false]);
    expect(await check(owner, user.id, 'agents:edit')).toBe(false);
  });

  test('another organization has nothing that one may do anything with, whatever one is', async () => {
    const foreign = await signInAsOwner(rollcall, await rollcall.organization());
    const agent = (await foreign.post('/resources', { type: 'agent', name: 'Theirs' })).body.id;
    const stranger = await joins(rollcall, foreign);
    expect(await check(owner, owner.id, 'agents:edit', agent)).toBe(false);
    expect(await check(owner, owner.id, 'users:manage', { type: 'user', id: stranger.id })).toBe(false);
  });

  test('guard rules 1 to 3: explain and the API agree', async () => {
    const [group, elsewhere] = [await groupWith(), await groupWith()];
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const users = [
      owner,
      admin,
      manager,
      await joins(rollcall, owner, { groups: [group] }),
      await joins(rollcall, owner, { groups: [group], role: 'configure' }),
      await joins(rollcall, owner, { groups: [elsewhere] }),
    ];
    for (const viewer of [owner, admin, manager]) {
      for (const target of users) {
        const user = { type: 'user', id: target.id };
        const said = [
          await check(viewer, viewer.id, 'users:read', user),
          await check(viewer, viewer.id, 'users:manage', user),
          await check(viewer, viewer.id, 'roles:assign', user),
        ];
        const impact = await viewer.get(`/users/${target.id}/role-impact?role=readonly`);
        const { impactToken } = impact.body;
        const done = [
          (await viewer.get(`/users/${target.id}`)).status === 200,
          (await viewer.patch(`/users/${target.id}`, { name: `Name ${Math.random()}` })).status === 200,
          // No one gets a new role by this: the token is another's.
          (await viewer.put(`/users/${target.id}/role`, { role: 'readonly', impactToken: `${impactToken}x` }))
            .body.code === 'impact_confirmation_required' ||
            (impact.body.from === 'readonly' &&
              (await viewer.put(`/users/${target.id}/role`, { role: 'readonly', impactToken })).status ===
                200),
        ];
        expect([viewer.email, target.email, said]).toEqual([viewer.email, target.email, done]);
      }
    }
  });

  test('R146: "why" names the role, where it comes from, who could, and what a grant would give', async () => {
    const group = await groupWith('train');
    const agent = (await owner.post('/resources', { type: 'agent', name: 'Helper' })).body.id;
    await owner.put(`/groups/${group}/grants`, [{ resourceType: 'agent', resourceId: agent, level: 'edit' }]);
    const user = await joins(rollcall, owner, { groups: [group] });
    const why = async (permission: string, resource?: unknown) => {
      const { body } = await owner.post('/authz/explain', { userId: user.id, permission, resource });
      return { ...body, text: body.reasons.map(({ text }: { text: string }) => text).join(' ') };
    };
    const create = await why('agents:create');
    expect(create.allowed).toBe(false);
    expect(create.text).toMatch(
      /The role train \(by the group ".+"\) may not create agents\. These may: configure, admin, owner\./,
    );
    const edit = await why('agents:edit');
    expect(edit).toMatchObject({ allowed: false, scope: 'none' });
    expect(edit.text).toContain('gives it on the agent "Helper": ask with the resource.');
    const grant = await why('agents:edit', { type: 'agent', id: agent });
    expect(grant.allowed).toBe(true);
    expect(grant.text).toContain('has the grant "edit" on the agent "Helper"');
    expect(grant.sources).toContainEqual(expect.objectContaining({ kind: 'group', role: 'train' }));
    await owner.post(`/users/${user.id}/deactivate`, {});
    expect((await why('agents:use')).text).toContain('The user is inactive');
  });
});
