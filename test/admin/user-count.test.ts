import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

const totals = async (query: string, by = owner) => {
  const { body } = await by.get(`/users?${query}`).expect(200);
  return { total: body.total, over: body.totalOver, shown: body.data.length };
};

test('R65: how many users match is known of a page that has them all, and counted of another one if that is asked for', async () => {
  for (let n = 0; n < 3; n += 1) await joins(rollcall, owner, { role: 'train' });
  expect(await totals('role=train')).toEqual({ total: 3, over: undefined, shown: 3 });
  expect(await totals('role=train&limit=2')).toEqual({ total: undefined, over: undefined, shown: 2 });
  for (const more of ['', '&sort=role', '&sort=name']) {
    expect(await totals(`role=train&limit=2&count=true${more}`)).toMatchObject({ total: 3, shown: 2 });
  }
  expect(await totals('limit=1&sort=role&count=true')).toMatchObject({ total: 4, shown: 1 });
  expect(await totals('role=admin&status=inactive&count=true')).toMatchObject({ total: 0, shown: 0 });
});

test('a count has only whom the caller may see', async () => {
  const { id } = (await owner.post('/groups', { name: 'Support' }).expect(201)).body;
  const manager = await joins(rollcall, owner, { role: 'configure' });
  await owner.post(`/groups/${id}/members`, { userIds: [manager.id], inGroupRole: 'manager' }).expect(200);
  expect(await totals('limit=1&count=true', manager)).toMatchObject({ total: 1 });
});

test('users are counted one by one up to 100,000', async () => {
  await runSql(
    rollcall.databaseUrl,
    `set session_replication_role = replica;
    insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
      select '${organization.org}', gen_random_uuid(), 'n' || n, 'n' || n, 'active', 'readonly', 'import', now(), now(), '{}'
      from generate_series(1, 100001) n`,
  );
  expect(await totals('source=import&limit=1&count=true')).toEqual({
    total: undefined,
    over: 100_000,
    shown: 1,
  });
}, 60_000);
