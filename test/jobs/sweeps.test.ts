import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import pino from 'pino';
import { EVENT_PARTITIONS } from '../../src/audit/store/partitions.ts';
import { maintenanceJobs } from '../../src/maintenance/jobs.ts';
import { DEFAULT_RETENTION } from '../../src/maintenance/retention.ts';
import { SWEEPS, type Sweep, sweepTable } from '../../src/maintenance/store.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { dropOldPartitions, ensurePartitions } from '../../src/platform/db/partitions.ts';
import { startWorker } from '../../src/platform/jobs/worker.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const DAY = 86_400_000;
const { signal } = new AbortController();

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let db: Database;

beforeAll(async () => {
  rollcall = await startRollcall();
  ({ db } = rollcall.rollcall);
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());
beforeEach(async () => {
  await db.search('delete from throttles', []);
});

const sweepOf = (name: string): Sweep => SWEEPS.find((sweep) => sweep.name === name) as Sweep;
const sweepAt = (name: string, time: number) =>
  sweepTable(db, sweepOf(name), new Date(time), DEFAULT_RETENTION, signal);
const countOf = async (table: string) =>
  (await db.search<{ count: number }>(`select count(*) from ${table}`, []))[0]?.count;
const fillThrottles = () =>
  db.search(
    `insert into throttles (key, hits, resets_at) select decode(lpad(to_hex(n), 8, '0'), 'hex'), 1, now()
    from generate_series(1, 2500) as n`,
    [],
  );

test('a sweep deletes in batches and breaks off between two of them', async () => {
  await fillThrottles();
  const stop = new AbortController();
  const counting = {
    query: async <Row extends object>(...of: Parameters<Database['query']>) => {
      const rows = await db.query<Row>(...of);
      expect(rows.length).toBeLessThanOrEqual(1_000);
      stop.abort(new Error('The worker stops.'));
      return rows;
    },
  };
  const later = new Date(Date.now() + DAY);
  await expect(
    sweepTable(counting, sweepOf('throttles'), later, DEFAULT_RETENTION, stop.signal),
  ).rejects.toThrow('The worker stops.');
  expect(await countOf('throttles')).toBe(1_500);
  expect(await sweepAt('throttles', later.getTime())).toBe(1_500);
});

test('a sweep that meets a locked table stops no other sweep', async () => {
  await fillThrottles();
  const blocker = new pg.Client({ connectionString: rollcall.databaseUrl });
  await blocker.connect();
  await blocker.query('begin; lock table exports in access exclusive mode');
  const now = () => new Date(Date.now() + DAY);
  const jobs = maintenanceJobs({ db, now, retention: DEFAULT_RETENTION, purge: async () => 0 });
  const sweeps = new Map(jobs.filter(({ name }) => name.startsWith('sweep_')).map((job) => [job.name, job]));
  const log = pino({ level: 'silent' });
  const worker = await startWorker({ db, kinds: sweeps, now, log }, rollcall.databaseUrl);
  try {
    const end = Date.now() + 5_000;
    while ((await countOf('throttles')) !== 0 && Date.now() < end)
      await new Promise((done) => setTimeout(done, 50));
    expect(await countOf('throttles')).toBe(0);
  } finally {
    await blocker.query('rollback');
    await blocker.end();
    await worker.stop();
  }
});

test('sign-in attempts, revoked keys, ended elevations and dead jobs go after the days of their settings', async () => {
  await db.search(
    `insert into jobs (id, kind, due_at, created_at, dead_at) values (gen_random_uuid(), 'old', now(), now(), now())`,
    [],
  );
  await db.search(
    `insert into sign_in_attempts (org_id, id, user_id, at, outcome, method)
    values ($1, gen_random_uuid(), $2, now(), 'failed', 'password')`,
    [organization.org, owner.id],
  );
  await db.search(
    `insert into api_keys (org_id, id, user_id, name, hash, scopes, created_at, enabled_at, revoked_at)
    values ($1, gen_random_uuid(), $2, 'A key', 'hash', '{}', now(), now(), now())`,
    [organization.org, owner.id],
  );
  await db.search(
    `insert into elevations (org_id, id, user_id, role, justification, state, duration_minutes, requested_by,
      created_at, expires_at, expiry_noted_at)
    values ($1, gen_random_uuid(), $2, 'admin', 'On call.', 'active', 60, $2, now(), now(), now())`,
    [organization.org, owner.id],
  );
  for (const [name, days, table] of [
    ['dead_jobs', 30, `jobs where kind = 'old'`],
    ['sign_in_attempts', 90, `sign_in_attempts where outcome = 'failed'`],
    ['api_keys', 400, 'api_keys'],
    ['elevations', 400, 'elevations'],
  ] as const) {
    await sweepAt(name, Date.now() + (days - 1) * DAY);
    expect([name, await countOf(table)]).toEqual([name, 1]);
    await sweepAt(name, Date.now() + (days + 1) * DAY);
    expect([name, await countOf(table)]).toEqual([name, 0]);
  }
});

test('every sweep runs on the schema as it is', async () => {
  for (const sweep of SWEEPS) await sweepTable(db, sweep, new Date(0), DEFAULT_RETENTION, signal);
});

test('months of events are dropped once their last day is older than the setting', async () => {
  await ensurePartitions(db, EVENT_PARTITIONS, new Date(Date.UTC(2020, 0, 15)));
  const end = Date.UTC(2020, 1, 1);
  expect(await dropOldPartitions(db, EVENT_PARTITIONS, new Date(end + 400 * DAY), 400)).toEqual([]);
  expect(await dropOldPartitions(db, EVENT_PARTITIONS, new Date(end + 400 * DAY + 1_000), 400)).toEqual([
    'events_2020_01',
  ]);
  expect(await dropOldPartitions(db, EVENT_PARTITIONS, new Date(end + 400 * DAY + 1_000), 400)).toEqual([]);
});
