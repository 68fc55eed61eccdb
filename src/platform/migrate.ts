import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { classifyClientError } from './db-errors.ts';

/** `migrations/` next to the running code: of the checkout under tsx and jest, of `dist/` when compiled. */
const OWN_MIGRATIONS = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** `NNNN_verb_noun`, in TypeScript or compiled. */
const MIGRATION_FILE = /^\d{4}_[a-z0-9]+(?:_[a-z0-9]+)+\.(?:ts|js)$/;

/** Knex's record of what was applied. */
const TABLE = 'schema_migrations';

/** Any number will do, as long as every version of Rollcall uses the same: one migrating process a database. */
const MIGRATION_LOCK = 7_245_116_301;

/**
 * Brings a database to the newest schema. Two processes that start together take turns, and the second finds
 * nothing to do. All that is pending is applied in one transaction, unless a migration says otherwise (`config`).
 *
 * @param databaseUrl a `postgres://` URL whose user may create tables
 * @param folder where the migrations are; those of the running code unless a test says otherwise
 * @returns the names applied now, without extension, oldest first
 * @throws Error when a migration fails (all of this call are rolled back) or when the database has been migrated by
 *   a newer Rollcall
 */
export async function migrate(databaseUrl: string, folder = OWN_MIGRATIONS): Promise<readonly string[]> {
  return withClient(databaseUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await listPending(client, folder);
    return runMigrations(databaseUrl, folder);
  });
}

/**
 * What `migrate` would apply, without writing anything.
 *
 * @param databaseUrl a `postgres://` URL
 * @param folder as for `migrate`
 * @returns names without extension, oldest first
 * @throws Error when the database can't be reached or has been migrated by a newer Rollcall
 */
export async function pendingMigrations(
  databaseUrl: string,
  folder = OWN_MIGRATIONS,
): Promise<readonly string[]> {
  return withClient(databaseUrl, (client) => listPending(client, folder));
}

async function withClient<T>(databaseUrl: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect().catch((error: unknown) => {
    throw classifyClientError(error);
  });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function listPending(client: pg.Client, folder: string): Promise<readonly string[]> {
  const applied = await listApplied(client);
  const known = (await listFiles(folder)).map((file) => parse(file).name);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `The database has been migrated by a newer Rollcall (this one doesn't know ${unknown.join(', ')}). ` +
        'Run that version, or a newer one.',
    );
  }
  return known.filter((name) => !applied.includes(name));
}

async function listApplied(client: pg.Client): Promise<readonly string[]> {
  const table = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    TABLE,
  ]);
  if (table.rows[0]?.found !== true) return [];
  const applied = await client.query<{ name: string }>(`select name from ${TABLE} order by id`);
  return applied.rows.map(({ name }) => name);
}

async function runMigrations(databaseUrl: string, folder: string): Promise<readonly string[]> {
  const database = knex({
    client: 'pg',
    connection: { connectionString: databaseUrl },
    pool: { min: 0, max: 2 },
    log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
    migrations: { migrationSource: new FolderOfMigrations(folder), tableName: TABLE },
  });
  try {
    // knex's own lock is a row that a killed process leaves behind; the advisory lock makes it redundant.
    await database.migrate.forceFreeMigrationsLock();
    const [, applied]: [number, string[]] = await database.migrate.latest();
    return applied;
  } finally {
    await database.destroy();
  }
}

/** Knex prints failures on the console; they are thrown as well, and the caller has a log. */
function ignore(): void {}

/** Names migrations without their extension, so that `0001_x.ts` and the compiled `0001_x.js` are the same one. */
class FolderOfMigrations implements Knex.MigrationSource<string> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  getMigrations(): Promise<string[]> {
    return listFiles(this.#folder);
  }

  getMigrationName(file: string): string {
    return parse(file).name;
  }

  async getMigration(file: string): Promise<Knex.Migration> {
    return (await import(pathToFileURL(join(this.#folder, file)).href)) as Knex.Migration;
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => MIGRATION_FILE.test(file)).sort();
  const numbers = files.map((file) => file.slice(0, 4));
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) throw new Error(`Two migrations are numbered ${twice} in ${folder}.`);
  return files;
}
