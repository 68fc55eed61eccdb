import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const path = () => `/scim/connections/${organization.connection}`;
const setDryRun = async (dryRun: boolean) => {
  const answer = await owner.patch(path(), { dryRun }).expect(200);
  // A verified token is remembered for a second (ADR 0008).
  shift += 1_001;
  return answer.body;
};
const reportOf = async () => {
  await rollcall.rollcall.writeProvisioningLog();
  return (await owner.get(`${path()}/dry-run`).expect(200)).body;
};
const person = (userName: string, active = true) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName,
  active,
});
const contents = async () =>
  (
    await rollcall.rollcall.db.search<{ text: string }>(
      `select (select json_agg(u order by id) from (select id, status, role, version, deleted_at from users where org_id = $1) u)::text
        || (select json_agg(g order by id) from (select id, display_name from groups where org_id = $1) g)::text
        || (select count(*) from group_members where org_id = $1) || ' ' || (select count(*) from events where org_id = $1)
        || (select count(*) from user_links where org_id = $1) as text`,
      [organization.org],
    )
  )[0]?.text;

test('R153: a connection in a dry run answers as it would, writes nothing, and reports what it would have done', async () => {
  const admin = await joins(rollcall, owner, { role: 'admin', name: 'Ann Admin' });
  const reader = await joins(rollcall, owner);
  const { id: group } = (await owner.post('/groups', { name: 'Sales' })).body;
  const begun = await setDryRun(true);
  expect(begun.dryRunSince).toEqual(expect.any(String));
  const before = await contents();

  const made = await organization.scim('POST', '/Users', person('new@rollcall.example')).expect(201);
  expect(made.body).toMatchObject({ userName: 'new@rollcall.example', active: true });
  await organization.scim('POST', '/Users', person('New@rollcall.example')).expect(201);
  await organization
    .scim('POST', '/Users', person(organization.ownerEmail.toUpperCase()))
    .expect((answer) => {
      expect([201, 409]).toContain(answer.status);
    });
  const off = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', value: { active: false } }],
  };
  const patched = await organization.scim('PATCH', `/Users/${admin.id}`, off).expect(200);
  expect(patched.body.active).toBe(false);
  expect((await organization.scim('GET', `/Users/${admin.id}`)).body.active).toBe(true);
  await organization.scim('DELETE', `/Users/${reader.id}`).expect(204);
  const groupMade = await organization.scim('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Engineering',
    members: [{ value: admin.id }],
  });
  expect([groupMade.status, groupMade.body.displayName]).toEqual([201, 'Engineering']);
  await organization.scim('PATCH', `/Groups/${group}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'add', path: 'members', value: [{ value: reader.id }] }],
  });
  await organization.scim('POST', '/Groups', {}).expect(400);
  await organization.scim('GET', '/Users?count=1').expect(200);
  expect(await contents()).toBe(before);

  const report = await reportOf();
  expect(report).toMatchObject({
    since: begun.dryRunSince,
    users: { created: 1, deactivated: 1, deleted: 1 },
    groups: { created: 1, changed: 1, deleted: 0 },
    roles: { gained: 0, lost: 2, administratorsLost: 1 },
    people: [
      {
        user: { id: admin.id, name: 'Ann Admin' },
        before: 'admin',
        after: null,
        because: 'The directory deactivates the user.',
      },
      { user: { id: reader.id }, before: 'readonly', because: 'The directory deletes the user.' },
    ],
  });
  expect(report.sentence).toMatch(
    /1 user would be deactivated, 1 user would be deleted, 1 administrator would lose their role/,
  );
  const [request] = (await owner.get(`${path()}/requests?method=DELETE`)).body.data;
  expect(request.notes).toEqual(['Dry run: nothing was written.']);

  await setDryRun(false);
  await organization.scim('PATCH', `/Users/${admin.id}`, off).expect(200);
  expect((await owner.get(`/users/${admin.id}`)).body.status).toBe('inactive');
  expect(await reportOf()).toMatchObject({ since: null, requests: 0, people: [] });
});

test('R153: a role that the directory sends is part of the report, and held to the same limits', async () => {
  await owner.patch(path(), { roleSource: 'scim_roles' }).expect(200);
  const configure = await joins(rollcall, owner, { role: 'configure' });
  await setDryRun(true);
  const roles = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', value: { roles: [{ value: 'train' }] } }],
  };
  await organization.scim('PATCH', `/Users/${configure.id}`, roles).expect(200);
  expect(await reportOf()).toMatchObject({
    people: [
      {
        user: { id: configure.id },
        before: 'configure',
        after: 'train',
        because: 'The directory sends the role train.',
      },
    ],
  });
  expect((await owner.get(`/users/${configure.id}`)).body.role).toBe('configure');
});

test('R153: two requests of a dry run at once answer both', async () => {
  const answers = await Promise.allSettled(
    ['one', 'two', 'three'].map((name) =>
      organization.scim('POST', '/Users', person(`${name}@rollcall.example`)),
    ),
  );
  expect(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : answer.reason)),
  ).toEqual([201, 201, 201]);
});
