import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '../../src/directory/organizations/settings.ts';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
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

const checklist = (viewer: TestUser, user: string) => viewer.get(`/users/${user}/checklist`);
const tick = (viewer: TestUser, user: string, item: string, done = true) =>
  viewer.put(`/users/${user}/checklist`, { item, done });
const eventsOf = async (action: string, target: string) =>
  (
    await rollcall.rollcall.db.search<{ changes: unknown }>(
      'select changes from events where action = $1 and target_id = $2 order by id',
      [action, target],
    )
  ).map(({ changes }) => changes);

describe('the onboarding checklist', () => {
  test('R116: every new user has one, with its done items, who did them and when, and the progress', async () => {
    const user = await joins(rollcall, owner);
    const fresh = (await checklist(owner, user.id)).body;
    expect(fresh.progress).toEqual({ done: 1, total: 5 });
    await owner.patch('/me', { name: 'Olive Owner' });
    const ticked = (await tick(owner, user.id, 'introduction')).body;
    expect(ticked.progress).toEqual({ done: 2, total: 5 });
    expect(ticked.items.find(({ key }: { key: string }) => key === 'introduction')).toMatchObject({
      done: true,
      doneAt: expect.stringMatching(/Z$/),
      doneBy: { type: 'user', id: owner.id, name: 'Olive Owner', email: owner.email },
    });
    expect((await checklist(user, user.id)).body).toEqual(ticked);
  });

  test('R116: what a user did ticks itself, without a row or an event, and is undone with what made it so', async () => {
    const made = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'from-directory@rollcall.example',
    });
    const states = async (id: string) => {
      const { items } = (await checklist(owner, id)).body as {
        items: { key: string; done: boolean; automatic: boolean; doneBy: unknown }[];
      };
      return Object.fromEntries(items.map(({ key, done, automatic }) => [key, [done, automatic]]));
    };
    expect(await states(made.body.id)).toMatchObject({
      account_set_up: [false, false],
      groups_assigned: [false, false],
    });
    const user = await joins(rollcall, owner);
    expect(await states(user.id)).toMatchObject({
      account_set_up: [true, true],
      groups_assigned: [false, false],
      second_factor: [false, false],
    });
    const { id: group } = (await owner.post('/groups', { name: 'Newest' })).body;
    await owner.post(`/groups/${group}/members`, { userIds: [user.id] });
    await rollcall.rollcall.db.search(
      `insert into user_totp (org_id, user_id, sealed_secret, confirmed_at) values ($1, $2, '', '2026-01-02T03:04:05Z')`,
      [organization.org, user.id],
    );
    const { items } = (await checklist(user, user.id)).body;
    expect(items.find(({ key }: { key: string }) => key === 'second_factor')).toEqual({
      key: 'second_factor',
      label: 'Second factor set up',
      done: true,
      doneAt: '2026-01-02T03:04:05.000Z',
      doneBy: null,
      automatic: true,
    });
    expect((await states(user.id))['groups_assigned']).toEqual([true, true]);
    await owner.delete(`/groups/${group}`).expect(204);
    await rollcall.rollcall.db.search('delete from user_totp where user_id = $1', [user.id]);
    expect(await states(user.id)).toMatchObject({
      account_set_up: [true, true],
      groups_assigned: [false, false],
      second_factor: [false, false],
    });
    await tick(owner, user.id, 'second_factor').expect(200);
    expect((await states(user.id))['second_factor']).toEqual([true, false]);
    expect(await eventsOf('user.checklist_updated', user.id)).toHaveLength(1);
  });

  test('R116: the first question that an application reports ticks itself', async () => {
    await owner.patch('/settings', {
      settings: { onboardingItems: [{ key: 'first_question', label: 'Asked a first question' }] },
    });
    const user = await joins(rollcall, owner);
    expect((await checklist(user, user.id)).body.progress).toEqual({ done: 0, total: 1 });
    const { token } = (await owner.post('/me/api-keys', { name: 'App', scopes: ['activity:report'] })).body;
    const event = { id: user.id, type: 'query', userId: user.id, at: new Date().toISOString() };
    await withKey(rollcall.server, token)
      .post('/activity/events', { events: [event] })
      .expect(202);
    expect((await checklist(user, user.id)).body.progress).toEqual({ done: 1, total: 1 });
    const { onboardingItems } = readSettings({});
    await owner.patch('/settings', { settings: { onboardingItems } });
  });

  test('R116: to tick again changes nothing: who did it first stays, and there is one event', async () => {
    const user = await joins(rollcall, owner);
    const admin = await joins(rollcall, owner, { role: 'admin' });
    await Promise.all([tick(owner, user.id, 'introduction'), tick(owner, user.id, 'introduction')]);
    const again = (await tick(admin, user.id, 'introduction')).body;
    expect(again.items.find(({ key }: { key: string }) => key === 'introduction').doneBy.id).toBe(owner.id);
    await tick(admin, user.id, 'introduction', false);
    expect(await eventsOf('user.checklist_updated', user.id)).toEqual([
      { values: { introduction: [false, true] } },
      { values: { introduction: [true, false] } },
    ]);
  });

  test('R119: no one confirms their own security training, an admin neither; other items one may tick', async () => {
    const user = await joins(rollcall, owner);
    for (const viewer of [user, owner]) {
      const own = await tick(viewer, viewer.id, 'security_training');
      expect([own.status, own.body.code]).toEqual([403, 'self_change']);
    }
    expect((await tick(user, user.id, 'second_factor')).status).toBe(200);
    expect((await tick(owner, user.id, 'security_training')).status).toBe(200);
    expect((await tick(user, user.id, 'security_training', false)).status).toBe(403);
  });

  test('R119: while the training is required, no role above readonly comes before it, by no way', async () => {
    await owner.patch('/settings', {
      settings: { trainingRequired: true, onboardingItems: [{ key: 'badge', label: 'Has a badge' }] },
    });
    const user = await joins(rollcall, owner);
    const items = (await checklist(owner, user.id)).body.items.map(({ key }: { key: string }) => key);
    expect(items).toEqual(['badge', 'security_training']);
    const raise = async () => {
      const { impactToken } = (await owner.get(`/users/${user.id}/role-impact?role=train`)).body;
      return owner.put(`/users/${user.id}/role`, { role: 'train', impactToken });
    };
    const intent = { role: 'train', justification: 'Needed for the incident.' };
    const refusals = [
      await raise(),
      await owner.post(`/users/${user.id}/elevations`, intent),
      await user.post('/me/elevations', intent),
      await owner.post('/invitations', { email: 'early@rollcall.example', role: 'train' }),
    ];
    expect(refusals.map(({ body }) => body.code)).toEqual(Array(4).fill('training_required'));
    await tick(owner, user.id, 'security_training');
    expect((await raise()).status).toBe(200);
    await owner.patch('/settings', { settings: { trainingRequired: false } });
  });

  test('an item that is not on the list is rejected, and another list has other items', async () => {
    const user = await joins(rollcall, owner);
    const refused = await tick(owner, user.id, 'coffee');
    expect([refused.status, refused.body.code]).toEqual([422, 'unknown_item']);
    await owner.patch('/settings', {
      settings: { onboardingItems: [{ key: 'coffee', label: 'Knows the machine' }] },
    });
    expect((await tick(owner, user.id, 'coffee')).body.progress).toEqual({ done: 1, total: 1 });
  });

  test('R60: a manager ticks for users of their groups, and finds no other user', async () => {
    const group = (await owner.post('/groups', { name: 'Newcomers' })).body.id;
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    const [theirs, other] = [await joins(rollcall, owner, { groups: [group] }), await joins(rollcall, owner)];
    await owner.patch('/settings', {
      settings: { onboardingItems: [{ key: 'badge', label: 'Has a badge' }] },
    });
    expect((await tick(manager, theirs.id, 'badge')).status).toBe(200);
    expect((await checklist(manager, theirs.id)).status).toBe(200);
    expect((await tick(manager, other.id, 'badge')).status).toBe(404);
    expect((await checklist(manager, other.id)).status).toBe(404);
    expect((await checklist(theirs, other.id)).status).toBe(404);
    expect((await tick(theirs, other.id, 'badge')).status).toBe(403);
    const foreign = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await tick(foreign, theirs.id, 'badge')).status).toBe(404);
    expect((await checklist(foreign, theirs.id)).status).toBe(404);
  });
});

describe('roles by job function', () => {
  test('R117: a template has a role and groups, in the order in which they were written', async () => {
    const group = (await owner.post('/groups', { name: 'Support Team' })).body.id;
    const { body } = await owner.put('/job-functions', [
      { name: 'Support agent', role: 'train', groups: ['support team'] },
      { name: 'Accountant' },
    ]);
    expect(body.data).toMatchObject([
      { name: 'Support agent', role: 'train', groups: [{ id: group, name: 'Support Team' }] },
      { name: 'Accountant', role: 'readonly', groups: [] },
    ]);
    const manager = await joins(rollcall, owner, { role: 'configure' });
    expect((await manager.get('/job-functions')).body).toEqual(body);
    expect((await manager.put('/job-functions', [])).status).toBe(403);
    expect((await (await joins(rollcall, owner)).get('/job-functions')).status).toBe(403);
  });

  test('R131: without a role a template has readonly; a group that is deleted is in none any more', async () => {
    const group = (await owner.post('/groups', { name: 'Short-lived' })).body.id;
    await owner.put('/job-functions', [{ name: 'Temp', groups: [group] }]);
    await owner.delete(`/groups/${group}`);
    expect((await owner.get('/job-functions')).body.data).toMatchObject([
      { name: 'Temp', role: 'readonly', groups: [] },
    ]);
  });

  test('R117: a renamed template keeps its id; only real changes are events', async () => {
    const before = (
      await owner.put('/job-functions', [
        { name: 'Tester', role: 'train' },
        { name: 'Writer', role: 'train' },
      ])
    ).body.data;
    const [tester, writer] = before as { id: string }[];
    const after = (
      await owner.put('/job-functions', [
        { name: 'WRITER', role: 'train' },
        { id: tester?.id, name: 'QA', role: 'train' },
      ])
    ).body.data;
    expect(after.map(({ id }: { id: string }) => id)).toEqual([writer?.id, tester?.id]);
    await owner.put(
      '/job-functions',
      after.map(({ id, name, role }: Record<string, string>) => ({ id, name, role })),
    );
    expect(await eventsOf('job_function.updated', tester?.id as string)).toEqual([
      { values: { name: [null, 'Tester'], role: [null, 'train'], groups: [null, []] } },
      { values: { name: ['Tester', 'QA'] } },
    ]);
    await owner.put('/job-functions', []);
    expect((await eventsOf('job_function.updated', tester?.id as string)).at(-1)).toMatchObject({
      values: { name: ['QA', null], role: ['train', null] },
    });
  });

  test('R117: an invitation with a job function has its role and groups, unless it names others', async () => {
    const [group, other] = [
      (await owner.post('/groups', { name: 'First line' })).body.id,
      (await owner.post('/groups', { name: 'Second line' })).body.id,
    ];
    await owner.put('/job-functions', [
      { name: 'Support agent', role: 'train', groups: [group] },
      { name: 'Boss', role: 'admin', groups: [] },
    ]);
    const invite = async (by: TestUser, body: object) =>
      (await by.post('/invitations', { email: `job-${Math.random()}@rollcall.example`, ...body })).body;
    const access = async (body: object) => {
      const { user } = await invite(owner, body);
      return [user.role, user.groups.map(({ id }: { id: string }) => id)];
    };
    expect(await access({ jobFunction: 'support AGENT' })).toEqual(['train', [group]]);
    expect(await access({ jobFunction: 'Support agent', role: 'readonly' })).toEqual(['readonly', [group]]);
    expect(await access({ jobFunction: 'Support agent', groups: [other] })).toEqual(['train', [other]]);
    expect(await access({ jobFunction: 'Support agent', groups: [] })).toEqual(['train', []]);
    expect(await access({ jobFunction: 'Gardener' })).toEqual(['readonly', []]);
    expect(await access({})).toEqual(['readonly', []]);
    // It gives nothing that the inviter could not give (guard rule 4, R120).
    expect((await invite(owner, { jobFunction: 'Boss' })).code).toBe('reason_required');
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner.post(`/groups/${other}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    expect((await invite(manager, { jobFunction: 'Boss', reason: 'I say so.' })).code).toBe(
      'role_above_limit',
    );
    expect((await invite(manager, { jobFunction: 'Support agent' })).code).toBe('forbidden');
  });

  test('R117: a list with one thing wrong is rejected as a whole', async () => {
    await owner.put('/job-functions', [{ name: 'Kept' }]);
    const nobody = '01890000-0000-7000-8000-00000000dead';
    const refusals = [
      await owner.put('/job-functions', [{ name: 'One' }, { name: 'one' }]),
      await owner.put('/job-functions', [{ name: 'One', groups: ['No such group'] }]),
      await owner.put('/job-functions', [{ name: 'One', role: 'owner' }]),
      await owner.put('/job-functions', [{ id: nobody, name: 'One' }]),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([422, 422, 422, 404]);
    expect(refusals[1]?.body.detail).toBe('Group not found');
    expect((await owner.get('/job-functions')).body.data).toMatchObject([{ name: 'Kept' }]);
  });

  test('another organization has templates of its own', async () => {
    await owner.put('/job-functions', [{ name: 'Ours' }]);
    const foreign = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await foreign.get('/job-functions')).body.data).toEqual([]);
    await foreign.put('/job-functions', []);
    expect((await owner.get('/job-functions')).body.data).toHaveLength(1);
  });
});
