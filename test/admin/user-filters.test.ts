import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
const users: Record<string, TestUser> = {};

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  const { id: trainers } = (await owner.post('/groups', { name: 'Trainers', role: 'train' })).body;
  users['owner'] = owner;
  users['admin'] = await joins(rollcall, owner, { role: 'admin' });
  users['manager'] = await joins(rollcall, owner, { role: 'configure' });
  users['trainer'] = await joins(rollcall, owner, { role: 'train' });
  users['reader'] = await joins(rollcall, owner);
  users['member'] = await joins(rollcall, owner, { groups: [trainers] });
  users['elevated'] = await joins(rollcall, owner);
  const elevation = { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' };
  expect((await owner.post(`/users/${users['elevated'].id}/elevations`, elevation)).status).toBe(201);
  await owner.post(`/users/${users['reader'].id}/deactivate`, {});
});
afterAll(() => rollcall.close());

const nameOf = (id: string) => Object.keys(users).find((name) => users[name]?.id === id);
const find = async (query: string): Promise<(string | undefined)[]> => {
  const { status, body } = await owner.get(`/users?${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body.data as { id: string }[]).map(({ id }) => nameOf(id));
};

describe('users are found', () => {
  test.each([
    ['effectiveRole=admin', ['owner', 'admin', 'elevated']],
    ['effectiveRole=configure', ['manager']],
    ['effectiveRole=train', ['trainer', 'member']],
    ['effectiveRole=readonly', ['reader']],
    ['effectiveRole=readonly&effectiveRole=configure', ['reader', 'manager']],
    ['effectiveRole=train,admin', ['owner', 'admin', 'elevated', 'trainer', 'member']],
    ['effectiveRole=readonly,train,configure,admin', Object.keys(userNames())],
    ['accessTier=super_admin', ['owner']],
    ['accessTier=admin', ['admin', 'elevated']],
    ['accessTier=admin&accessTier=super_admin', ['owner', 'admin', 'elevated']],
    ['accessTier=user', ['reader', 'trainer', 'member']],
    ['accessTier=user,super_admin', ['owner', 'reader', 'trainer', 'member']],
    ['accessTier=manager', ['manager']],
    ['owner=true', ['owner']],
    ['owner=false&role=admin', ['admin']],
    ['role=admin&role=configure', ['owner', 'admin', 'manager']],
    ['status=inactive&status=pending', ['reader']],
  ])('R65, R67: by %s', async (query, names) => {
    expect((await find(query)).sort()).toEqual([...names].sort());
  });

  test('R66: by several groups, and by what a directory calls them', async () => {
    const [first, second] = [
      (await owner.post('/groups', { name: 'First' })).body.id,
      (await owner.post('/groups', { name: 'Second' })).body.id,
    ];
    await owner.post(`/groups/${first}/members`, { userIds: [users['manager']?.id] });
    await owner.post(`/groups/${second}/members`, { userIds: [users['trainer']?.id] });
    expect((await find(`group=${first}&group=${second}`)).sort()).toEqual(['manager', 'trainer']);
    const made = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'known@rollcall.example',
      externalId: '00u1',
      active: false,
    });
    const { data } = (await owner.get('/users?externalId=00u1')).body;
    expect(data).toMatchObject([{ id: made.body.id }]);
    await organization.scim('DELETE', `/Users/${made.body.id}`);
  });
});

describe('users are sorted', () => {
  test.each([
    ['role', ['readonly', 'readonly', 'readonly', 'train', 'configure', 'admin', 'admin']],
    ['-role', ['admin', 'admin', 'configure', 'train', 'readonly', 'readonly', 'readonly']],
    ['status', ['active', 'active', 'active', 'active', 'active', 'active', 'inactive']],
    ['-status', ['inactive', 'active', 'active', 'active', 'active', 'active', 'active']],
  ])('by %s, page by page', async (sort, values) => {
    const found: { id: string; role: string; status: string }[] = [];
    let cursor = '';
    do {
      const { body } = await owner.get(`/users?sort=${sort}&limit=2${cursor}`);
      found.push(...body.data);
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    const field = sort.replace('-', '') as 'role' | 'status';
    expect(found.map((user) => user[field])).toEqual(values);
    expect(new Set(found.map(({ id }) => id)).size).toBe(7);
  });
});

function userNames(): Record<string, true> {
  return {
    owner: true,
    admin: true,
    manager: true,
    trainer: true,
    reader: true,
    member: true,
    elevated: true,
  };
}
