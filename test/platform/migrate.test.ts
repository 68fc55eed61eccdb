import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate, pendingMigrations } from '../../src/platform/db/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createEmptyDatabase();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-migrations-'));
  await addMigration('0001_create_shelves.ts', 'create table shelves (id int)');
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function addMigration(file: string, sql: string): Promise<void> {
  await writeFile(
    join(folder, file),
    `export const up = (db) => db.raw(${JSON.stringify(sql)});\nexport const down = async () => {};\n`,
  );
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('what is pending is applied once, oldest first', async () => {
  await addMigration('0002_create_books.ts', 'create table books (id int)');
  const names = ['0001_create_shelves', '0002_create_books'];
  expect(await pendingMigrations(database.url, folder)).toEqual(names);
  expect(await migrate(database.url, { folder })).toEqual(names);
  expect(await pendingMigrations(database.url, folder)).toEqual([]);
  expect(await migrate(database.url, { folder })).toEqual([]);
  expect(await query('select from books, shelves')).toEqual([]);
});

test('a migration that is compiled after it was applied is not applied again', async () => {
  await migrate(database.url, { folder });
  await rename(join(folder, '0001_create_shelves.ts'), join(folder, '0001_create_shelves.js'));
  await writeFile(join(folder, '0001_create_shelves.js.map'), '{}');
  expect(await migrate(database.url, { folder })).toEqual([]);
});

test('two processes that start together apply everything once', async () => {
  await addMigration('0002_sleep_a_little.ts', 'select pg_sleep(0.3)');
  const both = await Promise.all([migrate(database.url, { folder }), migrate(database.url, { folder })]);
  expect(both.map((names) => names.length).sort()).toEqual([0, 2]);
});

test('a failed migration leaves nothing behind, nor do those that ran before it', async () => {
  await addMigration('0002_create_books.ts', 'create table books (id int); select 1 / 0');
  await expect(migrate(database.url, { folder })).rejects.toThrow('division by zero');
  expect(await query("select to_regclass('books') as books, to_regclass('shelves') as shelves")).toEqual([
    { books: null, shelves: null },
  ]);
  expect(await pendingMigrations(database.url, folder)).toEqual(['0001_create_shelves', '0002_create_books']);
});

test('the lock row of a killed migration does not stop the next one', async () => {
  await migrate(database.url, { folder });
  await query('update schema_migrations_lock set is_locked = 1');
  await addMigration('0002_create_books.ts', 'create table books (id int)');
  expect(await migrate(database.url, { folder })).toEqual(['0002_create_books']);
});

test('a database of a newer Rollcall is rejected', async () => {
  await addMigration('0002_create_books.ts', 'create table books (id int)');
  await migrate(database.url, { folder });
  await rm(join(folder, '0002_create_books.ts'));
  const sentence = "migrated by a newer Rollcall (this one doesn't know 0002_create_books)";
  await expect(migrate(database.url, { folder })).rejects.toThrow(sentence);
  await expect(pendingMigrations(database.url, folder)).rejects.toThrow(sentence);
});

test('a database of a newer Rollcall whose migrations only add is used as it is', async () => {
  await addMigration(
    '0002_add_floor.ts',
    "create table schema_floor (name text); insert into schema_floor values ('0002_add_floor')",
  );
  await addMigration('0003_create_books.ts', 'create table books (id int)');
  await migrate(database.url, { folder });
  await rm(join(folder, '0003_create_books.ts'));
  expect(await migrate(database.url, { folder })).toEqual([]);
  expect(await pendingMigrations(database.url, folder)).toEqual([]);
  await query("update schema_floor set name = '0003_create_books'");
  await expect(migrate(database.url, { folder })).rejects.toThrow('migrated by a newer Rollcall');
});

test('waiting for another process’s migration lock is reported and ends with an error', async () => {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('select pg_advisory_lock(7245116301)');
  let said = 0;
  const onWait = () => {
    said += 1;
  };
  await expect(migrate(database.url, { folder, onWait, waitMs: 700 })).rejects.toThrow(
    'Another process has held the migration lock',
  );
  expect(said).toBe(1);
  const waiting = migrate(database.url, { folder, onWait });
  await holder.end();
  expect(await waiting).toEqual(['0001_create_shelves']);
});

test('two migrations with one number are rejected', async () => {
  await addMigration('0001_create_books.ts', 'create table books (id int)');
  await expect(migrate(database.url, { folder })).rejects.toThrow('numbered 0001');
});

test('asking what is pending writes nothing', async () => {
  await pendingMigrations(database.url, folder);
  expect(await query("select from pg_tables where schemaname = 'public'")).toEqual([]);
});

test('the migrations of Rollcall itself are complete on the template', async () => {
  expect(await migrate(database.url)).not.toEqual([]);
  expect(await pendingMigrations(database.url)).toEqual([]);
});
