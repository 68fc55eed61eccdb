import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hold, holdOrganization } from '../support/locks.ts';
import { type Json, startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';

/** What holds only because of the order in which things happen; here the test decides the order. */
let rollcall: TestRollcall;
beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

const sql = <Row extends object>(text: string, values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(text, values);
const deactivation = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'active', value: false }],
};
const deactivate = (tenant: TestTenant, id: string) => tenant.scim('PATCH', `/Users/${id}`, deactivation);
/** The organization's owners, provisioned by its connection. */
const linkedOwners = async ({ org, connection }: TestTenant): Promise<string[]> => {
  const owners = await sql<{ id: string }>('select id from users where org_id = $1 and owner', [org]);
  await sql(
    `insert into user_links (org_id, user_id, connection_id)
     select org_id, id, $2 from users where org_id = $1 and owner`,
    [org, connection],
  );
  return owners.map(({ id }) => id);
};
const activeOwners = async ({ org }: TestTenant) =>
  (await sql(`select from users where org_id = $1 and owner and status = 'active'`, [org])).length;

test('the last owner stays active, also if the connection that asks provisions them', async () => {
  const tenant = await rollcall.tenant();
  const [owner] = await linkedOwners(tenant);
  const answer = await deactivate(tenant, owner as string);
  expect(answer.status).toBe(409);
  expect(await activeOwners(tenant)).toBe(1);
});

test('of two owners who are deactivated at once, the second to have the lock is refused', async () => {
  const tenant = await rollcall.tenant();
  const { body } = await tenant.scim('POST', '/Users', { userName: 'second@rollcall.example' }).expect(201);
  await sql(`update users set role = 'admin', owner = true where org_id = $1 and id = $2`, [
    tenant.org,
    (body as { id: string }).id,
  ]);
  await sql('delete from user_links where org_id = $1', [tenant.org]);
  const owners = await linkedOwners(tenant);
  expect(owners).toHaveLength(2);
  const lock = await holdOrganization(rollcall.databaseUrl, tenant.org);
  const answers = owners.map((id) => deactivate(tenant, id).then((answer) => answer));
  await lock.waitForWaiting(2);
  expect(await activeOwners(tenant)).toBe(2);
  await lock.release();
  expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await activeOwners(tenant)).toBe(1);
});

test('a DELETE under a version does not take the newer group that a change made meanwhile', async () => {
  const tenant = await rollcall.tenant();
  const group = (await tenant.scim('POST', '/Groups', { displayName: 'Older' }).expect(201)).body as Json;
  const path = `/Groups/${group['id']}`;
  const { version } = group['meta'] as { version: string };
  const change = await hold(
    rollcall.databaseUrl,
    `update groups set display_name = 'Newer', version = version + 1 where org_id = $1 and id = $2`,
    [tenant.org, group['id']],
  );
  const deletion = tenant
    .scim('DELETE', path, undefined, { 'If-Match': version })
    .then((answer) => answer.status);
  await change.waitForWaiting(1);
  await change.release();
  expect(await deletion).toBe(412);
  expect((await tenant.scim('GET', path)).body).toMatchObject({ displayName: 'Newer' });
});
