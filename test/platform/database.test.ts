import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import type { Executor } from '../../src/platform/db/statement.ts';
import { DatabaseUnavailable } from '../../src/platform/db/unavailable.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type FaultyProxy, startProxy } from '../support/proxy.ts';

/** Two organizations' rows of one table; statements begin with the organization, as all of the stores' do. */
const ADA = 'organization-ada';
const BOB = 'organization-bob';
const read = { name: 'test-read', text: 'select value from things where org_id = $1 and id = $2' };
const write = {
  name: 'test-write',
  text: 'update things set value = value + 1 where org_id = $1 and id = $2 returning value',
};

let database: TestDatabase;
let outside: pg.Client;
let db: Database;
let lost: Error[] = [];

const open = (url = database.url) => openDatabase({ url, onError: (error) => lost.push(error) });

beforeAll(async () => {
  database = await createDatabase();
  outside = new pg.Client({ connectionString: database.url });
  await outside.connect();
  await outside.query(
    'create table things (org_id text, id int, value int not null default 0, primary key (org_id, id))',
  );
  await outside.query(
    `insert into things (org_id, id) select org, id from unnest($1::text[]) org, generate_series(1, 200) id`,
    [[ADA, BOB]],
  );
  db = open();
});
afterAll(async () => {
  await db.close();
  await outside.end();
  await database.drop();
});

/** Locks Ada's first row from outside while `work` runs. */
async function whileLocked<Result>(work: () => Promise<Result>): Promise<Result> {
  await outside.query('begin');
  await outside.query('select from things where org_id = $1 and id = 1 for update', [ADA]);
  try {
    return await work();
  } finally {
    await outside.query('rollback');
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe('A connection that ends', () => {
  test('while it is lent out to a transaction ends only that transaction', async () => {
    lost = [];
    const failed = db.transaction(ADA, async (tx) => {
      const [row] = await tx.query<{ pid: number }>(
        { name: 'test-pid', text: 'select pg_backend_pid() as pid' },
        [],
      );
      await outside.query('select pg_terminate_backend($1)', [row?.pid]);
      while (lost.length === 0) await delay(5);
      return tx.query(write, [ADA, 2]);
    });
    await expect(failed).rejects.toMatchObject({ name: 'DatabaseUnavailable', reason: 'unreachable' });
    expect(await db.query(read, [ADA, 2])).toEqual([{ value: 0 }]);
  });

  test('is replaced on every kind of connection', async () => {
    const use = async () => {
      await db.query(read, [ADA, 1]);
      await db.query(write, [BOB, 1]);
      await db.search('select $1::text', [ADA]);
      await db.checkHealth();
    };
    await use();
    await outside.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await delay(50);
    await use();
  });
});

describe('A row that is locked from outside', () => {
  test('delays neither reads, nor the writes of other organizations, nor the health check', async () => {
    await Promise.all([db.query(read, [BOB, 1]), db.query(write, [BOB, 1]), db.checkHealth()]);
    const waiting: Promise<unknown>[] = [];
    await whileLocked(async () => {
      for (let n = 0; n < 40; n += 1) waiting.push(db.query(write, [ADA, 1]));
      await delay(100);
      const longest = Math.max(
        ...(await Promise.all(
          Array.from({ length: 20 }, async (_, n) => {
            await delay(n * 50);
            return timed(() =>
              Promise.all([
                db.query(read, [ADA, 1]),
                db.query(write, [BOB, n + 1]),
                db.search('select $1::text', [BOB]),
                db.checkHealth(),
              ]),
            );
          }),
        )),
      );
      expect(longest).toBeLessThan(250);
    });
    // Nothing that waited is lost, and nothing was done twice.
    await Promise.all(waiting);
    expect(await db.query(read, [ADA, 1])).toEqual([{ value: 40 }]);
  });

  test('for longer than a caller waits is rejected as busy, and nothing is written', async () => {
    const impatient = openDatabase({ url: database.url, connectWaitMs: 1_000 });
    const before = await db.query(read, [ADA, 1]);
    await whileLocked(async () => {
      const took = await timed(() =>
        expect(impatient.query(write, [ADA, 1])).rejects.toMatchObject({ reason: 'busy', code: '55P03' }),
      );
      expect(took).toBeLessThan(2_000);
    });
    expect(await db.query(read, [ADA, 1])).toEqual(before);
    await impatient.close();
  });
});

describe('A table that is locked for a change of its shape', () => {
  test('rejects reads as busy within 2 seconds', async () => {
    await outside.query('begin');
    await outside.query('lock table things in access exclusive mode');
    const took = await timed(() =>
      expect(db.query(read, [ADA, 1])).rejects.toMatchObject({ reason: 'busy' }),
    );
    await outside.query('rollback');
    expect(took).toBeLessThan(2_000);
    await db.query(read, [ADA, 1]);
  });
});

describe('A network', () => {
  let proxy: FaultyProxy;
  let behind: Database;

  beforeAll(async () => {
    const url = new URL(database.url);
    proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    behind = open(url.href);
  });
  afterAll(async () => {
    await behind.close();
    await proxy.close();
  });

  test('that resets connections in the middle of 200 statements fails some and ends nothing', async () => {
    const answers = Promise.allSettled(
      Array.from({ length: 200 }, async (_, n) => {
        await delay(n);
        return n % 2 === 0 ? behind.query(read, [ADA, n + 1]) : behind.query(write, [ADA, n + 1]);
      }),
    );
    for (let n = 0; n < 8; n += 1) {
      await delay(25);
      proxy.cut();
    }
    for (const answer of await answers) {
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(DatabaseUnavailable);
    }
    await behind.query(read, [ADA, 1]);
    await behind.query(write, [ADA, 1]);
  });

  test('that swallows everything is noticed within the time limits, and used again when it heals', async () => {
    await behind.checkHealth();
    await behind.query(read, [ADA, 1]);
    proxy.swallow();
    const [health, reading] = await Promise.all([
      timed(() => expect(behind.checkHealth()).rejects.toMatchObject({ reason: 'unreachable' })),
      timed(() => expect(behind.query(read, [ADA, 1])).rejects.toMatchObject({ reason: 'unreachable' })),
    ]);
    expect(health).toBeLessThan(6_000);
    expect(reading).toBeLessThan(10_000);
    proxy.heal();
    await behind.query(read, [ADA, 1]);
    expect(await behind.checkHealth()).toBe('writable');
  });

  test('that leaves open connections without an answer is got round by new ones', async () => {
    // As many concurrent ones as there are connections for reads, so that each has its own.
    const readAll = () =>
      Promise.allSettled(Array.from({ length: 64 }, (_, n) => behind.query(read, [ADA, n + 1])));
    await readAll();
    proxy.passNewOnly();
    expect((await readAll()).some(({ status }) => status === 'rejected')).toBe(true);
    expect((await readAll()).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});

describe('A database that turns read-only', () => {
  const alter = async (setting: string) => {
    await outside.query(`alter database ${new URL(database.url).pathname.slice(1)} ${setting}`);
    await outside.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await delay(50);
  };

  test('is left by reads, too, after a rejected write: it may be a server that another has replaced', async () => {
    const session = {
      name: 'test-session',
      text: 'select pg_backend_pid() as pid where $1::text is not null',
    };
    await alter('set default_transaction_read_only = on');
    const before = await db.query<{ pid: number }>(session, [ADA]);
    expect(await db.query<{ pid: number }>(session, [ADA])).toEqual(before);
    await expect(db.query(write, [ADA, 3])).rejects.toMatchObject({ reason: 'read_only' });
    expect(await db.query<{ pid: number }>(session, [ADA])).not.toEqual(before);
    await outside.query('set default_transaction_read_only = off');
    await alter('reset default_transaction_read_only');
  });

  test('answers reads, rejects writes, reports it in the health check, and accepts writes once it can', async () => {
    await alter('set default_transaction_read_only = on');
    await expect(db.query(write, [ADA, 3])).rejects.toMatchObject({ reason: 'read_only', code: '25006' });
    expect(await db.query(read, [ADA, 3])).toHaveLength(1);
    expect(await db.checkHealth()).toBe('read_only');
    await outside.query('set default_transaction_read_only = off');
    await outside.query(
      `alter database ${new URL(database.url).pathname.slice(1)} reset default_transaction_read_only`,
    );
    await db.query(write, [ADA, 3]);
    await db.query(read, [ADA, 3]);
    expect(await db.checkHealth()).toBe('writable');
  });
});

test('Every kind of connection ends statements, and gives up locks, after its own time', async () => {
  const limits = `select current_setting('statement_timeout') as runs, current_setting('lock_timeout') as waits`;
  type Limits = { readonly runs: string; readonly waits: string };
  const statement = (name: string, more = '') => ({
    name,
    text: `${limits} where $1::text is not null${more}`,
  });
  expect(await db.query<Limits>(statement('limits-of-reads'), [ADA])).toEqual([
    { runs: '5s', waits: '500ms' },
  ]);
  // The comment makes it a write, which is what the connection is chosen by.
  expect(await db.query<Limits>(statement('limits-of-writes', ' /* update */'), [ADA])).toEqual([
    { runs: '5s', waits: '50ms' },
  ]);
  expect(await db.search<Limits>(`${limits} where $1::text is not null`, [ADA])).toEqual([
    { runs: '10s', waits: '500ms' },
  ]);
  expect(
    await db.transaction(ADA, (tx) => tx.query<Limits>(statement('limits-of-transactions'), [ADA])),
  ).toEqual([{ runs: '15s', waits: '500ms' }]);
});

test('A transaction that throws writes nothing, and its connection is good for the next one', async () => {
  const [before] = await db.query<{ value: number }>(read, [BOB, 7]);
  const increment = (tx: Executor) => tx.query<{ value: number }>(write, [BOB, 7]);
  for (let n = 0; n < 3; n += 1) {
    const failing = db.transaction(BOB, async (tx) => {
      await increment(tx);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
  }
  const failing = db.transaction(BOB, (tx) => tx.query({ name: 'test-wrong', text: 'select 1 / 0' }, []));
  await expect(failing).rejects.toThrow('division by zero');
  const after = [{ value: (before?.value ?? 0) + 1 }];
  expect(await db.transaction(BOB, increment)).toEqual(after);
  expect(await db.query(read, [BOB, 7])).toEqual(after);
});

test('An error of the application inside a transaction comes out as it is, whatever its words say', async () => {
  const lostBefore = lost.length;
  for (const message of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) {
    for (const thrown of [new Error(message), Object.assign(new Error(message), { code: 'ECONNRESET' })]) {
      let attempts = 0;
      const failing = db.transaction(BOB, async (tx) => {
        attempts += 1;
        await tx.query(write, [BOB, 8]);
        throw thrown;
      });
      expect(await failing.catch((error: unknown) => error)).toBe(thrown);
      expect(attempts).toBe(1);
    }
  }
  expect(lost.length).toBe(lostBefore);
});

test('An error of Postgres is told by its SQLSTATE, whatever its words say', async () => {
  const raising = (code: string) => ({
    name: `test-raise-${code}`,
    text: `do $$ begin raise exception 'connection terminated' using errcode = '${code}'; end $$`,
  });
  const failing = (code: string) =>
    db.transaction(BOB, (tx) => tx.query(raising(code), [])).catch((error: unknown) => error);
  expect(await failing('P0001')).toBeInstanceOf(pg.DatabaseError);
  expect(await failing('53100')).toMatchObject({ name: 'DatabaseUnavailable', reason: 'busy' });
  expect(await failing('57014')).toMatchObject({ name: 'StatementTimeout', reason: 'slow' });
});

test('A transaction that fails to serialize runs again from its start, three times at most', async () => {
  const failure = {
    name: 'test-serialization',
    text: `do $$ begin raise exception 'could not serialize' using errcode = '40001'; end $$`,
  };
  const failing = (times: number) => {
    let attempts = 0;
    return db.transaction(ADA, async (tx) => {
      attempts += 1;
      if (attempts <= times) await tx.query(failure, []);
      return attempts;
    });
  };
  expect(await failing(2)).toBe(3);
  await expect(failing(3)).rejects.toMatchObject({ code: '40001' });
});
