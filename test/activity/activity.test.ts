import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';
import { query, reporterOf } from './report.ts';

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly source: string;
  readonly type: string;
  readonly sentence: string;
  readonly actor: { readonly id: string };
  readonly ip: string | null;
}

let rollcall: TestRollcall;
let owner: TestUser;
let jane: TestUser;
let manager: TestUser;
let outsider: TestUser;
let app: TestUser;

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
/** The same throughout: the next hour may begin while the tests run. */
const twoHoursAgo = ago(2 * HOUR);

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  jane = await joins(rollcall, owner, { name: 'Jane Doe' });
  manager = await joins(rollcall, owner, { role: 'configure', name: 'Max Manager' });
  outsider = await joins(rollcall, owner, { name: 'Otto Outside' });
  const { id: group } = (await owner.post('/groups', { name: 'Support' })).body;
  await owner.post(`/groups/${group}/members`, { userIds: [jane.id] });
  await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
  app = await reporterOf(rollcall, owner);
  const events = [
    query(jane.id, { at: ago(23.5 * HOUR), responseMs: 1_000 }),
    query(jane.id, { at: ago(24.5 * HOUR), agent: 'Sales Agent', responseMs: 9_000 }),
    query(jane.id, { at: twoHoursAgo, responseMs: 2_600, ip: '192.0.2.7' }),
    query(jane.id, {
      at: ago(HOUR),
      type: 'resource_access',
      agent: undefined,
      responseMs: undefined,
      resource: 'Prices 2026',
      resourceTags: ['finance'],
    }),
    query(outsider.id, { at: ago(3 * 24 * HOUR), agent: 'Sales Agent', responseMs: 500 }),
    query(outsider.id, { at: ago(3 * 24 * HOUR), agent: 'Sales Agent', responseMs: 700 }),
    query(outsider.id, { at: ago(3 * 24 * HOUR), agent: 'Sales Agent', responseMs: 600 }),
  ];
  const answer = await app.post('/activity/events', { events });
  expect([answer.status, answer.body.accepted]).toEqual([202, events.length]);
  await request(rollcall.server).post('/api/v1/auth/login').send({ email: jane.email, password: 'wrong' });
});
afterAll(() => rollcall.close());

const log = async (by: TestUser, path: string): Promise<readonly Entry[]> => {
  const answer = await by.get(path);
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  return answer.body.data;
};
const typesOf = (entries: readonly Entry[]) => entries.map(({ type }) => type);

describe('the dashboard of a user', () => {
  test('R3, R100, R102, R103: has the figures of the last 24 hours to the minute, in data and in words', async () => {
    const { status, body } = await owner.get(`/users/${jane.id}/activity/summary`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: { id: jane.id, name: 'Jane Doe', email: jane.email },
      window: '24h',
      lastLogin: { text: expect.stringMatching(/^just now$|minutes? ago$/) },
      queries: { value: 2, text: '2' },
      mostUsedAgent: { value: 'Support Agent', window: '24h', text: 'Support Agent' },
      averageResponseMs: { value: 1_800, window: '24h', text: '1.8s' },
      failedAuth: { value: 1, text: '1' },
      status: { value: 'active', locked: false, text: 'Active ✅' },
    });
    expect(body.text.split('\n')).toContain('├─ Avg Response Time: 1.8s');
  });

  test('R102: of a user without queries today has agent and response time of 30 days, and says so', async () => {
    const { body } = await owner.get(`/users/${outsider.id}/activity/summary`);
    expect([body.queries.value, body.mostUsedAgent, body.averageResponseMs]).toEqual([
      0,
      { value: 'Sales Agent', window: '30d', text: 'Sales Agent', queries: 3 },
      { value: 600, window: '30d', text: '0.6s', month: 600 },
    ]);
  });

  test('is for oneself, the managers of a group and administrators', async () => {
    expect((await jane.get(`/users/${jane.id}/activity/summary`)).status).toBe(200);
    expect((await manager.get(`/users/${jane.id}/activity/summary?window=7d`)).body.queries.value).toBe(3);
    expect((await manager.get(`/users/${outsider.id}/activity/summary`)).status).toBe(404);
    expect((await jane.get(`/users/${outsider.id}/activity/summary`)).status).toBe(404);
  });
});

describe('the activity log', () => {
  test('R104, R105, R106, R107, R108: of a user has what applications reported and what the audit trail says, the newest first', async () => {
    const entries = await log(owner, `/users/${jane.id}/activity`);
    expect(entries.map(({ at }) => at)).toEqual(
      entries
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(typesOf(entries)).toEqual(
      expect.arrayContaining([
        'query',
        'resource_access',
        'session.started',
        'auth.failed',
        'group.member_added',
      ]),
    );
    const said = entries.map(({ sentence }) => sentence);
    expect(said).toContain('Jane Doe asked Support Agent (2.6s).');
    expect(said).toContain('Jane Doe accessed Prices 2026.');
  });

  test('R109: is filtered by type, time, source and person', async () => {
    const path = `/users/${jane.id}/activity`;
    expect(typesOf(await log(owner, `${path}?type=query`))).toEqual(['query', 'query', 'query']);
    expect(typesOf(await log(owner, `${path}?type=query,auth.*`))).toEqual([
      'auth.failed',
      'query',
      'query',
      'query',
    ]);
    expect(typesOf(await log(owner, `${path}?type=query&from=${ago(3 * HOUR)}`))).toEqual(['query']);
    expect(typesOf(await log(owner, `${path}?source=application&to=${ago(20 * HOUR)}`))).toEqual([
      'query',
      'query',
    ]);
    expect(new Set((await log(owner, `${path}?source=sign_in`)).map(({ source }) => source))).toEqual(
      new Set(['sign_in']),
    );
    const ofOne = await log(owner, `/activity?source=application&user=${outsider.id}`);
    expect(ofOne.map(({ actor }) => actor.id)).toEqual([outsider.id, outsider.id, outsider.id]);
    expect((await owner.get(`${path}?type=Query`)).status).toBe(422);
    expect((await owner.get(`${path}?source=hearsay`)).status).toBe(422);
  });

  test.each(['/activity', '/activity?type=query,user.*'])(
    'is paged without losing or repeating an entry: %s',
    async (path) => {
      const all = await log(owner, `${path}${path.includes('?') ? '&' : '?'}limit=200`);
      const paged: Entry[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await owner.get(`${path}${path.includes('?') ? '&' : '?'}limit=2${cursor}`);
        paged.push(...body.data);
        if (body.nextCursor === null) break;
        cursor = `&cursor=${body.nextCursor}`;
      }
      expect(paged.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
      expect(paged.map(({ at }) => at)).toEqual(all.map(({ at }) => at));
    },
  );

  test('shows each as much as they may see: oneself, the groups one manages, or everybody', async () => {
    const seenBy = async (user: TestUser) =>
      new Set((await log(user, '/activity?source=application')).map(({ actor }) => actor.id));
    expect(await seenBy(owner)).toEqual(new Set([jane.id, outsider.id]));
    expect(await seenBy(manager)).toEqual(new Set([jane.id]));
    expect(await seenBy(jane)).toEqual(new Set([jane.id]));
    expect(await log(manager, `/activity?user=${outsider.id}`)).toEqual([]);
    const events = await log(manager, '/activity?source=api');
    expect(JSON.stringify(events)).not.toContain(outsider.id);
    expect((await manager.get(`/users/${outsider.id}/activity`)).status).toBe(404);
  });

  test('shows who may not read the audit trail neither reasons nor where others acted from', async () => {
    await owner.post(`/users/${outsider.id}/deactivate`, { reason: 'Under suspicion.' }).expect(200);
    await owner.post(`/users/${outsider.id}/activate`, {}).expect(200);
    const back = await signIn(rollcall.server, outsider.email, PASSWORD);
    const own = await log(back, `/users/${outsider.id}/activity?type=user.deactivated`);
    expect(own).toHaveLength(1);
    expect([own[0]?.ip, own[0]?.sentence.includes('suspicion')]).toEqual([null, false]);
    const full = await log(owner, `/users/${outsider.id}/activity?type=user.deactivated`);
    expect(full[0]?.sentence).toContain('“Under suspicion”');
  });

  test('of another organization is empty', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    expect(await log(stranger, '/activity?source=application')).toEqual([]);
    expect((await stranger.get(`/users/${jane.id}/activity`)).status).toBe(404);
  });
});

describe('charts of activity', () => {
  test('have every hour of a day, and the figures of each', async () => {
    const { data } = (await owner.get(`/users/${jane.id}/activity/series`)).body;
    expect(data).toHaveLength(25);
    const hour = new Date(Math.floor(Date.parse(twoHoursAgo) / HOUR) * HOUR).toISOString();
    expect(data.find(({ start }: { start: string }) => start === hour)).toEqual({
      start: hour,
      events: 1,
      queries: 1,
      averageResponseMs: 2_600,
      usual: null,
    });
  });

  test('have days in the time zone that is asked for', async () => {
    const { data } = (await owner.get('/activity/series?bucket=day&timeZone=Pacific/Auckland')).body;
    expect(data.reduce((sum: number, { events }: { events: number }) => sum + events, 0)).toBe(7);
    expect(data.at(-1).start).toBe(
      new Intl.DateTimeFormat('sv', { timeZone: 'Pacific/Auckland' }).format(new Date()),
    );
    expect((await owner.get('/activity/series?timeZone=%2B05:30')).status).toBe(422);
    const long = await owner.get(`/activity/series?from=${ago(40 * 24 * HOUR)}`);
    expect([long.status, long.body.code]).toEqual([422, 'too_long']);
  });

  test('say what is usual once two weeks are known', async () => {
    const kim = await signInAsOwner(rollcall, await rollcall.organization());
    const reporter = await reporterOf(rollcall, kim);
    const events = Array.from({ length: 40 }, (_, index) =>
      query(kim.id, { at: ago((1 + (index >> 1)) * 24 * HOUR) }),
    );
    expect((await reporter.post('/activity/events', { events })).status).toBe(202);
    const usualOf = async (span: string) =>
      (await kim.get(`/users/${kim.id}/activity/series?${span}`)).body.data.map(
        ({ usual }: { usual: unknown }) => usual,
      );
    expect((await usualOf('bucket=day')).at(-1)).toEqual({ low: 2, high: 2 });
    expect((await usualOf('bucket=day'))[0]).toBeNull();
    expect((await usualOf('bucket=hour')).at(-1)).toEqual({ low: 0, high: 2 });
  });

  test('have of a manager the figures of the groups that they manage', async () => {
    const { data } = (await manager.get('/activity/series?bucket=day')).body;
    expect(data.reduce((sum: number, { events }: { events: number }) => sum + events, 0)).toBe(4);
  });

  test('name the top agents, users and resources', async () => {
    const top = async (by: TestUser, kind: string) =>
      (await by.get(`/activity/top?by=${kind}`)).body.data.map((row: { key: string; events: number }) => [
        row.key,
        row.events,
      ]);
    expect(await top(owner, 'agent')).toEqual([
      ['Sales Agent', 4],
      ['Support Agent', 2],
    ]);
    expect(await top(owner, 'user')).toEqual([
      [jane.id, 4],
      [outsider.id, 3],
    ]);
    expect(await top(owner, 'resource')).toEqual([['Prices 2026', 1]]);
    expect(await top(manager, 'agent')).toEqual([
      ['Support Agent', 2],
      ['Sales Agent', 1],
    ]);
    expect((await manager.get('/activity/top?by=resource')).status).toBe(403);
    expect((await owner.get('/activity/top?by=user')).body.data[0]).toMatchObject({
      name: 'Jane Doe',
      email: jane.email,
    });
  });
});

describe('an export of activity', () => {
  test('R109: is what the log shows, as NDJSON and as CSV, and an event itself', async () => {
    const entries = await log(owner, '/activity?source=application&limit=200');
    const ndjson = await owner.get('/activity/export?source=application').buffer(true).expect(200);
    const lines = ndjson.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(entries);
    const csv = await owner.get(`/activity/export?format=csv&user=${jane.id}`).buffer(true).expect(200);
    expect(csv.headers['content-disposition']).toMatch(/ filename="activity-20\d\d-\d\d-\d\d\.csv"$/);
    const rows: Record<string, string>[] = parse(csv.text, { columns: true, bom: true });
    expect(rows.filter(({ source }) => source === 'application')).toHaveLength(4);
    const [event] = await log(owner, '/activity?type=activity.exported');
    expect(event?.sentence).toMatch(/ exported activity as csv\.$/);
  });

  test('has of a manager no more than they may see', async () => {
    const { text } = await manager.get('/activity/export').buffer(true).expect(200);
    expect(text).not.toContain(outsider.id);
    expect(text).toContain(jane.id);
  });
});
