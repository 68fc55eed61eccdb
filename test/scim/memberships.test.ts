import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** One member more: the commonest change, in a statement of its own that leaves every other case to the general one. */
describe('PATCH that adds one member', () => {
  let rollcall: TestRollcall;
  let organization: TestOrganization;
  let owner: TestUser;
  let [user, group] = ['', ''];

  beforeAll(async () => {
    rollcall = await startRollcall();
    organization = await rollcall.organization();
    owner = await signInAsOwner(rollcall, organization);
  });
  afterAll(() => rollcall.close());

  beforeEach(async () => {
    const name = randomUUID();
    const made = async (path: string, body: Json) =>
      ((await organization.scim('POST', path, body).expect(201)).body as { id: string }).id;
    user = await made('/Users', { userName: `${name}@example.com` });
    group = await made('/Groups', { schemas: [GROUP], displayName: name });
  });

  const change = (op: 'add' | 'remove', id: string, value: string) =>
    organization.scim('PATCH', `/Groups/${id}`, {
      schemas: [PATCH],
      Operations: [
        op === 'add'
          ? { op, path: 'members', value: [{ value }] }
          : { op, path: `members[value eq "${value}"]` },
      ],
    });
  const members = async () => {
    const { body } = await organization.scim('GET', `/Groups/${group}`);
    return ((body as { members?: { value: string }[] }).members ?? []).map(({ value }) => value);
  };
  const events = async () => {
    const rows = await rollcall.rollcall.db.search<{ action: string }>(
      `select action from events where target_id = $1 and action like 'group.member%' order by id`,
      [group],
    );
    return rows.map(({ action }) => action);
  };

  test('repeated, it writes no second row, event or version', async () => {
    await change('add', group, user).expect(204);
    const version = ((await organization.scim('GET', `/Groups/${group}`)).body as { meta: Json }).meta[
      'version'
    ];
    await change('add', group, user).expect(204);
    expect(await members()).toEqual([user]);
    expect(await events()).toEqual(['group.member_added']);
    const again = ((await organization.scim('GET', `/Groups/${group}`)).body as { meta: Json }).meta[
      'version'
    ];
    expect(again).toBe(version);
  });

  test('of a user that an administrator added adds a source: the membership outlives either (ADR 0012)', async () => {
    group = (await owner.post('/groups', { name: randomUUID() })).body.id;
    const byHand = await owner.post(`/groups/${group}/members`, { userIds: [user] });
    expect(byHand.status).toBeLessThan(300);
    await change('add', group, user).expect(204);
    const [row] = await rollcall.rollcall.db.search<{ sources: string[] }>(
      'select sources from group_members where group_id = $1',
      [group],
    );
    expect(row?.sources).toEqual(['manual', 'scim']);
    await change('remove', group, user).expect(204);
    expect(await members()).toEqual([user]);
    expect(await events()).toEqual(['group.member_added']);
  });

  test('of no one is 400 invalidValue, to no group 404; neither writes anything', async () => {
    const nobody = await change('add', group, randomUUID());
    expect([nobody.status, (nobody.body as Json)['scimType']]).toEqual([400, 'invalidValue']);
    const nowhere = await change('add', randomUUID(), user);
    expect(nowhere.status).toBe(404);
    await organization.scim('DELETE', `/Users/${user}`).expect(204);
    const gone = await change('add', group, user);
    expect([gone.status, (gone.body as Json)['scimType']]).toEqual([400, 'invalidValue']);
    expect(await events()).toEqual([]);
  });
});

describe('a member who is inactive', () => {
  let rollcall: TestRollcall;
  let organization: TestOrganization;
  let owner: TestUser;
  let [inactive, active, group] = ['', '', ''];

  beforeAll(async () => {
    rollcall = await startRollcall();
    organization = await rollcall.organization();
    owner = await signInAsOwner(rollcall, organization);
  });
  afterAll(() => rollcall.close());

  const made = async (path: string, body: Json) =>
    ((await organization.scim('POST', path, body).expect(201)).body as { id: string }).id;
  const patch = (path: string, ...Operations: Json[]) =>
    organization.scim('PATCH', path, { schemas: [PATCH], Operations });
  const setActive = (value: boolean) => patch(`/Users/${inactive}`, { op: 'replace', path: 'active', value });
  const read = async (path: string) => (await organization.scim('GET', path).expect(200)).body as Json;
  const memberIds = async () =>
    ((await read(`/Groups/${group}`)) as { members?: { value: string }[] }).members?.map(
      ({ value }) => value,
    );
  const found = async (path: string, filter: string) =>
    (
      (await read(`${path}?filter=${encodeURIComponent(filter)}`)) as { Resources: { id: string }[] }
    ).Resources.map(({ id }) => id);

  beforeEach(async () => {
    inactive = await made('/Users', { userName: `${randomUUID()}@example.com`, active: false });
    active = await made('/Users', { userName: `${randomUUID()}@example.com` });
    const members = [inactive, active].map((value) => ({ value }));
    group = await made('/Groups', { schemas: [GROUP], displayName: randomUUID(), members });
  });

  test('is shown in members and groups, in single resources and lists', async () => {
    expect(await memberIds()).toEqual([inactive, active]);
    expect(await read(`/Users/${inactive}`)).toMatchObject({ active: false, groups: [{ value: group }] });
    const filter = encodeURIComponent(`id eq "${group}"`);
    const list = (await read(`/Groups?filter=${filter}`)) as { Resources: { members: Json[] }[] };
    expect(list.Resources[0]?.members).toHaveLength(2);
    const users = (await read('/Users?count=1000')) as { Resources: { id: string; groups?: Json[] }[] };
    expect(users.Resources.find(({ id }) => id === inactive)?.groups).toMatchObject([{ value: group }]);
  });

  test('is found by filters on members and groups', async () => {
    expect(await found('/Groups', `members.value eq "${inactive}"`)).toEqual([group]);
    expect(await found('/Groups', `members[value eq "${inactive}"]`)).toEqual([group]);
    expect(await found('/Groups', `id eq "${group}" and members eq "${inactive}"`)).toEqual([group]);
    expect(await found('/Users', `groups.value eq "${group}"`)).toEqual([inactive, active]);
  });

  test('leaves by PATCH with their value, and comes back', async () => {
    await patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${inactive}"]` }).expect(204);
    expect(await memberIds()).toEqual([active]);
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: inactive }] }).expect(204);
    expect(await memberIds()).toEqual([inactive, active]);
  });

  test('is kept when a client puts back what it read, and is in force again after the activation', async () => {
    const before = await read(`/Groups/${group}`);
    await organization.scim('PUT', `/Groups/${group}`, before).expect(200);
    expect(await memberIds()).toEqual([inactive, active]);
    await setActive(true).expect(200);
    expect((await owner.get(`/groups/${group}`)).body).toMatchObject({
      memberCount: 2,
      suspendedMemberCount: 0,
    });
  });

  test('changes neither the version nor lastModified of the group when the status changes', async () => {
    const { meta } = await read(`/Groups/${group}`);
    await setActive(true).expect(200);
    await setActive(false).expect(200);
    expect((await read(`/Groups/${group}`))['meta']).toEqual(meta);
  });

  test('is marked over REST and counted apart, and has no rights', async () => {
    expect((await owner.get(`/groups/${group}`)).body).toMatchObject({
      memberCount: 1,
      suspendedMemberCount: 1,
    });
    const { data } = (await owner.get('/groups')).body as { data: Json[] };
    expect(data.find(({ id }) => id === group)).toMatchObject({ memberCount: 1, suspendedMemberCount: 1 });
    const { body } = await owner.get(`/groups/${group}/members`);
    expect(body.data).toMatchObject([
      { user: { id: inactive }, suspended: true },
      { user: { id: active }, suspended: false },
    ]);
    expect((await owner.get(`/users/${inactive}`)).body.groups).toMatchObject([
      { id: group, suspended: true },
    ]);
    expect((await owner.get(`/users/${active}`)).body.groups).toMatchObject([
      { id: group, suspended: false },
    ]);
  });
});
