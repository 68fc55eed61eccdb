import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

test('a user shows the provisioned profile and the names at the directory', async () => {
  const made = await organization.scim('POST', '/Users', {
    schemas: [CORE, ENTERPRISE],
    userName: 'ada@profiles.example',
    externalId: '00u1',
    title: 'Engineer',
    timezone: 'Europe/London',
    phoneNumbers: [{ value: '+44 20 7946 0000', type: 'work' }],
    [ENTERPRISE]: { department: 'Engines', employeeNumber: '7001' },
  });
  const { body } = await owner.get(`/users/${made.body.id}`);
  expect(body.externalIds).toEqual([
    { connectionId: organization.connection, connectionName: 'Test', externalId: '00u1' },
  ]);
  expect(body.profile).toMatchObject({
    title: 'Engineer',
    timezone: 'Europe/London',
    department: 'Engines',
    employeeNumber: '7001',
    locale: null,
    phoneNumbers: [{ value: '+44 20 7946 0000', type: 'work' }],
  });
});

test('a user without a directory has an empty profile', async () => {
  const { body } = await owner.get(`/users/${owner.id}`);
  expect([body.externalIds, body.profile.title, body.profile.phoneNumbers]).toEqual([[], null, []]);
});

const provisioned = async (userName: string) =>
  (
    await organization.scim('POST', '/Users', {
      schemas: [CORE, ENTERPRISE],
      userName,
      externalId: 'before',
      title: 'Engineer',
      phoneNumbers: [{ value: '+44 1', type: 'work', primary: true }],
      [ENTERPRISE]: { department: 'Engines', division: 'Research' },
    })
  ).body.id as string;
const eventsAbout = async (id: string) =>
  rollcall.rollcall.db.search<{ action: string; changes: unknown }>(
    'select action, changes from events where target_id = $1::uuid order by id',
    [id],
  );

test('PATCH of a user sets and removes fields of the profile, and SCIM shows them', async () => {
  const user = await joins(rollcall, owner);
  const profile = {
    title: 'Engineer',
    department: 'Engines',
    division: 'R',
    phoneNumbers: [{ value: '+44 2' }],
  };
  const set = await owner.patch(`/users/${user.id}`, { profile });
  expect([set.status, set.body.code]).toEqual([200, undefined]);
  expect((await owner.get(`/users/${user.id}`)).body.profile).toMatchObject({
    ...profile,
    phoneNumbers: [{ value: '+44 2', type: null }],
  });
  await owner.patch(`/users/${user.id}`, { profile: { title: null, department: null, phoneNumbers: [] } });
  const scim = await organization.scim('GET', `/Users/${user.id}`);
  expect([scim.body.title, scim.body.phoneNumbers, scim.body[ENTERPRISE]]).toEqual([
    undefined,
    undefined,
    { division: 'R' },
  ]);
  expect((await eventsAbout(user.id)).slice(-2).map(({ changes }) => changes)).toEqual([
    { attributes: ['phoneNumbers', 'title', ENTERPRISE] },
    { attributes: ['phoneNumbers', 'title', ENTERPRISE] },
  ]);
});

test('PATCH with the profile that is there writes no event and no version', async () => {
  const user = await joins(rollcall, owner);
  await owner.patch(`/users/${user.id}`, { profile: { title: 'Engineer' } });
  const before = await eventsAbout(user.id);
  const { version } = (await owner.get(`/users/${user.id}`)).body;
  const again = await owner.patch(`/users/${user.id}`, { profile: { title: 'Engineer', locale: null } });
  expect([again.status, again.body.version]).toEqual([200, version]);
  expect(await eventsAbout(user.id)).toEqual(before);
});

test('PATCH rejects a profile that its schemas do not have', async () => {
  const user = await joins(rollcall, owner);
  for (const profile of [{ emails: [] }, { title: 7 }, { title: '' }, { phoneNumbers: [{ type: 'work' }] }]) {
    const answer = await owner.patch(`/users/${user.id}`, { profile });
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
  }
});

test("the profile of a provisioned user is its directory's, unless an owner insists", async () => {
  const id = await provisioned('managed@profiles.example');
  const before = await eventsAbout(id);
  const profile = { title: 'Head', department: 'Sales', phoneNumbers: [{ value: '+44 1', type: 'work' }] };
  const rejected = await owner.patch(`/users/${id}`, { profile });
  expect([rejected.status, rejected.body.code, rejected.body.detail]).toEqual([
    409,
    'managed_by_directory',
    'The profile of this user is managed by your identity provider: change it there. An owner can insist with ?force=true.',
  ]);
  expect(await eventsAbout(id)).toEqual(before);
  expect((await owner.patch(`/users/${id}?force=true`, { profile })).status).toBe(200);
  const scim = (await organization.scim('GET', `/Users/${id}`)).body;
  expect([scim.title, scim[ENTERPRISE]]).toEqual(['Head', { department: 'Sales', division: 'Research' }]);
  expect(scim.phoneNumbers).toEqual([{ value: '+44 1', type: 'work', primary: true }]);
});

test('PATCH changes what a connection calls a user only if an owner insists', async () => {
  const id = await provisioned('external@profiles.example');
  const externalIds = [{ connectionId: organization.connection, externalId: 'after' }];
  const rejected = await owner.patch(`/users/${id}`, { externalIds });
  expect([rejected.status, rejected.body.code]).toEqual([409, 'managed_by_directory']);
  const admin = await joins(rollcall, owner, { role: 'admin' });
  expect((await admin.patch(`/users/${id}?force=true`, { externalIds })).body.code).toBe(
    'managed_by_directory',
  );
  const { version } = (await owner.get(`/users/${id}`)).body;
  const changed = await owner.patch(`/users/${id}?force=true`, { externalIds });
  expect([changed.status, changed.body.version]).toEqual([200, version + 1]);
  const found = await organization.scim('GET', '/Users?filter=externalId eq "after"');
  expect(found.body.Resources.map((user: { id: string }) => user.id)).toEqual([id]);
  expect((await eventsAbout(id)).at(-1)).toEqual({
    action: 'user.updated',
    changes: { attributes: ['externalId'] },
  });
  const removed = [{ connectionId: organization.connection, externalId: null }];
  await owner.patch(`/users/${id}?force=true`, { externalIds: removed });
  expect((await owner.get(`/users/${id}`)).body.externalIds[0].externalId).toBeNull();
});

test('PATCH makes no connection provision a user', async () => {
  const externalIds = [{ connectionId: organization.connection, externalId: 'mine' }];
  const user = await joins(rollcall, owner);
  const answer = await owner.patch(`/users/${user.id}?force=true`, { externalIds });
  expect([answer.status, answer.body.code]).toEqual([422, 'unknown_connection']);
  expect((await owner.get(`/users/${user.id}`)).body.externalIds).toEqual([]);
});

test('R71: PATCH does all of it or nothing: what comes before a rejected part has not happened, and no one is told', async () => {
  const user = await joins(rollcall, owner, { name: 'Before' });
  const before = (await owner.get(`/users/${user.id}`)).body;
  const [events, mails] = [await eventsAbout(user.id), (await mailsTo(rollcall, user.email)).length];
  const jobs = () => rollcall.rollcall.db.search('select id from jobs order by id', []);
  const [present, group] = [await jobs(), (await owner.post('/groups', { name: 'All or nothing' })).body.id];
  const path = `/users/${user.id}`;
  const impact = (await owner.get(`${path}/role-impact?role=train`)).body;
  const first = {
    name: 'After',
    profile: { title: 'Head' },
    role: 'train',
    impactToken: impact.impactToken,
    notify: true,
  };
  const unknown = await owner.patch(path, { ...first, groups: [group, 'no such group'] });
  expect([unknown.status, unknown.body.code]).toEqual([422, 'group_not_found']);
  const self = await user.patch(path, { ...first, status: 'inactive' });
  expect(self.status).toBe(403);
  expect((await owner.get(path)).body).toEqual(before);
  expect(await eventsAbout(user.id)).toEqual(events);
  expect(await jobs()).toEqual(present);
  expect((await mailsTo(rollcall, user.email)).length).toBe(mails);
  expect((await owner.patch(path, { ...first, groups: [group] })).status).toBe(200);
});
