import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { readExportedTable } from '../../src/exports/store.ts';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { hold } from '../support/locks.ts';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';
import { query, reporterOf } from './report.ts';

let rollcall: TestRollcall;
let org: OrgId;
let owner: TestUser;
let jane: TestUser;
let app: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  const organization = await rollcall.organization();
  org = organization.org as OrgId;
  owner = await signInAsOwner(rollcall, organization);
  jane = await joins(rollcall, owner, { email: 'Jane.Doe@rollcall.example', name: 'Jane Doe' });
  app = await reporterOf(rollcall, owner);
});
afterAll(() => rollcall.close());

const report = (events: readonly object[], by = app) => by.post('/activity/events', { events });
const countOf = async (table: string, user: string, column = 'count(*)') =>
  Number(
    (
      await rollcall.rollcall.db.search<{ count: number }>(
        `select ${column} as count from ${table} where user_id = $1`,
        [user],
      )
    )[0]?.count,
  );
const figuresOf = (user: string) => countOf('activity_user_hours', user, 'coalesce(sum(events), 0)');
const HOUR = 3_600_000;

describe('a batch of activity events', () => {
  test('R101: is stored, and added to the figures of its hours', async () => {
    const user = await joins(rollcall, owner);
    const events = [
      query(user.id),
      query(user.id, { agent: undefined, type: 'resource_access', resource: 'Prices' }),
    ];
    const { status, body } = await report(events);
    expect([status, body]).toEqual([202, { accepted: 2, duplicates: 0 }]);
    expect(await countOf('activity_events', user.id)).toBe(2);
    expect(await figuresOf(user.id)).toBe(2);
  });

  test('R3, R127: says when its users were last active, to the hour, and a later event is not undone by a late one', async () => {
    const user = await joins(rollcall, owner);
    const long = new Date(Date.now() - 200 * 24 * HOUR).toISOString();
    const past = (at: string | null) =>
      rollcall.rollcall.db.search(
        `update users set created_at = $3, last_login_at = null, last_active_at = $4 where org_id = $1 and id = $2`,
        [org, user.id, long, at],
      );
    const lastActive = async () => (await owner.get(`/users/${user.id}`)).body.lastActiveAt;
    const isInactive = async () => {
      const { body } = await owner.get('/users?inactiveDays=90&limit=200');
      return body.data.some(({ id }: { id: string }) => id === user.id);
    };
    const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
    await past(null);
    expect([await lastActive(), await isInactive()]).toEqual([null, true]);
    const [late, early] = [ago(3), ago(50)];
    await report([query(user.id, { at: early }), query(user.id, { at: late })]);
    expect([await lastActive(), await isInactive()]).toEqual([late, false]);
    await report([query(user.id, { at: ago(30) }), query(user.id, { at: ago(2.5) })]);
    expect(await lastActive()).toBe(late);
    const ahead = new Date(Date.now() + 120_000).toISOString();
    await report([query(user.id, { at: ahead })]);
    expect((await lastActive()) < ahead).toBe(true);
    expect((await lastActive()) > ago(1)).toBe(true);
  });

  test('waits for no user whom another holds, and says when they were active the next time', async () => {
    const user = await joins(rollcall, owner);
    const lock = await hold(
      rollcall.databaseUrl,
      `update users set last_active_at = '2020-01-01' where org_id = $1 and id = $2`,
      [org, user.id],
    );
    expect((await report([query(user.id), query(jane.id)])).body.accepted).toBe(2);
    await lock.release();
    const seen = async () => (await owner.get(`/users/${user.id}`)).body.lastActiveAt.slice(0, 4);
    await report([query(user.id)]);
    expect(Number(await seen())).toBeGreaterThan(2_020);
  });

  test('counts an event once, whatever its time is when it comes again', async () => {
    const user = await joins(rollcall, owner);
    const event = query(user.id);
    const earlier = { ...event, at: new Date(Date.now() - 40 * 24 * HOUR).toISOString() };
    expect((await report([event, event])).body).toEqual({ accepted: 1, duplicates: 1 });
    expect((await report([earlier, query(user.id)])).body).toEqual({ accepted: 1, duplicates: 1 });
    expect([await countOf('activity_events', user.id), await figuresOf(user.id)]).toEqual([2, 2]);
  });

  test('counts an event once when batches with it come at once', async () => {
    const user = await joins(rollcall, owner);
    const events = Array.from({ length: 200 }, () => query(user.id));
    const batches = Array.from({ length: 6 }, (_, number) =>
      // Each in another order, and some with other times.
      (number % 2 === 0 ? events : events.toReversed()).map((event) => ({
        ...event,
        at: new Date(Date.now() - number * HOUR).toISOString(),
      })),
    );
    const answers = await Promise.all(batches.map((batch) => report(batch)));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(202));
    expect(answers.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(200);
    expect([await countOf('activity_events', user.id), await figuresOf(user.id)]).toEqual([200, 200]);
  });

  test('has an id of its own in each organization', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    const theirApp = await reporterOf(rollcall, stranger);
    const event = query(jane.id);
    expect((await report([event])).body.accepted).toBe(1);
    expect((await report([{ ...event, userId: stranger.id }], theirApp)).body.accepted).toBe(1);
  });

  test('names users by their address, in any case', async () => {
    const { userId: _, ...event } = query(jane.id, { email: 'jane.doe@ROLLCALL.example' });
    const before = await countOf('activity_events', jane.id);
    expect((await report([event])).status).toBe(202);
    expect(await countOf('activity_events', jane.id)).toBe(before + 1);
  });

  test('with events that cannot be stored is rejected as a whole, and each is named by its place', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    const { userId: _, ...anonymous } = query(jane.id);
    const before = await countOf('activity_events', jane.id);
    const { status, body } = await report([
      query(jane.id),
      query(jane.id, { at: new Date(Date.now() + 6 * 60_000).toISOString() }),
      query(jane.id, { at: new Date(Date.now() - 91 * 24 * HOUR).toISOString() }),
      query(randomUUID()),
      query(stranger.id),
      { ...anonymous, email: stranger.email },
      query(jane.id, { at: new Date(Date.now() + 4 * 60_000).toISOString() }),
    ]);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual([
      ['events.1.at', 'in_the_future'],
      ['events.2.at', 'too_old'],
      ['events.3.userId', 'unknown_user'],
      ['events.4.userId', 'unknown_user'],
      ['events.5.email', 'unknown_user'],
    ]);
    expect(await countOf('activity_events', jane.id)).toBe(before);
  });

  test('with malformed events is rejected, and each field is named', async () => {
    const event = query(jane.id);
    const { status, body } = await report([
      event,
      { ...event, id: 'one' },
      { ...event, at: 'yesterday' },
      { ...event, email: 'jane.doe@rollcall.example' },
      { ...event, responseMs: -1 },
      { ...event, ip: 'localhost' },
      { ...event, type: 'Query!' },
      { ...event, secret: 'x' },
    ]);
    expect(status).toBe(422);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'events.1.id',
      'events.2.at',
      'events.3.userId',
      'events.4.responseMs',
      'events.5.ip',
      'events.6.type',
      'events.7.secret',
    ]);
  });

  test('has 500 events at most, and a body of 1 MiB', async () => {
    const { status, body } = await report(Array.from({ length: 501 }, () => query(jane.id)));
    expect([status, body.errors[0].path]).toEqual([422, 'events']);
    const large = await report([query(jane.id, { userAgent: 'x'.repeat(10 * 1024 * 1024) })]).catch(
      // The server may close the connection while the rest is being sent.
      (error: NodeJS.ErrnoException) => ({ status: error.code }),
    );
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(large.status);
    expect((await report([query(jane.id)])).status).toBe(202);
  });

  test('comes from a key that has the scope, and from no session', async () => {
    const readKey = await owner.post('/me/api-keys', { name: 'Reads', scopes: ['activity:read'] });
    expect((await report([query(jane.id)], owner)).status).toBe(403);
    expect((await report([query(jane.id)], jane)).status).toBe(403);
    const reader = withKey(rollcall.server, readKey.body.key ?? readKey.body.token);
    expect((await report([query(jane.id)], reader)).status).toBe(403);
    expect((await app.get('/activity')).status).toBe(403);
  });
});

test('the erasure of a user deletes their activity, and nobody else’s', async () => {
  const user = await joins(rollcall, owner);
  await report([query(user.id), query(user.id), query(jane.id)]);
  const others = await countOf('activity_events', jane.id);
  await owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
  expect([await countOf('activity_events', user.id), await figuresOf(user.id)]).toEqual([0, 0]);
  expect(await countOf('activity_events', jane.id)).toBe(others);
  expect((await report([query(user.id)])).body.errors[0].code).toBe('unknown_user');
});

test('the erasure of a user leaves nothing of a batch that is stored at that moment', async () => {
  for (let round = 0; round < 5; round += 1) {
    const user = await joins(rollcall, owner);
    await report([query(user.id)]);
    const batches = Array.from({ length: 4 }, () =>
      report(Array.from({ length: 300 }, (_, n) => query(user.id, { agent: `Agent ${n % 7}` }))),
    );
    const [erased, ...answers] = await Promise.all([
      owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }),
      ...batches,
    ]);
    expect(erased.status).toBe(204);
    expect(answers.every(({ status }) => [202, 409, 422].includes(status))).toBe(true);
    expect([await countOf('activity_events', user.id), await figuresOf(user.id)]).toEqual([0, 0]);
  }
});

test('the personal export has the activity of the user', async () => {
  const rows = await readExportedTable(rollcall.rollcall.db, org, jane.id as UserId, 'activity');
  expect(rows[0]).toMatchObject({ type: 'query', agent: 'Support Agent', response_ms: 1_800 });
});
