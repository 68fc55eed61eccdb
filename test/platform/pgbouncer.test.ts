import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import { setRoleDefaults } from '../../src/platform/db/settings.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { missingPgBouncerReason, startPgBouncer } from '../support/pgbouncer.ts';

const missing = await missingPgBouncerReason();
const where = missing === undefined ? describe : describe.skip;

where(`PgBouncer in transaction mode${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let database: TestDatabase;
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  let outside: pg.Client;
  let db: Database;

  beforeAll(async () => {
    database = await createDatabase();
    outside = new pg.Client({ connectionString: database.url });
    await outside.connect();
    await outside.query('create table things (org_id text primary key, value int not null default 0)');
    await outside.query("insert into things values ('a'), ('b')");
    await setRoleDefaults(database.url, new URL(database.url).username);
    bouncer = await startPgBouncer(database.url);
    db = openDatabase({ url: bouncer.url, pooler: true, connectWaitMs: 1_500 });
  });
  afterAll(async () => {
    await db.close();
    await bouncer.stop();
    await outside.query(
      `alter role ${new URL(database.url).username} in database ${new URL(database.url).pathname.slice(1)} reset all`,
    );
    await outside.end();
    await database.drop();
  });

  test('serves concurrent pipelined, prepared and transactional statements', async () => {
    const add = { name: 'add', text: 'update things set value = value + 1 where org_id = $1' };
    const read = { name: 'read', text: 'select value from things where org_id = $1' };
    await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        await db.query(add, [n % 2 === 0 ? 'a' : 'b']);
        await db.query(read, ['a']);
        await db.search('select $1::text', ['a']);
        if (n % 10 === 0) await db.transaction('a', (tx) => tx.query(add, ['a']));
      }),
    );
    expect(await db.query(read, ['a'])).toEqual([{ value: 180 }]);
    expect(await db.checkHealth()).toBe('writable');
  });

  test('keeps the time limits and the time zone, which are the role’s', async () => {
    const [row] = await db.search<Record<string, string>>(
      `select $1::text as org, current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
        current_setting('timezone') as zone, current_setting('jit') as jit`,
      ['a'],
    );
    expect(row).toEqual({ org: 'a', statement: '15s', lock: '500ms', zone: 'UTC', jit: 'off' });
  });

  test('lets no one wait behind a row that another organization has locked', async () => {
    const add = { name: 'add', text: 'update things set value = value + 1 where org_id = $1' };
    await outside.query("begin; select from things where org_id = 'a' for update");
    const stuck = Array.from({ length: 3 }, () => db.query(add, ['a']).catch((error: unknown) => error));
    const start = performance.now();
    await db.query(add, ['b']);
    expect(performance.now() - start).toBeLessThan(400);
    for (const outcome of await Promise.all(stuck)) expect(outcome).toMatchObject({ reason: 'busy' });
    await outside.query('rollback');
  });
});
