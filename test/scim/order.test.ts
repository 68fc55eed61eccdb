import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { uuidv7 } from '../../src/platform/ids.ts';
import { hashToken } from '../../src/platform/opaque-token.ts';
import { hold, lockOrganizationRow } from '../support/locks.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

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
const deactivate = (organization: TestOrganization, id: string) =>
  organization.scim('PATCH', `/Users/${id}`, deactivation);
/** The organization's owners, provisioned by its connection. */
const linkedOwners = async ({ org, connection }: TestOrganization): Promise<string[]> => {
  const owners = await sql<{ id: string }>('select id from users where org_id = $1 and owner', [org]);
  await sql(
    `insert into user_links (org_id, user_id, connection_id)
     select org_id, id, $2 from users where org_id = $1 and owner`,
    [org, connection],
  );
  return owners.map(({ id }) => id);
};
/** Another connection of the organization, with a token of its own. */
const secondConnection = async ({ org }: TestOrganization) => {
  const [connection, token] = [uuidv7(), `test_${randomBytes(24).toString('hex')}`];
  await sql('insert into connections (org_id, id, name, created_at) values ($1, $2, $3, now())', [
    org,
    connection,
    'Second',
  ]);
  await sql(
    'insert into scim_tokens (org_id, id, connection_id, hash, created_at) values ($1, $2, $3, $4, now())',
    [org, uuidv7(), connection, hashToken(token)],
  );
  return { connection, token };
};
const activeOwners = async ({ org }: TestOrganization) =>
  (await sql(`select from users where org_id = $1 and owner and status = 'active'`, [org])).length;

test('the last owner stays active, also if the connection that asks provisions them', async () => {
  const organization = await rollcall.organization();
  const [owner] = await linkedOwners(organization);
  const answer = await deactivate(organization, owner as string);
  expect(answer.status).toBe(409);
  expect(await activeOwners(organization)).toBe(1);
});

test('of two owners who are deactivated concurrently, the second to get the lock is rejected', async () => {
  const organization = await rollcall.organization();
  const { body } = await organization
    .scim('POST', '/Users', { userName: 'second@rollcall.example' })
    .expect(201);
  await sql(`update users set role = 'admin', owner = true where org_id = $1 and id = $2`, [
    organization.org,
    (body as { id: string }).id,
  ]);
  await sql('delete from user_links where org_id = $1', [organization.org]);
  const owners = await linkedOwners(organization);
  expect(owners).toHaveLength(2);
  const lock = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
  const answers = owners.map((id) => deactivate(organization, id).then((answer) => answer));
  await lock.waitForWaiting(2);
  expect(await activeOwners(organization)).toBe(2);
  await lock.release();
  expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await activeOwners(organization)).toBe(1);
});

test('a connection that deactivates a user of another connection adopts the user, and events record both', async () => {
  const organization = await rollcall.organization();
  const { body } = await organization
    .scim('POST', '/Users', { userName: 'shared@rollcall.example' })
    .expect(201);
  const id = (body as { id: string }).id;
  const second = await secondConnection(organization);
  const answer = await request(rollcall.server)
    .patch(`/scim/v2/Users/${id}`)
    .set({ Authorization: `Bearer ${second.token}`, 'Content-Type': 'application/scim+json' })
    .send(JSON.stringify(deactivation));
  expect(answer.status).toBe(200);
  const links = await sql<{ connection_id: string }>(
    'select connection_id from user_links where org_id = $1 and user_id = $2',
    [organization.org, id],
  );
  expect(links.map(({ connection_id }) => connection_id).sort()).toEqual(
    [organization.connection, second.connection].sort(),
  );
  const events = await sql<{ action: string; by: string }>(
    `select action, actor_id as by from events where org_id = $1 and target_id = $2 order by id`,
    [organization.org, id],
  );
  expect(events).toEqual([
    { action: 'user.created', by: organization.connection },
    { action: 'user.adopted', by: second.connection },
    { action: 'user.deactivated', by: second.connection },
  ]);
});

test('a DELETE under a version does not take the newer group that a change made meanwhile', async () => {
  const organization = await rollcall.organization();
  const group = (await organization.scim('POST', '/Groups', { displayName: 'Older' }).expect(201))
    .body as Json;
  const path = `/Groups/${group['id']}`;
  const { version } = group['meta'] as { version: string };
  const change = await hold(
    rollcall.databaseUrl,
    `update groups set display_name = 'Newer', version = version + 1 where org_id = $1 and id = $2`,
    [organization.org, group['id']],
  );
  const deletion = organization
    .scim('DELETE', path, undefined, { 'If-Match': version })
    .then((answer) => answer.status);
  await change.waitForWaiting(1);
  await change.release();
  expect(await deletion).toBe(412);
  expect((await organization.scim('GET', path)).body).toMatchObject({ displayName: 'Newer' });
});

test('a DELETE under a version does not take the newer user that a change made meanwhile', async () => {
  const organization = await rollcall.organization();
  const user = (await organization.scim('POST', '/Users', { userName: 'older@rollcall.example' }).expect(201))
    .body as Json;
  const path = `/Users/${user['id']}`;
  const { version } = user['meta'] as { version: string };
  const change = await hold(
    rollcall.databaseUrl,
    'update users set version = version + 1 where org_id = $1 and id = $2',
    [organization.org, user['id']],
  );
  const deletion = organization
    .scim('DELETE', path, undefined, { 'If-Match': version })
    .then((answer) => answer.status);
  await change.waitForWaiting(1);
  await change.release();
  expect(await deletion).toBe(412);
  expect((await organization.scim('GET', path)).status).toBe(200);
});

test('a user who was deleted keeps their status, though a connection still provisions them', async () => {
  const organization = await rollcall.organization();
  const { id } = (
    await organization.scim('POST', '/Users', { userName: 'gone@rollcall.example' }).expect(201)
  ).body as { id: string };
  await sql(
    `update users set deleted_at = now(), user_name_key = null, email_key = null, display_name_key = null
      where id = $1`,
    [id],
  );
  expect((await deactivate(organization, id)).status).toBe(404);
  expect(await sql('select status from users where id = $1', [id])).toEqual([{ status: 'active' }]);
});

test('a second deactivation records no further event', async () => {
  const organization = await rollcall.organization();
  const { id } = (
    await organization.scim('POST', '/Users', { userName: 'twice@rollcall.example' }).expect(201)
  ).body as { id: string };
  await sql(`update users set role = 'admin', owner = true where id = $1`, [id]);
  const other = await hold(
    rollcall.databaseUrl,
    `update users set status = 'inactive', version = version + 1 where org_id = $1 and id = $2`,
    [organization.org, id],
  );
  const answer = deactivate(organization, id).then(({ status }) => status);
  await other.waitForWaiting(1);
  await other.release();
  expect(await answer).toBe(200);
  expect(await sql(`select from events where target_id = $1 and action = 'user.deactivated'`, [id])).toEqual(
    [],
  );
});

test('a change of members that names an unknown user removes no one', async () => {
  const organization = await rollcall.organization();
  const user = (await organization.scim('POST', '/Users', { userName: 'stays@rollcall.example' }).expect(201))
    .body as Json;
  const members = [{ value: user['id'] }];
  const group = (await organization.scim('POST', '/Groups', { displayName: 'Whole', members }).expect(201))
    .body as Json;
  const unknown = uuidv7();
  const changes = [
    { op: 'remove', path: `members[value eq "${user['id']}"]` },
    { op: 'add', path: 'members', value: [{ value: unknown }] },
  ];
  const path = `/Groups/${group['id']}`;
  await organization.scim('PATCH', path, { schemas: deactivation.schemas, Operations: changes }).expect(400);
  const replacement = { displayName: 'Whole', members: [{ value: unknown }] };
  await organization.scim('PUT', path, replacement).expect(400);
  expect((await organization.scim('GET', path)).body).toMatchObject({ members });
});

test('a PATCH under a version does not overwrite the newer group that a change made meanwhile', async () => {
  const organization = await rollcall.organization();
  const group = (await organization.scim('POST', '/Groups', { displayName: 'Before' }).expect(201))
    .body as Json;
  const path = `/Groups/${group['id']}`;
  const { version } = group['meta'] as { version: string };
  const change = await hold(
    rollcall.databaseUrl,
    `update groups set display_name = 'Newer', version = version + 1 where org_id = $1 and id = $2`,
    [organization.org, group['id']],
  );
  const Operations = [{ op: 'replace', path: 'displayName', value: 'Mine' }];
  const renamed = organization
    .scim('PATCH', path, { schemas: deactivation.schemas, Operations }, { 'If-Match': version })
    .then((answer) => answer.status);
  await change.waitForWaiting(1);
  await change.release();
  expect(await renamed).toBe(412);
  expect((await organization.scim('GET', path)).body).toMatchObject({ displayName: 'Newer' });
});
