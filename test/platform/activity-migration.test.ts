import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/platform/db/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;
let client: pg.Client;
let reader: pg.Client;

beforeEach(async () => {
  database = await createEmptyDatabase();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-migrations-'));
  for (const file of await readdir('migrations')) {
    if (file < '0123') await cp(join('migrations', file), join(folder, file));
  }
  await migrate(database.url, { folder });
  [client, reader] = [
    new pg.Client({ connectionString: database.url }),
    new pg.Client({ connectionString: database.url }),
  ];
  await Promise.all([client.connect(), reader.connect()]);
});
afterEach(async () => {
  await Promise.all([client.end(), reader.end()]);
  await database.drop();
  await rm(folder, { recursive: true });
});

const org = randomUUID();
const store = (at: string, id = randomUUID()) =>
  client.query(
    `insert into activity_events (org_id, id, at, user_id, type) values ($1, $2, $3, $4, 'query') on conflict do nothing`,
    [org, id, at, randomUUID()],
  );

test('the key of activity changes beside writers, and does not make them wait for a reader', async () => {
  await client.query(`create table activity_events_2026_11 partition of activity_events
    for values from ('2026-11-01') to ('2026-12-01')`);
  await client.query(
    `insert into activity_events (org_id, id, at, user_id, type)
     select $1, gen_random_uuid(), timestamptz '2026-10-20T00:00:00Z' + n * interval '1 minute', gen_random_uuid(), 'query'
     from generate_series(1, 40000) n`,
    [org],
  );
  // A long export, as the version before reads it.
  await reader.query('begin');
  await reader.query('select count(*) from activity_events');
  let migrating = true;
  const migrated = migrate(database.url).finally(() => {
    migrating = false;
  });
  const release = delay(3_000).then(() => reader.query('commit'));
  let [meanwhile, slowest] = [0, 0];
  for (; migrating; meanwhile += 1) {
    const start = performance.now();
    await store('2026-11-20T12:00:00.5Z');
    slowest = Math.max(slowest, performance.now() - start);
    await delay(5);
  }
  await Promise.all([migrated, release]);
  expect(meanwhile).toBeGreaterThan(20);
  expect(slowest).toBeLessThan(1_500);
  const { rows } = await client.query<{ table: string; columns: string }>(
    `select c.conrelid::regclass::text as table, pg_get_constraintdef(c.oid) as columns from pg_constraint c
     where c.contype = 'p' and c.conrelid::regclass::text like 'activity_events%' order by 1`,
  );
  expect(rows).toEqual(
    ['activity_events', 'activity_events_2026_11', 'activity_events_default'].map((table) => ({
      table,
      columns: 'PRIMARY KEY (org_id, at, id)',
    })),
  );
  const id = randomUUID();
  await store('2026-11-20T13:00:00Z', id);
  await store('2026-11-20T13:00:00Z', id);
  const count = await client.query<{ count: number }>(
    'select count(*)::integer as count from activity_events',
  );
  expect(count.rows[0]?.count).toBe(40_000 + meanwhile + 1);
});

test('users who did something in an application before are active, others stay as they are', async () => {
  const user = (lastActiveAt: string | null) => ({ id: randomUUID(), lastActiveAt });
  const [early, late, never] = [user('2026-01-01T00:00:00Z'), user('2026-11-29T09:30:00Z'), user(null)];
  await client.query(`insert into organizations (id, name, created_at) values ($1, 'Acme', now())`, [org]);
  for (const { id, lastActiveAt } of [early, late, never]) {
    await client.query(
      `insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile, last_active_at)
       values ($1, $2::uuid, $2::uuid::text, $2::uuid::text, 'active', 'readonly', 'scim', now(), now(), '{}', $3)`,
      [org, id, lastActiveAt],
    );
  }
  for (const { id } of [early, late]) {
    for (const hour of ['2026-11-28T10:00:00Z', '2026-11-27T10:00:00Z']) {
      await client.query(
        `insert into activity_user_hours (org_id, user_id, hour, agent, events, queries, response_ms, responses)
         values ($1, $2, $3, '', 1, 1, 0, 0)`,
        [org, id, hour],
      );
    }
  }
  await migrate(database.url);
  const { rows } = await client.query<{ id: string; at: Date | null }>(
    'select id, last_active_at as at from users',
  );
  expect(new Map(rows.map(({ id, at }) => [id, at?.toISOString() ?? null]))).toEqual(
    new Map([
      [early.id, '2026-11-28T10:00:00.000Z'],
      [late.id, '2026-11-29T09:30:00.000Z'],
      [never.id, null],
    ]),
  );
});
