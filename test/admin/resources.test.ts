import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;
let group: string;
let users: ReadonlyMap<string, TestUser>;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  group = (await owner.post('/groups', { name: 'Shares agents' })).body.id;
  const joined = ['readonly', 'train', 'configure', 'admin'].map(
    async (role) => [role, await joins(rollcall, owner, { role, groups: [group] })] as const,
  );
  users = new Map(await Promise.all(joined));
});
afterAll(() => rollcall.close());

const make = async (type: string, tags: readonly string[] = []) =>
  (await owner.post('/resources', { type, name: 'Theirs', tags })).body.id as string;
const grant = async (grants: readonly object[]) =>
  expect((await owner.put(`/groups/${group}/grants`, grants)).status).toBe(200);
const ids = async (who: TestUser) =>
  (await who.get('/resources?limit=200')).body.data.map(({ id }: { id: string }) => id) as string[];

const cells = ['agent', 'data_source'].flatMap((type) =>
  ['none', 'use', 'edit', 'manage'].flatMap((level) => ['id', 'tag'].map((by) => [type, level, by] as const)),
);

describe('reading, changing and deleting a resource agree with /authz/check', () => {
  test.each(cells)('%s, grant "%s" by %s', async (type, level, by) => {
    const tag = `${type}-${level}`;
    for (const [role, user] of users) {
      const id = await make(type, [tag]);
      const on = by === 'id' ? { resourceId: id } : { tag };
      await grant(level === 'none' ? [] : [{ resourceType: type, ...on, level }]);
      const permission = type === 'agent' ? 'agents:edit' : 'data_sources:manage';
      const { body } = await owner.post('/authz/check', { userId: user.id, permission, resource: id });
      const done = {
        listed: (await ids(user)).includes(id),
        read: (await user.get(`/resources/${id}`)).status,
        changed: (await user.patch(`/resources/${id}`, { name: 'Changed' })).status,
        deleted: (await user.delete(`/resources/${id}`)).status,
      };
      const said = body.allowed
        ? { listed: true, read: 200, changed: 200, deleted: 204 }
        : { listed: false, read: 404, changed: 403, deleted: 403 };
      expect([role, done]).toEqual([role, said]);
      expect([role, body.allowed]).toEqual([
        role,
        role === 'admin' || level === 'edit' || level === 'manage',
      ]);
    }
  });

  test('a grant on one resource, or on a tag of another type, reaches nothing else', async () => {
    const user = users.get('train') as TestUser;
    const [shared, other, source] = [
      await make('agent'),
      await make('agent', ['a']),
      await make('data_source', ['b']),
    ];
    await grant([
      { resourceType: 'agent', resourceId: shared, level: 'edit' },
      { resourceType: 'data_source', tag: 'a', level: 'manage' },
      { resourceType: 'agent', tag: 'b', level: 'manage' },
    ]);
    expect(await ids(user)).toEqual([shared]);
    for (const id of [other, source]) {
      expect((await user.patch(`/resources/${id}`, { name: 'Changed' })).status).toBe(403);
    }
  });

  test('a user who leaves the group loses it with the next request', async () => {
    const user = await joins(rollcall, owner, { groups: [group] });
    const id = await make('agent');
    await grant([{ resourceType: 'agent', resourceId: id, level: 'edit' }]);
    expect((await user.patch(`/resources/${id}`, { name: 'Changed' })).status).toBe(200);
    await owner.delete(`/groups/${group}/members/${user.id}`);
    expect((await user.patch(`/resources/${id}`, { name: 'Again' })).status).toBe(403);
    expect((await user.delete(`/resources/${id}`)).status).toBe(403);
  });

  test('R59: an editor by grant cannot change the owner of the resource', async () => {
    const id = await make('agent');
    await grant([{ resourceType: 'agent', resourceId: id, level: 'manage' }]);
    for (const role of ['readonly', 'configure']) {
      const user = users.get(role) as TestUser;
      for (const ownerId of [user.id, null]) {
        expect((await user.patch(`/resources/${id}`, { ownerId })).status).toBe(403);
      }
      expect((await user.patch(`/resources/${id}`, { ownerId: owner.id, name: 'Kept' })).status).toBe(200);
    }
    expect((await owner.get(`/resources/${id}`)).body.owner.id).toBe(owner.id);
  });

  test('guard rule 6: a key that is not for editing has no use of a grant', async () => {
    const user = users.get('configure') as TestUser;
    const id = await make('agent');
    await grant([{ resourceType: 'agent', resourceId: id, level: 'edit' }]);
    const keyFor = async (scope: string) => {
      const { body } = await user.post('/me/api-keys', { name: scope, scopes: [scope] });
      return withKey(rollcall.server, body.token);
    };
    const [reads, edits, sources] = [
      await keyFor('users:read'),
      await keyFor('agents:edit'),
      await keyFor('data_sources:manage'),
    ];
    const change = async (key: TestUser) => (await key.patch(`/resources/${id}`, { name: 'By key' })).status;
    expect([await change(reads), await change(sources), await change(edits)]).toEqual([403, 403, 200]);
    expect((await reads.get('/resources')).status).toBe(403);
    expect([await ids(sources), await ids(edits)]).toEqual([[], [id]]);
  });
});
