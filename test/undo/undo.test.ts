import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { directoryOf } from './directory.ts';

const PEOPLE = 300;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let okta: ReturnType<typeof directoryOf>;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  okta = directoryOf(rollcall, organization);
});
afterAll(() => rollcall.close());

const user = async (id: string) => (await owner.get(`/users/${id}`)).body;
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the undo of what a connection did', () => {
  test('R152: a mass deactivation of 300 people is taken back, and what others changed since stays and is reported', async () => {
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, at) => okta.create(`mass-${at}`)));
    const engineering = await okta.group('Engineering', people);
    const [first, second, third, admin] = people as [string, string, string, string];
    await owner.put(`/users/${admin}/role`, { role: 'train' });
    const worker = await joins(rollcall, owner, { name: 'Keyed Person', role: 'admin' });
    const { body: made } = await worker.post('/me/api-keys', { name: 'Mine', scopes: ['users:read'] });
    expect(made).toMatchObject({ token: expect.any(String) });
    const key = withKey(rollcall.server, made.token);
    expect((await key.get(`/users/${worker.id}`)).status).toBe(200);
    // The connection takes the worker over, as Okta does with people who are there already.
    await organization.scim('PUT', `/Users/${worker.id}`, {
      userName: worker.email,
      active: true,
      displayName: 'Keyed Person',
    });
    const { body: role } = await owner.get(`/users/${admin}/role-impact?role=configure`);
    await owner.put(`/users/${admin}/role`, { role: 'configure', impactToken: role.impactToken });

    await tick();
    const from = new Date();
    for (const id of [...people, worker.id]) expect((await okta.deactivate(id)).status).toBe(200);
    const to = new Date();
    await tick();
    expect((await key.get(`/users/${worker.id}`)).status).toBe(401);

    // Since then: one is active again already, one is out of the group, one is deleted, one has another role.
    await owner.post(`/users/${first}/activate?force=true`);
    await organization.scim('DELETE', `/Users/${second}`);
    await owner.post(`/users/${third}/activate?force=true`);
    await owner.post(`/users/${third}/deactivate?force=true`, { reason: 'Left us.' });

    const preview = await okta.preview(owner, from, to);
    expect(preview).toMatchObject({
      state: 'preview',
      counts: { activated: PEOPLE - 2, undo: PEOPLE - 2, skip: 3, failed: 0 },
      progress: { done: 0, total: PEOPLE + 1 },
    });
    expect(preview.summary).toEqual([
      `${PEOPLE - 2} people are active again, with role and groups.`,
      '3 changes are left as they are.',
    ]);
    expect(preview.notes[0]).toContain('may send the same changes again');
    const skipped = await okta.items(owner, preview, '&result=skip');
    expect(skipped.map(({ user: who, code, why }) => [who?.id, code, why]).sort()).toEqual(
      [
        [first, 'already_so', expect.stringContaining('Is so again already, by ')],
        [second, 'user_gone', 'User deleted by Test'],
        [third, 'changed_since', expect.stringMatching(/^Deactivated by .+ since$/)],
      ].sort(),
    );
    const [planned] = (await okta.items(owner, preview, '&result=undo')).filter(
      ({ user: who }) => who?.id === admin,
    );
    expect(planned).toMatchObject({ did: 'Deactivated', will: 'Activate as configure, with 1 group' });

    expect((await okta.confirm(owner, { ...preview, token: 'another' })).body.code).toBe(
      'impact_confirmation_required',
    );
    expect((await okta.confirm(owner, preview, { password: 'wrong' })).body.code).toBe('password_invalid');
    const confirmed = await okta.confirm(owner, preview);
    expect(confirmed.status).toBe(202);
    const done = await okta.finish(owner, preview);
    expect(done.counts).toMatchObject({ activated: PEOPLE - 2, skip: 3, failed: 0 });
    expect(await user(admin)).toMatchObject({
      status: 'active',
      role: 'configure',
      groups: [{ id: engineering, suspended: false }],
    });
    expect((await user(third)).status).toBe('inactive');
    expect((await key.get(`/users/${worker.id}`)).status).toBe(200);

    // Each change is an event of its own, under the request of the undo, and the undo is one.
    const events = await owner.get(`/audit?requestId=${confirmed.headers['x-request-id']}&limit=200`);
    const actions = events.body.data.map(({ action }: { action: string }) => action);
    expect(new Set(actions)).toEqual(new Set(['undo.finished', 'user.activated', 'api_key.enabled']));
    const started = await owner.get('/audit?action=undo.started');
    expect(started.body.data[0]).toMatchObject({ reason: 'A mistake in Okta.' });
    expect(started.body.data[0].sentence).toContain(
      `started to undo ${PEOPLE - 2} changes of a batch (connection)`,
    );
  });

  test('R152: the undo of an undo is one, and brings back what the connection did', async () => {
    const id = await okta.create('twice');
    await tick();
    const from = new Date();
    await okta.deactivate(id);
    const to = new Date();
    const preview = await okta.preview(owner, from, to);
    await okta.confirm(owner, preview);
    await okta.finish(owner, preview);
    expect((await user(id)).status).toBe('active');
    const again = (await owner.post('/undos', { undoId: preview.id })).body;
    expect(again.counts).toMatchObject({ deactivated: 1, undo: 1 });
    await okta.confirm(owner, again);
    await okta.finish(owner, again);
    expect((await user(id)).status).toBe('inactive');
  });

  test('R152: a group that was deleted comes back with its members, their roles in it, its role and its id', async () => {
    const people = await Promise.all(['ga', 'gb', 'gc'].map((name) => okta.create(name)));
    const [manager, member, gone] = people as [string, string, string];
    const group = await okta.group('Platform', people);
    await owner.patch(`/groups/${group}`, { role: 'configure', description: 'Runs it' });
    await owner.patch(`/groups/${group}/members/${manager}`, { inGroupRole: 'manager' });
    await tick();
    const from = new Date();
    // As Entra removes a member before it removes the group.
    await okta.patch(`/Groups/${group}`, [{ op: 'Remove', path: `members[value eq "${member}"]` }]);
    expect((await organization.scim('DELETE', `/Groups/${group}`)).status).toBe(204);
    const to = new Date();
    await owner.delete(`/users/${gone}?force=true`, { mode: 'hard', password: 'correct battery horse 7' });
    const preview = await okta.preview(owner, from, to);
    expect(preview.counts).toMatchObject({ groupsRestored: 1, undo: 2 });
    expect((await okta.items(owner, preview)).map(({ did, will }) => [did, will])).toEqual([
      ['Group deleted', 'Restore the group with 2 members'],
      ['Removed from Platform', 'Restore Platform'],
    ]);
    await okta.confirm(owner, preview);
    expect((await okta.finish(owner, preview)).counts).toMatchObject({ undo: 2, failed: 0 });
    expect((await owner.get(`/groups/${group}`)).body).toMatchObject({
      name: 'Platform',
      role: 'configure',
      description: 'Runs it',
      source: 'scim',
    });
    const members = (await owner.get(`/groups/${group}/members`)).body.data;
    type Member = { user: { id: string }; inGroupRole: string };
    expect(members.map(({ user: who, inGroupRole }: Member) => [who.id, inGroupRole]).sort()).toEqual(
      [
        [manager, 'manager'],
        [member, 'member'],
      ].sort(),
    );
    // The identity provider finds it by what it calls it.
    const found = await organization.scim('GET', `/Groups/${group}`);
    expect(found.body).toMatchObject({ id: group, externalId: 'ext-Platform' });
  });

  test('R152: a membership comes back with its sources, unless its group was deleted since', async () => {
    const id = await okta.create('moved');
    const [stays, goes] = [await okta.group('Stays', [id]), await okta.group('Goes', [id])];
    const joined = await okta.group('Joined', []);
    await tick();
    const from = new Date();
    for (const group of [stays, goes]) {
      await okta.patch(`/Groups/${group}`, [{ op: 'remove', path: 'members', value: [{ value: id }] }]);
    }
    await okta.patch(`/Groups/${joined}`, [{ op: 'add', path: 'members', value: [{ value: id }] }]);
    const to = new Date();
    await tick();
    await owner.delete(`/groups/${goes}?force=true`);
    const preview = await okta.preview(owner, from, to);
    expect(preview.counts).toMatchObject({ membershipsRestored: 1, membershipsEnded: 1, skip: 1 });
    const [skipped] = await okta.items(owner, preview, '&result=skip');
    expect(skipped).toMatchObject({ code: 'group_gone', did: 'Removed from Goes' });
    expect(skipped?.why).toMatch(/^Group deleted by /);
    await okta.confirm(owner, preview);
    await okta.finish(owner, preview);
    expect((await user(id)).groups.map((group: { id: string }) => group.id)).toEqual([stays]);
    const [{ sources }] = (await owner.get(`/groups/${stays}/members`)).body.data;
    expect(sources).toEqual(['scim']);
  });

  test('R152: what is restored is in the history from the undo on, and not from when it began', async () => {
    const id = await okta.create('remembered');
    const group = await okta.group('Remembered', [id]);
    const { body: agents } = await owner.get(`/groups/${group}`);
    expect(agents.name).toBe('Remembered');
    await owner.put(`/groups/${group}/grants`, [
      { resourceType: 'agent', tag: 'beta', level: 'use' },
    ] as object);
    await tick();
    const from = new Date();
    await organization.scim('DELETE', `/Groups/${group}`);
    await tick();
    const between = new Date().toISOString();
    await tick();
    const preview = await okta.preview(owner, from, new Date());
    await okta.confirm(owner, preview);
    await okta.finish(owner, preview);
    await tick();
    const at = async (asOf: string) => (await owner.get(`/users/${id}?asOf=${asOf}`)).body.groups;
    expect(await at(from.toISOString())).toMatchObject([{ id: group }]);
    expect(await at(between)).toEqual([]);
    expect(await at(new Date().toISOString())).toMatchObject([{ id: group, sources: ['scim'] }]);
    expect((await owner.get(`/groups/${group}/grants`)).body).toMatchObject({
      data: [{ resourceType: 'agent', tag: 'beta', level: 'use' }],
    });
  });

  test('R152: what history does not reach back to is left, and the preview says since when it is complete', async () => {
    const id = await okta.create('ancient');
    const group = await okta.group('Ancient', [id]);
    const { db } = rollcall.rollcall;
    // As of an organization from before migration 0100.
    await db.search('delete from history where group_id = $1', [group]);
    await tick();
    const from = new Date();
    await okta.patch(`/Groups/${group}`, [{ op: 'remove', path: 'members', value: [{ value: id }] }]);
    await organization.scim('DELETE', `/Groups/${group}`);
    const preview = await okta.preview(owner, from, new Date());
    expect(preview.counts).toMatchObject({ undo: 0, skip: 2 });
    expect(preview.notes.at(-1)).toMatch(
      /^Of 2 it is not known what was there before: history is complete since /,
    );
    const [first] = await okta.items(owner, preview);
    expect(first).toMatchObject({
      code: 'not_kept',
      why: 'History does not reach back to what was there before',
    });
  });

  test('R152: names and addresses go back, and what others changed since is left', async () => {
    const id = await okta.create('renamed', { title: 'Engineer' });
    await tick();
    const from = new Date();
    await okta.patch(`/Users/${id}`, [
      {
        op: 'replace',
        value: { userName: 'wrong@rollcall.example', displayName: 'Wrong', title: 'Nothing', nickName: 'W' },
      },
    ]);
    const to = new Date();
    const preview = await okta.preview(owner, from, to);
    const [item] = await okta.items(owner, preview);
    expect(item).toMatchObject({ kind: 'profile', will: 'Give back userName, displayName, nickName, title' });
    await okta.confirm(owner, preview);
    expect((await okta.finish(owner, preview)).counts).toMatchObject({ profiles: 1, failed: 0 });
    const { body } = await organization.scim('GET', `/Users/${id}`);
    expect(body).toMatchObject({
      userName: 'renamed@rollcall.example',
      displayName: 'renamed Person',
      title: 'Engineer',
      externalId: '00u-renamed',
    });
    expect(body.nickName).toBeUndefined();
  });

  test('R152: who was deleted is restored with the link to the connection, and who was created is deleted', async () => {
    const id = await okta.create('deleted');
    await tick();
    const from = new Date();
    await organization.scim('DELETE', `/Users/${id}`);
    const created = await okta.create('newcomer');
    const to = new Date();
    const preview = await okta.preview(owner, from, to);
    expect(preview.counts).toMatchObject({ restored: 1, deleted: 1 });
    await okta.confirm(owner, preview);
    await okta.finish(owner, preview);
    expect(await user(id)).toMatchObject({ status: 'active', managedBy: 'scim' });
    expect((await organization.scim('GET', `/Users/${id}`)).body.externalId).toBe('00u-deleted');
    expect((await user(created)).status).toBe('deleted');
  });

  test('two undos of one batch at once undo it once, and the second of them reports that', async () => {
    const people = await Promise.all(['ta', 'tb', 'tc', 'td'].map((name) => okta.create(name)));
    await tick();
    const from = new Date();
    for (const id of people) await okta.deactivate(id);
    const to = new Date();
    const [one, two] = [await okta.preview(owner, from, to), await okta.preview(owner, from, to)];
    const answers = await Promise.all([
      okta.confirm(owner, one),
      okta.confirm(owner, two),
      okta.confirm(owner, one),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, 409]);
    const [first, second] = [await okta.finish(owner, one), await okta.finish(owner, two)];
    expect((first.counts['undo'] ?? 0) + (second.counts['undo'] ?? 0)).toBe(4);
    expect((first.counts['skip'] ?? 0) + (second.counts['skip'] ?? 0)).toBe(4);
    const events = await owner.get(`/audit?action=user.activated&about=${people[0]}`);
    expect(events.body.data.length).toBe(1);
  });

  test('a preview is of one organization, and an administrator of another sees neither its connection nor it', async () => {
    const other = await rollcall.organization();
    const stranger = await signInAsOwner(rollcall, other);
    const preview = await okta.preview(owner, new Date(Date.now() - 1_000), new Date());
    const span = { from: new Date(Date.now() - 1_000).toISOString(), to: new Date().toISOString() };
    expect((await stranger.get(`/undos/${preview.id}`)).status).toBe(404);
    expect((await stranger.get(`/undos/${preview.id}/items`)).status).toBe(404);
    expect((await okta.confirm(stranger, preview)).status).toBe(404);
    expect((await stranger.post('/undos', { connectionId: organization.connection, ...span })).status).toBe(
      404,
    );
    expect((await stranger.post('/undos', { undoId: preview.id })).status).toBe(404);
  });
});
