import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const createGroup = async (name: string): Promise<string> =>
  (await owner.post('/groups', { name })).body.id as string;
const groupsOf = async ({ id }: TestUser): Promise<string[]> =>
  ((await owner.get(`/users/${id}`)).body.groups as { id: string }[]).map((group) => group.id);

describe('R99: groups', () => {
  test('are created, renamed, given a role, and deleted', async () => {
    const id = await createGroup('Support');
    const changed = await owner.patch(`/groups/${id}`, { name: 'Customer support', role: 'train' });
    expect([changed.status, changed.body]).toEqual([
      200,
      expect.objectContaining({ name: 'Customer support', role: 'train' }),
    ]);
    expect((await owner.delete(`/groups/${id}`)).status).toBe(204);
    expect((await owner.get(`/groups/${id}`)).status).toBe(404);
  });

  test('have a name that no other group of the organization has, in any case', async () => {
    const id = await createGroup('Sales');
    expect((await owner.post('/groups', { name: 'SALES' })).body.code).toBe('group_name_taken');
    const other = await createGroup('Marketing');
    expect((await owner.patch(`/groups/${other}`, { name: 'sales' })).status).toBe(409);
    expect((await owner.get(`/groups/${id}`)).body.name).toBe('Sales');
  });

  test('are the same over SCIM', async () => {
    const id = await createGroup('Engineering');
    const { status, body } = await organization.scim('GET', `/Groups/${id}`);
    expect([status, body]).toEqual([200, expect.objectContaining({ displayName: 'Engineering' })]);
  });

  test('changed when their members did, as over SCIM: alone, in the list, and by whatever way', async () => {
    const id = await createGroup('Changing');
    const { id: user } = await joins(rollcall, owner);
    const times = async () => {
      const { body } = await owner.get(`/groups/${id}`).expect(200);
      const [listed] = (await owner.get('/groups?q=Changing').expect(200)).body.data;
      const { meta } = (await organization.scim('GET', `/Groups/${id}`).expect(200)).body;
      expect([listed.updatedAt, meta.lastModified]).toEqual([body.updatedAt, body.updatedAt]);
      expect(listed.version).toBe(body.version);
      return body as { updatedAt: string; version: number };
    };
    const created = await times();
    await owner.post(`/groups/${id}/members`, { userIds: [user] }).expect(200);
    const joined = await times();
    await organization
      .scim('PATCH', `/Groups/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'add', path: 'members', value: [{ value: owner.id }] }],
      })
      .expect(204);
    const pushed = await times();
    await owner.patch(`/groups/${id}`, { description: 'Of a test' }).expect(200);
    const renamed = await times();
    const all = [created, joined, pushed, renamed];
    expect(all.map(({ updatedAt }) => updatedAt)).toEqual(
      [...new Set(all.map(({ updatedAt }) => updatedAt))].sort(),
    );
    await owner.post(`/groups/${id}/members`, { userIds: [user] }).expect(200);
    const again = await times();
    await owner.post(`/groups/${id}/members`, { userIds: [user] }).expect(200);
    expect(await times()).toEqual(again);
  });
});

test('R99: of a large group its first members are counted, and the answer says so', async () => {
  const id = await createGroup('Everybody');
  const fill = (from: number, to: number) =>
    runSql(
      rollcall.databaseUrl,
      `set session_replication_role = replica;
      with u as (
        insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
        select '${organization.org}', ('01890000-0000-7000-8001-' || lpad(n::text, 12, '0'))::uuid, 'many' || n, 'many' || n,
          case when n % 10 = 0 then 'inactive' else 'active' end, 'readonly', 'scim', now(), now(), '{}'
        from generate_series(${from}, ${to}) n returning org_id, id
      )
      insert into group_members (org_id, group_id, user_id, added_at) select org_id, '${id}', id, now() from u`,
    );
  const counts = async (path: string) => {
    const { body } = await owner.get(path);
    const { memberCount, suspendedMemberCount, memberCountIsExact } = body.data?.[0] ?? body;
    return [memberCount, suspendedMemberCount, memberCountIsExact];
  };
  await fill(1, 999);
  expect(await counts('/groups?q=everybody')).toEqual([900, 99, true]);
  await fill(1_000, 9_999);
  expect(await counts('/groups?q=everybody')).toEqual([900, 100, false]);
  expect(await counts(`/groups/${id}`)).toEqual([9_000, 999, true]);
  await fill(10_000, 10_001);
  expect(await counts(`/groups/${id}`)).toEqual([9_000, 1_000, false]);
});

test('R95, R97: a user is added to several groups and removed from one', async () => {
  const [first, second] = [await createGroup('First'), await createGroup('Second')];
  const user = await joins(rollcall, owner);
  for (const group of [first, second]) {
    const added = await owner.post(`/groups/${group}/members`, { userIds: [user.id] });
    expect(added.body).toEqual({ added: 1 });
  }
  expect((await groupsOf(user)).sort()).toEqual([first, second].sort());
  expect((await owner.delete(`/groups/${first}/members/${user.id}`)).status).toBe(204);
  expect(await groupsOf(user)).toEqual([second]);
});

test('R96: several users are added to a group in one request, with a result for each', async () => {
  const group = await createGroup('Together');
  const users = [await joins(rollcall, owner), await joins(rollcall, owner)];
  const unknown = randomUUID();
  const answer = await owner.post('/users/bulk', {
    action: 'add_to_group',
    userIds: [...users.map(({ id }) => id), unknown],
    params: { groupIds: [group] },
  });
  expect(answer.body.results).toEqual([
    ...users.map(({ id }) => ({ id, ok: true })),
    expect.objectContaining({ id: unknown, ok: false, code: 'unknown_member' }),
  ]);
  for (const user of users) expect(await groupsOf(user)).toEqual([group]);
});

test('the members of a group are found by a part of their name or address, and by what they are in it', async () => {
  const group = await createGroup('Found');
  const [ada, grace] = [await joins(rollcall, owner, { role: 'configure' }), await joins(rollcall, owner)];
  await owner.post(`/groups/${group}/members`, { userIds: [ada.id], inGroupRole: 'manager' });
  await owner.post(`/groups/${group}/members`, { userIds: [grace.id] });
  const found = async (query: string) =>
    ((await owner.get(`/groups/${group}/members?${query}`)).body.data as { user: { id: string } }[]).map(
      ({ user }) => user.id,
    );
  const { email } = (await owner.get(`/users/${grace.id}`)).body;
  expect(await found(`q=${encodeURIComponent(email)}`)).toEqual([grace.id]);
  expect(await found(`q=${encodeURIComponent(email.slice(0, 2))}&inGroupRole=member`)).toContain(grace.id);
  expect(await found('q=nobody-has-this-name')).toEqual([]);
  expect(await found('inGroupRole=manager')).toEqual([ada.id]);
});

test('R99: a group says which connection provisions it and what that calls it, and a grant says what its resource is called', async () => {
  const { body: made } = await organization.scim('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Provisioned',
    externalId: '00g42',
  });
  const { externalIds } = (await owner.get(`/groups/${made.id}`)).body;
  expect(externalIds).toEqual([
    { connectionId: expect.any(String), connectionName: expect.any(String), externalId: '00g42' },
  ]);
  const { body: agent } = await owner.post('/resources', { type: 'agent', name: 'Invoice Agent' });
  await owner.put(`/groups/${made.id}/grants`, [
    { resourceType: 'agent', resourceId: agent.id, level: 'edit' },
    { resourceType: 'agent', tag: 'returns', level: 'use' },
  ]);
  expect((await owner.get(`/groups/${made.id}/grants`)).body.data).toEqual(
    expect.arrayContaining([
      { resourceType: 'agent', resourceId: agent.id, resourceName: 'Invoice Agent', level: 'edit' },
      { resourceType: 'agent', tag: 'returns', level: 'use' },
    ]),
  );
});

test('the members of a group are exported as CSV named by the group, filtered as the list is, and the export is an event', async () => {
  const group = await createGroup('Ingeniería "Süd"');
  const [ada, grace] = [
    await joins(rollcall, owner, { role: 'configure', name: '=Ada' }),
    await joins(rollcall, owner),
  ];
  await owner.post(`/groups/${group}/members`, { userIds: [ada.id], inGroupRole: 'manager' });
  await owner.post(`/groups/${group}/members`, { userIds: [grace.id] });
  const { status, text, headers } = await owner.get(`/groups/${group}/members/export`);
  expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  const [header, ...rows] = text.trim().split('\n');
  expect(header).toBe('user_id,name,email,status,in_group_role,sources,added_at');
  expect(rows).toHaveLength(2);
  expect(rows.find((row) => row.startsWith(ada.id))).toContain(`,'=Ada,${ada.email},active,manager,`);
  const day = new Date().toISOString().slice(0, 10);
  expect(headers['content-disposition']).toBe(
    `attachment; filename="members-of-ingenieria-sud-${day}.csv"; filename*=UTF-8''members-of-ingenier%C3%ADa-s%C3%BCd-${day}.csv`,
  );
  const managers = await owner.get(`/groups/${group}/members/export?inGroupRole=manager`);
  expect(managers.headers['content-disposition']).toContain(
    `filename="managers-of-ingenieria-sud-${day}.csv"`,
  );
  expect(managers.text.trim().split('\n')).toHaveLength(2);
  const { body } = await owner.get(`/audit?action=group.members_exported&about=${group}`);
  expect(body.data).toHaveLength(2);
  expect((await grace.get(`/groups/${group}/members/export`)).status).toBe(403);
});
