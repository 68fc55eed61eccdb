import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

/** Tables that belong to no organization; every other table belongs to organizations. */
const global = [
  'organizations',
  'jobs',
  'throttles',
  'verified_domains',
  'schema_floor',
  'secret_keys',
  'event_feed',
  'activity_user_days_since',
  'schema_migrations',
  'schema_floor',
  'schema_migrations_lock',
];

let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

const ask = <Row extends object>(sql: string) => rollcall.rollcall.db.search<Row>(sql, [global]);

describe('tables of organizations', () => {
  test('have org_id as the first column of every primary key and unique index', async () => {
    const rows = await ask<{ index: string; first: string }>(`
      select i.indexrelid::regclass::text as index, a.attname as first
      from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
      join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
      where n.nspname = 'public' and i.indisunique and t.relname <> all($1)`);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(({ first }) => first !== 'org_id')).toEqual([]);
  });

  test('all have a primary key', async () => {
    const rows = await ask<{ table: string }>(`
      select t.relname as table from pg_class t join pg_namespace n on n.oid = t.relnamespace
      where n.nspname = 'public' and t.relkind in ('r', 'p') and t.relname <> all($1)
        and not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)`);
    expect(rows).toEqual([]);
  });

  test('have org_id as the first column of every foreign key to another table of organizations', async () => {
    const rows = await ask<{ name: string; first: string }>(`
      select c.conname as name, a.attname as first
      from pg_constraint c join pg_class t on t.oid = c.conrelid
      join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
      where c.contype = 'f' and t.relname <> all($1)`);
    expect(rows.length).toBeGreaterThan(4);
    expect(rows.filter(({ first }) => first !== 'org_id')).toEqual([]);
  });
});

/** Tables that refer to users and of which a user's data has nothing of its own to tell. */
const NOT_EXPORTED: Readonly<Record<string, string>> = {
  activity_user_days: 'sums of activity_events, which are exported',
  activity_user_hours: 'sums of activity_events, which are exported',
  exports: 'the exports themselves',
  identity_confirmations: 'a link that waits for its confirmation; the event tells of it',
  password_resets: 'hashes of links',
  pending_sign_ins: 'hashes of sign-ins that wait for a code',
  user_passwords: 'hashes',
  user_search: 'an index of the profile, which is exported',
  user_totp: 'secrets',
  waiting_erasures: 'when the user is erased',
};

test('R125: a user’s data holds every table that refers to users, or a reason is given', async () => {
  const rows = await rollcall.rollcall.db.search<{ table: string }>(
    `
    select distinct t.relname as table from pg_constraint c join pg_class t on t.oid = c.conrelid
    where c.contype = 'f' and c.confrelid = 'users'::regclass and not t.relispartition order by 1`,
    [],
  );
  const exported = await readFile('src/exports/store.ts', 'utf8');
  const missing = rows.filter(
    ({ table }) => NOT_EXPORTED[table] === undefined && !new RegExp(`(from|join) ${table}\\b`).test(exported),
  );
  expect(missing).toEqual([]);
  expect(rows.map(({ table }) => table)).toEqual(expect.arrayContaining(Object.keys(NOT_EXPORTED)));
});
