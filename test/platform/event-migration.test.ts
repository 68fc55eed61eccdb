import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/platform/db/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;
let client: pg.Client;

beforeEach(async () => {
  database = await createEmptyDatabase();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-migrations-'));
  for (const file of await readdir('migrations')) {
    if (file < '0080') await cp(join('migrations', file), join(folder, file));
  }
  await migrate(database.url, { folder });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

const org = randomUUID();
const user = randomUUID();
/** As the version before writes it. */
const insertOld = (id: string) =>
  client.query(
    `insert into events (org_id, id, at, action, actor, target_type, target_id, member_id, changes, context)
     values ($1, $2, now(), 'user.role_changed', $3, 'user', $4, null, $5, $6)`,
    [
      org,
      id,
      JSON.stringify({ type: 'api_key', id: 'a key', user, via: 'api' }),
      user,
      JSON.stringify({ values: { role: ['readonly', 'admin'] }, reason: 'Covers for a colleague.' }),
      JSON.stringify({ requestId: 'a request' }),
    ],
  );

test('events of the version before are carried over, those before the migration and those while it runs', async () => {
  await client.query(`insert into webhooks (org_id, id, url, events, sealed_secret, since, seen_to, created_at)
    values ('${org}', gen_random_uuid(), 'https://example.com', '{*}', 's', now(), '2026-11-24T12:00:00Z', now())`);
  for (let n = 0; n < 20; n += 1) await insertOld(randomUUID());
  let migrating = true;
  const migrated = migrate(database.url).finally(() => {
    migrating = false;
  });
  let meanwhile = 0;
  for (; migrating; meanwhile += 1) await insertOld(randomUUID());
  await migrated;
  await insertOld(randomUUID());
  const { rows } = await client.query<{ count: string; positions: string; early: string }>(
    `select count(*), count(feed_position) as positions, count(*) filter (where feed_position = 0) as early from events
     where actor_type = 'api_key' and actor_id = 'a key' and via = 'api' and actor_user_id = $1 and outcome = 'success'
       and request_id = 'a request' and reason = 'Covers for a colleague.'
       and changes = '{"values": {"role": ["readonly", "admin"]}}'`,
    [user],
  );
  const all = String(21 + meanwhile);
  expect(rows[0]).toMatchObject({ count: all, positions: all });
  expect(Number(rows[0]?.early)).toBeGreaterThanOrEqual(20);

  const cursors = await client.query('select consumer, position, event_id from event_cursors');
  // 11:58, two minutes before the last look.
  const time = Date.parse('2026-11-24T11:58:00Z').toString(16).padStart(12, '0');
  const eventId = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  expect(cursors.rows).toEqual([{ consumer: 'webhooks', position: '0', event_id: eventId }]);

  for (const change of [`update events set action = 'x'`, 'delete from events', 'truncate events']) {
    await expect(client.query(change)).rejects.toMatchObject({ code: '42501' });
  }
  const invalid = await client.query('select indexrelid::regclass from pg_index where not indisvalid');
  expect(invalid.rows).toEqual([]);
}, 60_000);
