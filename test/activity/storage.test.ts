import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { sumOfUser } from '../../src/activity/store/figures.ts';
import { insertActivity } from '../../src/activity/store/ingest.ts';
import { readActivity } from '../../src/activity/store/log.ts';
import {
  ACTIVITY_ID_PARTITIONS,
  ACTIVITY_PARTITIONS,
  IDS_KEPT_DAYS,
} from '../../src/activity/store/partitions.ts';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { DEFAULT_RETENTION } from '../../src/maintenance/retention.ts';
import { SWEEPS, sweepTable } from '../../src/maintenance/store.ts';
import { dropOldPartitions } from '../../src/platform/db/partitions.ts';
import type { Executor } from '../../src/platform/db/statement.ts';
import { joins, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { PlanReader, statementsOf } from '../support/plans.ts';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';
import { query, reporterOf } from './report.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const today = new Date();
/** Two minutes after the midnight at which the next month begins. */
const midnight = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1);
let shift = 0;

let rollcall: TestRollcall;
let org: OrgId;
let owner: TestUser;
let jane: TestUser;
let app: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(midnight + 2 * 60_000 + shift) });
  const organization = await rollcall.organization();
  org = organization.org as OrgId;
  owner = await signInAsOwner(rollcall, organization);
  jane = await joins(rollcall, owner);
  app = await reporterOf(rollcall, owner);
});
afterAll(() => rollcall.close());

const at = (time: number) => new Date(time).toISOString();
const report = async (events: readonly object[]) => {
  const answer = await app.post('/activity/events', { events });
  expect([answer.status, answer.body.detail]).toEqual([202, undefined]);
};
const months = (ids: readonly string[]) =>
  rollcall.rollcall.db.search<{ name: string; at: string }>(
    'select tableoid::regclass::text as name, at from activity_events where org_id = $1 and id = any($2::uuid[]) order by at',
    [org, ids],
  );
const partitionOf = (time: number) => `activity_events_${at(time).slice(0, 7).replace('-', '_')}`;

test('events of both sides of midnight go to their months, and are one window of a dashboard', async () => {
  const events = [midnight - 1, midnight, midnight + 5 * 60_000].map((time) =>
    query(jane.id, { at: at(time) }),
  );
  await report(events);
  expect(await months(events.map(({ id }) => id))).toEqual([
    { name: partitionOf(midnight - 1), at: at(midnight - 1) },
    { name: partitionOf(midnight), at: at(midnight) },
    { name: partitionOf(midnight), at: at(midnight + 5 * 60_000) },
  ]);
  const { body } = await owner.get(`/users/${jane.id}/activity/summary`);
  expect(body.queries.value).toBe(3);
  const { data } = (await owner.get(`/users/${jane.id}/activity?source=application`)).body;
  expect(data.map((entry: { at: string }) => entry.at)).toEqual(events.map((event) => event.at).toReversed());
});

test('late events are counted in the hours in which they happened', async () => {
  const user = await joins(rollcall, owner);
  await report([query(user.id, { at: at(midnight - 80 * DAY) })]);
  expect((await owner.get(`/users/${user.id}/activity/summary?window=30d`)).body.queries.value).toBe(0);
  const { data } = (
    await owner.get(`/users/${user.id}/activity/series?bucket=day&from=${at(midnight - 85 * DAY)}`)
  ).body;
  const day = data.find(({ start }: { start: string }) => start === at(midnight - 80 * DAY).slice(0, 10));
  expect(day.queries).toBe(1);
});

describe('retention', () => {
  test('drops whole months, and deletes the rest and the figures row by row', async () => {
    const user = await joins(rollcall, owner);
    const late = query(user.id, { at: at(midnight - 70 * DAY) });
    const recent = query(user.id, { at: at(midnight) });
    await report([late, recent]);
    expect((await months([late.id]))[0]?.name).toBe('activity_events_default');
    const later = new Date(midnight + 25 * DAY);
    for (const sweep of SWEEPS.filter(({ name }) => name.startsWith('activity_')))
      await sweepTable(rollcall.rollcall.db, sweep, later, DEFAULT_RETENTION, new AbortController().signal);
    expect((await months([late.id, recent.id])).map((row) => row.at)).toEqual([recent.at]);
    const [{ events } = { events: 0 }] = await rollcall.rollcall.db.search<{ events: number }>(
      'select sum(events)::bigint as events from activity_user_hours where org_id = $1 and user_id = $2',
      [org, user.id],
    );
    expect(events).toBe(1);
    const dropped = await dropOldPartitions(
      rollcall.rollcall.db,
      ACTIVITY_PARTITIONS,
      new Date(midnight + 91 * DAY),
      90,
    );
    expect(dropped).toEqual([partitionOf(midnight - 1)]);
    expect((await months([recent.id])).length).toBe(1);
  });
});

test('an event of a month whose partition is missing is stored and shown all the same', async () => {
  shift = 150 * DAY;
  try {
    const user = await joins(rollcall, await signInAgain());
    const event = query(user.id, { at: at(midnight + shift) });
    await report([event]);
    expect((await months([event.id]))[0]?.name).toBe('activity_events_default');
    const { body } = await user.get(`/users/${user.id}/activity/summary`);
    expect(body.queries.value).toBe(1);
  } finally {
    shift = 0;
  }
});

/** The owner's session has ended meanwhile. */
const signInAgain = () => signIn(rollcall.server, owner.email, OWNER_PASSWORD);

test.each(['custom', 'generic'] as const)(
  'a dashboard reads hours and at most one hour of events, and a log one page of each month, however many events there are (%s plans)',
  async (plans) => {
    const user = await joins(rollcall, owner);
    const { db } = rollcall.rollcall;
    await db.search(
      `insert into activity_events (org_id, id, at, user_id, type, agent)
       select $1, gen_random_uuid(), $3::timestamptz - n * interval '1 minute', $2, 'query', 'Agent' from generate_series(1, 40000) n`,
      [org, user.id, at(midnight)],
    );
    await db.search(
      `insert into activity_user_hours
       select org_id, user_id, date_trunc('hour', at, 'UTC'), agent, count(*), count(*), 0, 0
       from activity_events where org_id = $1 and user_id = $2 group by 1, 2, 3, 4`,
      [org, user.id],
    );
    // Somebody else was busy in the same hours.
    await db.search(
      `insert into activity_user_hours
       select $1, $2, $3::timestamptz - h * interval '1 hour', 'Agent ' || a, 1, 1, 0, 0
       from generate_series(1, 24) h, generate_series(1, 200) a on conflict do nothing`,
      [org, owner.id, at(midnight)],
    );
    await db.search(
      `insert into activity_events (org_id, id, at, user_id, type)
       select $1, gen_random_uuid(), $3::timestamptz - n * interval '1 second', $2, 'query' from generate_series(1, 40000) n`,
      [org, owner.id, at(midnight)],
    );
    const reader = await PlanReader.connect(rollcall.databaseUrl, plans);
    try {
      for (const days of [1, 30]) {
        const from = at(midnight - days * DAY + 30 * 60_000);
        const [sent] = await statementsOf((fake) =>
          sumOfUser(fake, org, user.id as UserId, from, at(midnight)),
        );
        const { rows, plan } = await reader.read(sent as never);
        expect(rows <= days * 24 + 31 ? '' : `${rows}\n${plan}`).toBe('');
      }
      const filter = { users: [user.id as UserId], from: undefined, to: undefined, types: undefined };
      const [log] = await statementsOf((fake) => readActivity(fake, org, filter, undefined, 50));
      const { rows, plan } = await reader.read(log as never);
      expect(rows <= 60 ? '' : `${rows}\n${plan}`).toBe('');
    } finally {
      await reader.close();
    }
  },
);

test.each(['custom', 'generic'] as const)(
  'the planner expects few rows of a dashboard where statistics know of many users (%s plans)',
  async (plans) => {
    const user = await joins(rollcall, owner);
    const { db } = rollcall.rollcall;
    // Users before and behind this one, all in the month of the window and in the one before.
    await db.search(
      `insert into activity_events (org_id, id, at, user_id, type)
       select $1, gen_random_uuid(), $2::timestamptz - n * interval '1 minute',
         (case when n % 2 = 0 then '0' else 'f' end || substr(gen_random_uuid()::text, 2))::uuid, 'query'
       from generate_series(1, 60000) n`,
      [org, at(midnight)],
    );
    await db.search('analyze activity_events', []);
    const reader = await PlanReader.connect(rollcall.databaseUrl, plans);
    try {
      const from = at(midnight - 3 * DAY + 30 * 60_000);
      const [sent] = await statementsOf((fake) =>
        sumOfUser(fake, org, user.id as UserId, from, at(midnight)),
      );
      const { rows, expected, plan } = await reader.read(sent as never);
      expect(rows <= 60 && expected <= 500 ? '' : `${rows} ${expected}\n${plan}`).toBe('');
    } finally {
      await reader.close();
    }
  },
);

test('an event that comes again after more than two days counts once with its time, and anew with another', async () => {
  const user = await joins(rollcall, owner);
  const event = query(user.id, { at: at(midnight) });
  const later = { ...event, at: at(midnight + 60_000) };
  const send = async (one: object) => (await app.post('/activity/events', { events: [one] })).body;
  expect([await send(event), await send(later)]).toEqual([
    { accepted: 1, duplicates: 0 },
    { accepted: 0, duplicates: 1 },
  ]);
  const { db } = rollcall.rollcall;
  const known = () =>
    db.search<{ name: string }>(
      'select tableoid::regclass::text as name from activity_event_ids where org_id = $1 and id = $2',
      [org, event.id],
    );
  expect(await known()).toEqual([
    { name: `activity_event_ids_${at(midnight).slice(0, 10).replaceAll('-', '_')}` },
  ]);
  await dropOldPartitions(db, ACTIVITY_ID_PARTITIONS, new Date(midnight + 4 * DAY), IDS_KEPT_DAYS);
  expect(await known()).toEqual([]);
  expect([await send(event), await send(later)]).toEqual([
    { accepted: 0, duplicates: 1 },
    { accepted: 1, duplicates: 0 },
  ]);
});

test('the top users are added up from whole days and the hours around them, from when days are known', async () => {
  const user = await joins(rollcall, owner);
  const span = { from: midnight - 4 * DAY + 12 * HOUR, to: midnight + HOUR };
  const times = [
    span.from - 2 * HOUR, // before
    span.from + HOUR,
    midnight - 3 * DAY,
    midnight - DAY - 1,
    midnight - 1,
    midnight,
  ];
  await report(times.map((time) => query(user.id, { at: at(time), responseMs: 100 })));
  const { db } = rollcall.rollcall;
  const top = async () => {
    const { body } = await owner.get(
      `/activity/top?by=user&from=${at(span.from)}&to=${at(span.to)}&limit=50`,
    );
    return body.data.find(({ key }: { key: string }) => key === user.id)?.events;
  };
  const forget = (table: string, column: string) =>
    db.search(
      `delete from ${table} where org_id = $1 and user_id = $2 and ${column} >= $3 and ${column} < $4`,
      [org, user.id, at(midnight - 3 * DAY), at(midnight)],
    );
  const { since } =
    (await db.search<{ since: string }>('select day::text as since from activity_user_days_since', []))[0] ??
    {};
  // Of a database that was just migrated, none yet.
  expect(Date.parse(since ?? '')).toBeGreaterThan(Date.now());
  try {
    await db.search('update activity_user_days_since set day = $1', [at(midnight + DAY)]);
    expect(await top()).toBe(5);
    await db.search('update activity_user_days_since set day = $1', [at(midnight - 2 * DAY)]);
    expect(await top()).toBe(5);
    await forget('activity_user_hours', 'hour');
    // The hours of the one day before days are known are gone.
    expect(await top()).toBe(4);
    await db.search('update activity_user_days_since set day = $1', [at(midnight - 30 * DAY)]);
    expect(await top()).toBe(5);
    await forget('activity_user_days', 'day');
    expect(await top()).toBe(2);
  } finally {
    await db.search('update activity_user_days_since set day = $1', [since]);
  }
});

test('storing a batch searches for each event its own month and the ids of two days, however many months there are', async () => {
  const events = Array.from({ length: 100 }, () => ({
    ...query(jane.id, { at: at(midnight) }),
    userId: jane.id as UserId,
  }));
  const client = new pg.Client({ connectionString: rollcall.databaseUrl });
  await client.connect();
  const searches = async () => {
    const { rows } = await client.query<{ events: number; ids: number }>(
      `select coalesce(sum(pg_stat_get_xact_numscans(x.indexrelid)) filter (where i.inhparent = 'activity_events'::regclass), 0)::integer as events,
         coalesce(sum(pg_stat_get_xact_numscans(x.indexrelid)) filter (where i.inhparent = 'activity_event_ids'::regclass), 0)::integer as ids
       from pg_inherits i join pg_index x on x.indrelid = i.inhrelid`,
    );
    return rows[0];
  };
  try {
    await client.query('begin');
    const transaction: Executor = {
      query: async ({ text }, values) => (await client.query(text, [...values])).rows,
    };
    expect(await insertActivity(transaction, org, events, new Date(midnight))).toBe(100);
    const { events: months = 0, ids = 0 } = (await searches()) ?? {};
    expect([months, ids > 0 && ids <= 100 * 5]).toEqual([events.length, true]);
  } finally {
    await client.query('rollback');
    await client.end();
  }
});

test('batches of one organization take turns, and those of two do not wait for each other', async () => {
  const other = await signInAsOwner(rollcall, await rollcall.organization());
  const theirs = await reporterOf(rollcall, other);
  const blocker = new pg.Client({ connectionString: rollcall.databaseUrl });
  await blocker.connect();
  try {
    await blocker.query('begin');
    await blocker.query(`select pg_advisory_xact_lock(hashtextextended($1::text || ' activity', 0))`, [org]);
    const events = [query(other.id, { at: at(midnight) })];
    let isStored = false;
    const ours = app
      .post('/activity/events', { events: [query(jane.id, { at: at(midnight) })] })
      .then((answer) => {
        isStored = true;
        return answer.status;
      });
    expect((await theirs.post('/activity/events', { events })).status).toBe(202);
    expect(isStored).toBe(false);
    await blocker.query('commit');
    expect(await ours).toBe(202);
  } finally {
    await blocker.end();
  }
});
