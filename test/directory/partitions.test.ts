import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { EVENT_PARTITIONS } from '../../src/audit/store/partitions.ts';
import { createOrganization } from '../../src/directory/organizations/create.ts';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import { ensurePartitions } from '../../src/platform/db/partitions.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createDatabase();
  db = openDatabase({ url: database.url, connections: 8 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a start creates the partition of a month that already has events, and keeps them', async () => {
  await createOrganization(
    { db, now: () => new Date() },
    { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'test' },
    {
      name: 'Early',
      ownerEmail: 'owner@early.example',
      ownerPassword: undefined,
      connectionName: 'First',
      strict: false,
      scimToken: undefined,
    },
  );
  const count = () => db.search<{ events: number }>('select count(*) as events from events', []);
  const before = await count();
  await ensurePartitions(db, EVENT_PARTITIONS, new Date());
  await ensurePartitions(db, EVENT_PARTITIONS, new Date());
  expect(await count()).toEqual(before);
  const partitions = await db.search(`select from pg_inherits where inhparent = 'events'::regclass`, []);
  expect(partitions).toHaveLength(3);
});

/** A session that has read every partition, in a transaction that continues. */
async function readInLongTransaction(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin; select count(*) from events');
  return client;
}

/** Into a month that has its partition. */
const insertEvent = `insert into events (org_id, id, at, action, actor, target_type, target_id) values
  (gen_random_uuid(), gen_random_uuid(), now() + interval '1 month', 'user.created', '{}', 'user', gen_random_uuid())`;

test('months that are there are left alone while a long transaction reads events', async () => {
  await ensurePartitions(db, EVENT_PARTITIONS, new Date());
  const reader = await readInLongTransaction();
  const started = performance.now();
  expect(await ensurePartitions(db, EVENT_PARTITIONS, new Date())).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1_000);
  await reader.end();
});

test('a long transaction delays the months ahead, and neither writers of events nor the start', async () => {
  const reader = await readInLongTransaction();
  const later = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 5, 15));
  const months = ensurePartitions(db, EVENT_PARTITIONS, later);
  const writer = new pg.Client({ connectionString: database.url });
  await writer.connect();
  const waits: number[] = [];
  let done = false;
  const writing = (async () => {
    while (!done) {
      const started = performance.now();
      await writer.query(insertEvent);
      waits.push(performance.now() - started);
    }
  })();
  const missing = await months;
  done = true;
  await writing;
  await writer.end();
  expect(missing).toHaveLength(3);
  expect(Math.max(...waits)).toBeLessThan(1_000);
  await reader.end();

  expect(await ensurePartitions(db, EVENT_PARTITIONS, later)).toEqual([]);
});

test('a month has the indexes, the triggers, the protection and the vacuum settings of the others', async () => {
  const later = new Date(Date.UTC(new Date().getUTCFullYear() + 3, 0, 15));
  expect(await ensurePartitions(db, EVENT_PARTITIONS, later)).toEqual([]);
  const partition = `events_${later.getUTCFullYear()}_01`;
  const [unattached] = await db.search<{ count: number }>(
    `select count(*) from pg_index x where x.indrelid = '${partition}'::regclass
      and not exists (select from pg_inherits i where i.inhrelid = x.indexrelid)`,
    [],
  );
  expect(unattached?.count).toBe(0);
  const indexes = (table: string) =>
    db.search<{ count: number }>(`select count(*) from pg_index where indrelid = '${table}'::regclass`, []);
  expect(await indexes(partition)).toEqual(await indexes('events'));
  const options = (table: string) =>
    db.search<{ options: string[] }>(
      `select array(select unnest(reloptions) order by 1) as options from pg_class where oid = '${table}'::regclass`,
      [],
    );
  expect(await options(partition)).toEqual(await options('events_default'));
  expect((await options(partition))[0]?.options).toHaveLength(4);
  for (const change of [`update ${partition} set action = 'x'`, `truncate ${partition}`]) {
    await db.search(
      `insert into events (org_id, id, at, action, actor, target_type, target_id)
       values (gen_random_uuid(), gen_random_uuid(), '${later.toISOString()}', 'user.created', '{}', 'user', gen_random_uuid())`,
      [],
    );
    await expect(db.search(change, [])).rejects.toMatchObject({ code: '42501' });
  }
});

test('processes that start concurrently create each month once', async () => {
  const later = new Date(Date.UTC(new Date().getUTCFullYear() + 5, 0, 15));
  const other = openDatabase({ url: database.url });
  const missing = await Promise.all([
    ensurePartitions(db, EVENT_PARTITIONS, later),
    ensurePartitions(other, EVENT_PARTITIONS, later),
  ]);
  await other.close();
  expect(missing).toEqual([[], []]);
});
