import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { envelope, eventId } from '../../src/audit/envelope.ts';
import { confirmEvents, consumeEvents, feedIsCurrent, peekEvents, startFeed } from '../../src/audit/feed.ts';
import { recordEvents } from '../../src/audit/store/append.ts';
import { alignFeed } from '../../src/audit/store/feed.ts';
import type { OrgId } from '../../src/directory/ids.ts';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import type { Executor } from '../../src/platform/db/statement.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: Database;
let org: OrgId;
const clients: pg.Client[] = [];

beforeAll(async () => {
  database = await createDatabase();
  db = openDatabase({ url: database.url, connections: 8 });
  await db.search('create table handled (event uuid)', []);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  org = randomUUID() as OrgId;
  await startFeed(db, org, 'webhooks');
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  await db.search('delete from handled', []);
});

const origin = { actor: { type: 'system', id: 'worker', via: 'schedule' }, requestId: 'feed' } as const;
/** Records an event by itself or in a transaction. @returns its id */
async function record(on: Executor, of = org, time = Date.now()): Promise<string> {
  const shared = envelope(origin, uuidv7(time), new Date().toISOString());
  await recordEvents(on, of, shared, [{ action: 'job.discarded', target: ['job', randomUUID()] }]);
  return eventId(shared.idBase, 0);
}

/** A transaction of another process. */
async function begin(): Promise<Executor & { end(how: 'commit' | 'rollback'): Promise<unknown> }> {
  const client = new pg.Client({ connectionString: database.url });
  clients.push(client);
  await client.connect();
  await client.query('begin');
  return {
    query: async <Row extends object>({ text }: { text: string }, values: readonly unknown[]) =>
      (await client.query(text, [...values])).rows as Row[],
    end: (how) => client.query(how),
  };
}

/** What a consumer gets now, of all that is committed. */
async function consume(limit = 100): Promise<string[]> {
  const ids: string[] = [];
  await consumeEvents(db, org, 'webhooks', limit, async (_tx, events) => {
    ids.push(...events.map(({ id }) => id));
  });
  return ids;
}

const write = async (tx: Executor, ids: readonly string[]) => {
  await tx.query({ name: 'handle', text: 'insert into handled select unnest($1::uuid[])' }, [ids]);
};
const handled = async () =>
  (await db.search<{ event: string }>('select event from handled', [])).map((row) => row.event);

describe('a consumer', () => {
  test('gets every event once, batch by batch', async () => {
    const recorded: string[] = [];
    for (let left = 5; left > 0; left -= 1) recorded.push(await record(db));
    await feedIsCurrent(db);
    expect([...(await consume(2)), ...(await consume(2)), ...(await consume(2))]).toEqual(recorded);
    expect(await consume()).toEqual([]);
  });

  test('does not skip an event whose transaction commits late, though its id is the earlier one', async () => {
    const slow = await begin();
    const early = await record(slow, org, Date.now() - 60_000);
    const late = await record(db);
    expect(await consume()).toEqual([]);
    await slow.end('commit');
    await feedIsCurrent(db);
    expect(await consume()).toEqual([early, late]);
    expect(await consume()).toEqual([]);
  });

  test('goes on after a transaction that was rolled back', async () => {
    const aborted = await begin();
    await record(aborted);
    const kept = await record(db);
    await aborted.end('rollback');
    await feedIsCurrent(db);
    expect(await consume()).toEqual([kept]);
  });

  test('is not delayed by a long transaction that only reads', async () => {
    const reader = await begin();
    await reader.query({ name: 'read', text: 'select count(*) from events' }, []);
    const recorded = await record(db);
    await feedIsCurrent(db);
    expect(await consume()).toEqual([recorded]);
    await reader.end('commit');
  });

  test('gets no event of another organization', async () => {
    await record(db, randomUUID() as OrgId);
    const own = await record(db);
    await feedIsCurrent(db);
    expect(await consume()).toEqual([own]);
  });

  test('that begins now gets what is recorded from now on', async () => {
    await record(db);
    await feedIsCurrent(db);
    await startFeed(db, org, 'webhooks');
    const recorded = await record(db);
    await feedIsCurrent(db);
    expect(await consume()).toEqual([recorded]);
  });
});

describe('a consumer that reads without a transaction', () => {
  test('gets the same events until it confirms them, and no later confirmation takes it back', async () => {
    const recorded = [await record(db, org, Date.now()), await record(db, org, Date.now() + 1)];
    await feedIsCurrent(db);
    const peek = async () => peekEvents(db, org, 'webhooks', 10);
    const events = await peek();
    expect(events.map(({ id }) => id)).toEqual(recorded);
    expect((await peek()).map(({ id }) => id)).toEqual(recorded);
    const [first, second] = events;
    if (first === undefined || second === undefined) throw new Error('Two events are expected.');
    await confirmEvents(db, org, 'webhooks', second);
    await confirmEvents(db, org, 'webhooks', first);
    expect(await peek()).toEqual([]);
  });
});

describe('two workers of one consumer', () => {
  test('handle each event once', async () => {
    const recorded = await Promise.all(Array.from({ length: 40 }, () => record(db)));
    await feedIsCurrent(db);
    const work = async () => {
      for (let round = 0; round < 30; round += 1) {
        await consumeEvents(db, org, 'webhooks', 3, (tx, events) =>
          write(
            tx,
            events.map(({ id }) => id),
          ),
        );
      }
    };
    await Promise.all([work(), work(), work()]);
    expect((await handled()).toSorted()).toEqual(recorded.toSorted());
  });

  test('do not wait for each other', async () => {
    const recorded = await record(db);
    await feedIsCurrent(db);
    const other = openDatabase({ url: database.url, connections: 8 });
    await consumeEvents(other, org, 'webhooks', 10, async (_tx, events) => {
      expect(events.map(({ id }) => id)).toEqual([recorded]);
      expect(await consume()).toEqual([]);
    });
    await other.close();
    expect(await consume()).toEqual([]);
  });
});

test('a worker that is killed between what it wrote and its cursor loses and doubles nothing', async () => {
  const recorded = await record(db);
  await feedIsCurrent(db);
  const killed = consumeEvents(db, org, 'webhooks', 10, async (tx, events) => {
    await write(
      tx,
      events.map(({ id }) => id),
    );
    const [own] = await tx.query<{ pid: number }>(
      { name: 'pid', text: 'select pg_backend_pid() as pid' },
      [],
    );
    await db.search('select pg_terminate_backend($1::int)', [own?.pid]);
  });
  await expect(killed).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
  expect(await handled()).toEqual([]);
  await consumeEvents(db, org, 'webhooks', 10, (tx, events) =>
    write(
      tx,
      events.map(({ id }) => id),
    ),
  );
  expect(await handled()).toEqual([recorded]);
  expect(await consume()).toEqual([]);
});

test('a database that was restored to another cluster goes on above what was recorded', async () => {
  const before = await record(db);
  // As the other cluster counts: from the start, so that what is here lies far ahead.
  await db.search(`update event_feed set cluster = 'another', xid_offset = 2 ^ 20`, []);
  await db.search('update event_cursors set position = position - 1 where org_id = $1', [org]);
  expect(await alignFeed(db)).toBe(true);
  expect(await alignFeed(db)).toBe(false);
  const after = await record(db);
  await feedIsCurrent(db);
  expect(await consume()).toEqual([before, after]);
  const positions = await db.search<{ position: number }>(
    'select feed_position as position from events where org_id = $1 order by feed_position',
    [org],
  );
  expect((positions[1]?.position ?? 0) - (positions[0]?.position ?? 0)).toBeGreaterThan(2 ** 40);
});
