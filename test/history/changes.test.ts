import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { beginHistory } from '../../src/history/jobs.ts';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let jane: TestUser;
let manager: TestUser;
let group: string;
let began: string;

const moment = async (): Promise<string> => {
  await delay(5);
  const at = new Date().toISOString();
  await delay(5);
  return at;
};
const setRole = async (user: string, role: string, reason?: string) => {
  const { impactToken } = (await owner.get(`/users/${user}/role-impact?role=${role}`)).body;
  await owner.put(`/users/${user}/role`, { role, impactToken, reason }).expect(200);
};
const differences = async (from: string, to: string, more = '') =>
  (await owner.get(`/history/differences?from=${from}&to=${to}${more}`).expect(200)).body.data;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  began = await moment();
  jane = await joins(rollcall, owner, { name: 'Jane Doe' });
  group = (await owner.post('/groups', { name: 'Engineering' })).body.id;
  manager = await joins(rollcall, owner, { name: 'Mia Manager', role: 'configure' });
  await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' }).expect(200);
});
afterAll(() => rollcall.close());

describe('R150: the differences of two moments', () => {
  test('say who joined, in words, with the event that tells who did it', async () => {
    const found = await differences(began, await moment(), `&userId=${jane.id}&kind=user`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'user',
      effects: ['joined'],
      sentence: 'Jane Doe joined as readonly.',
      user: { id: jane.id, name: 'Jane Doe', label: 'Jane Doe' },
      before: null,
    });
    const { body: event } = await owner.get(`/audit/${found[0].cause.eventId}`).expect(200);
    expect([event.target.id]).toEqual([jane.id]);
  });

  test('have the reason of a change of role, and nothing of what was taken back', async () => {
    const from = await moment();
    await setRole(jane.id, 'configure', 'Covers for Mia.');
    const between = await moment();
    const [raised, ...others] = await differences(from, between);
    expect(others).toEqual([]);
    expect(raised).toMatchObject({
      effects: ['gained_role'],
      sentence: 'Jane Doe went from readonly to configure.',
      cause: { actor: { id: owner.id }, reason: 'Covers for Mia.', via: 'api' },
    });
    await setRole(jane.id, 'readonly');
    expect(await differences(from, await moment())).toEqual([]);
    expect(await differences(between, await moment())).toMatchObject([{ effects: ['lost_role'] }]);
  });

  test('have memberships, groups and grants, each with its cause', async () => {
    const from = await moment();
    await owner.post(`/groups/${group}/members`, { userIds: [jane.id] }).expect(200);
    await owner.put(`/groups/${group}/grants`, [
      { resourceType: 'agent', tag: 'beta', level: 'use' },
    ] as object);
    await owner.patch(`/groups/${group}`, { role: 'train', name: 'Engineers' }).expect(200);
    const found = await differences(from, await moment());
    expect(found.map(({ sentence }: { sentence: string }) => sentence)).toEqual([
      'The group Engineers was renamed from Engineering, gives the role train instead of none.',
      'The group Engineers has 1 grants more and 0 less.',
      'Jane Doe joined Engineers.',
    ]);
    const ids = found.map(({ cause }: { cause: { eventId: string } }) => cause.eventId);
    const actions = [];
    for (const id of ids) actions.push((await owner.get(`/audit/${id}`)).body.action);
    expect(actions).toEqual(['group.updated', 'group.grants_changed', 'group.member_added']);
    await owner.patch(`/groups/${group}`, { role: null, name: 'Engineering' });
  });

  test('have elevations that began, and that were taken away', async () => {
    const from = await moment();
    const body = { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' };
    const { id } = (await owner.post(`/users/${jane.id}/elevations`, body).expect(201)).body;
    const between = await moment();
    await owner.post(`/elevations/${id}/revoke`, {}).expect(200);
    const to = await moment();
    expect(await differences(from, between)).toMatchObject([{ kind: 'elevation', effects: ['elevated'] }]);
    expect(await differences(between, to)).toMatchObject([{ effects: ['elevation_ended'] }]);
    const [whole] = await differences(from, to);
    expect(whole.effects).toEqual(['elevated']);
    const past = (await owner.get(`/users/${jane.id}?asOf=${between}`).expect(200)).body;
    expect(past).toMatchObject({ effectiveRole: 'admin', elevations: [{ id, role: 'admin' }] });
  });

  test('come in pages that no change is missing from, filtered by kind, and as CSV and NDJSON', async () => {
    const from = await moment();
    const names = ['A', 'B', 'C', 'D', 'E'];
    for (const name of names) await owner.post('/groups', { name: `Paged ${name}` }).expect(201);
    const to = await moment();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await owner
        .get(`/history/differences?from=${from}&to=${to}&limit=2${next}`)
        .expect(200);
      seen.push(...body.data.map((change: { group: { name: string } }) => change.group.name));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(names.map((name) => `Paged ${name}`).reverse());
    expect(await differences(from, to, '&kind=user')).toEqual([]);
    const ndjson = await owner
      .get(`/history/differences/export?from=${from}&to=${to}`)
      .buffer(true)
      .expect(200);
    expect(
      ndjson.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(await differences(from, to));
    const csv = await owner
      .get(`/history/differences/export?format=csv&from=${from}&to=${to}`)
      .buffer(true)
      .expect(200);
    const [since, until] = [from, to].map((moment) => moment.slice(0, 10));
    expect(csv.headers['content-disposition']).toBe(
      `attachment; filename="differences-${since}-to-${until}.csv"`,
    );
    const rows: Record<string, string>[] = parse(csv.text, { columns: true, bom: true });
    expect(rows.map(({ group_name }) => group_name)).toEqual(seen);
    expect((await owner.get('/audit?action=history.exported')).body.data).toHaveLength(2);
    const { body: summary } = await owner
      .get(`/history/differences/summary?from=${from}&to=${to}`)
      .expect(200);
    expect(summary).toMatchObject({ counts: { group_created: 5 }, whole: true });
    expect(summary.days.reduce((sum: number, { changes }: { changes: number }) => sum + changes, 0)).toBe(5);
  });
});

describe('the changes of one user', () => {
  test('are each change, the newest first, with before and after', async () => {
    const person = await joins(rollcall, owner, { name: 'Tim Line' });
    await setRole(person.id, 'train');
    await owner.post(`/users/${person.id}/deactivate`, { reason: 'Left for the sea.' });
    const { body } = await owner.get(`/users/${person.id}/history`).expect(200);
    expect(body.data[0]).toMatchObject({
      effects: ['deactivated'],
      before: { status: 'active', role: 'train' },
      after: { status: 'inactive' },
      cause: { reason: 'Left for the sea.' },
    });
    expect(body.data.map(({ effects }: { effects: string[] }) => effects[0])).toEqual([
      'deactivated',
      'gained_role',
      'activated',
      'joined',
    ]);
  });

  test('are shown to the user and to the managers of their groups, and to no one else', async () => {
    // Her sessions ended with her rights.
    jane = await signIn(rollcall.server, jane.email, PASSWORD);
    const at = await moment();
    const other = await joins(rollcall, owner, { name: 'Olga Other' });
    for (const path of ['history', 'permissions', '']) {
      const query = path === 'history' ? '' : `?asOf=${at}`;
      expect((await jane.get(`/users/${jane.id}/${path}${query}`)).status).toBe(200);
      expect((await manager.get(`/users/${jane.id}/${path}${query}`)).status).toBe(200);
      expect((await jane.get(`/users/${manager.id}/${path}${query}`)).status).toBe(404);
      expect((await manager.get(`/users/${other.id}/${path}${query}`)).status).toBe(404);
    }
    const listed = (await manager.get(`/users?asOf=${at}`)).body.data.map(({ id }: { id: string }) => id);
    expect(listed.sort()).toEqual([jane.id, manager.id].sort());
    const own = (await jane.get(`/users?asOf=${at}`)).body.data;
    expect(own.map(({ id }: { id: string }) => id)).toEqual([jane.id]);
    const groups = (await manager.get(`/groups?asOf=${at}`)).body.data;
    expect(groups.map(({ id }: { id: string }) => id)).toEqual([group]);
    expect((await manager.get(`/groups/${group}/members?asOf=${at}`)).body.data).toHaveLength(2);
    const hidden = (await owner.post('/groups', { name: 'Not hers' })).body.id;
    const later = await moment();
    expect((await owner.get(`/groups/${hidden}?asOf=${later}`)).status).toBe(200);
    expect((await manager.get(`/groups/${hidden}?asOf=${later}`)).status).toBe(404);
    expect((await manager.get(`/groups/${hidden}/members?asOf=${later}`)).status).toBe(404);
    expect((await jane.get(`/groups/${group}/members?asOf=${at}`)).status).toBe(403);
    expect((await manager.get(`/history/differences?from=${at}`)).status).toBe(403);
    const stranger = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Theirs' }));
    await moment();
    const theirs = await moment();
    const strangers = (await stranger.get(`/users?asOf=${theirs}`)).body.data;
    expect(strangers.map(({ id }: { id: string }) => id)).toEqual([stranger.id]);
    expect((await stranger.get(`/users/${jane.id}/history`)).status).toBe(404);
    expect((await stranger.get(`/users/${jane.id}?asOf=${theirs}`)).status).toBe(404);
    expect((await stranger.get(`/groups/${group}/members?asOf=${theirs}`)).status).toBe(404);
    expect((await stranger.get(`/history/differences?from=${theirs}&userId=${jane.id}`)).body.data).toEqual(
      [],
    );
  });
});

test('R89, R149: of an erased person history keeps what they were, under a pseudonym', async () => {
  const person = await joins(rollcall, owner, { name: 'Gone Girl', role: 'train' });
  await owner.post(`/groups/${group}/members`, { userIds: [person.id] });
  const before = await moment();
  await owner.delete(`/users/${person.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
  const after = await moment();
  const { body: past } = await owner.get(`/users/${person.id}?asOf=${before}`).expect(200);
  const pseudonym = `Erased person ${person.id.slice(-4)}`;
  expect(past).toMatchObject({ name: null, email: null, label: pseudonym, role: 'train', status: 'active' });
  expect(past.groups.map(({ id }: { id: string }) => id)).toEqual([group]);
  expect((await owner.get(`/users/${person.id}?asOf=${after}`)).status).toBe(404);
  const found = await differences(before, after);
  expect(found.map(({ effects }: { effects: string[] }) => effects[0]).sort()).toEqual([
    'left',
    'lost_group',
  ]);
  expect(found[0].sentence).toContain(pseudonym);
  expect(found[0].cause).toMatchObject({ actor: { id: owner.id } });
  const rows = await rollcall.rollcall.db.search(
    `select from history where org_id = $1 and history::text ~* 'gone|girl'`,
    [organization.org],
  );
  expect(rows).toEqual([]);
});

test('a moment in the future, before history or malformed is rejected with what to change', async () => {
  const ask = async (asOf: string) => (await owner.get(`/users?asOf=${asOf}`)).body;
  expect(await ask('2999-01-01')).toMatchObject({
    code: 'in_the_future',
    detail: expect.stringContaining('ends now'),
  });
  const { completeSince } = (await owner.get('/history').expect(200)).body;
  expect(await ask('2020-01-01')).toMatchObject({
    code: 'before_history',
    detail: expect.stringContaining(completeSince),
  });
  expect(await ask('yesterday')).toMatchObject({ code: 'validation_failed' });
  expect((await ask(`${await moment()}&q=jane`)).errors[0].path).toBe('q');
});

test('history of an organization of before is begun by the job, beside changes, and is complete from its end on', async () => {
  const older = await rollcall.organization({ name: 'Older' });
  const their = await signInAsOwner(rollcall, older);
  const person = await joins(rollcall, their, { role: 'train' });
  const { db } = rollcall.rollcall;
  const { id: team } = (await their.post('/groups', { name: 'Old team' })).body;
  await their.post(`/groups/${team}/members`, { userIds: [person.id] });
  await their.put(`/groups/${team}/grants`, [{ resourceType: 'agent', tag: 'beta', level: 'use' }] as object);
  await db.search('delete from history where org_id = $1', [older.org]);
  await db.search('update history_marks set complete_since = null where org_id = $1', [older.org]);
  expect((await their.get(`/users?asOf=${await moment()}`)).body.code).toBe('history_incomplete');
  await setRoleAs(their, person.id, 'readonly');
  await beginHistory(db, () => new Date(), new AbortController().signal);
  const at = await moment();
  const { body } = await their.get(`/users/${person.id}?asOf=${at}`).expect(200);
  expect(body).toMatchObject({ role: 'readonly', groups: [{ id: team, sources: ['manual'] }] });
  expect(Date.parse(body.completeSince)).toBeLessThanOrEqual(Date.parse(at));
  expect((await their.get(`/users/${person.id}/permissions?asOf=${at}`)).body.grants).toHaveLength(1);
  // What history began with is no change.
  expect((await their.get(`/users/${person.id}/history`)).body.data).toEqual([]);
  expect((await their.get(`/users/${their.id}/history`)).body.data).toEqual([]);
});

async function setRoleAs(by: TestUser, user: string, role: string): Promise<void> {
  const { impactToken } = (await by.get(`/users/${user}/role-impact?role=${role}`)).body;
  await by.put(`/users/${user}/role`, { role, impactToken }).expect(200);
}
