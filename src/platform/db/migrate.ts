import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { DatabaseUnavailable } from './unavailable.ts';

/** `migrations/` next to the running code: of the checkout under tsx and jest, of `dist/` when compiled. */
const OWN_MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** `NNNN_verb_noun`, in TypeScript or compiled. */
const MIGRATION_FILE = /^\d{4}_[a-z0-9]+(?:_[a-z0-9]+)+\.(?:ts|js)$/;

/** Knex's record of what was applied. */
const TABLE = 'schema_migrations';
/** One row: the newest migration that is not compatible with code that does not know it. */
const FLOOR = 'schema_floor';

/** Any number will do, as long as every version of Rollcall uses the same: one migrating process a database. */
const MIGRATION_LOCK = 7_245_116_301;
const POLL_MS = 500;
const DEFAULT_WAIT_MS = 15 * 60_000;
/** How often a waiting process reports it. */
const REPEAT_MS = 30_000;

/** Another process has been migrating the database for too long. */
export class MigrationLocked extends Error {
  constructor(minutes: number) {
    super(
      `Another process has held the migration lock for ${minutes} minutes. Find it with "select pid, state, query ` +
        `from pg_stat_activity where pid in (select pid from pg_locks where locktype = 'advisory')", and start again.`,
    );
    this.name = 'MigrationLocked';
  }
}

export interface MigrateOptions {
  /** Where the migrations are; those of the running code by default. */
  readonly folder?: string;
  /** Called immediately, and twice a minute, while another process migrates. */
  readonly onWait?: () => void;
  /** How long to wait for another process, in milliseconds; 15 minutes by default. */
  readonly waitMs?: number;
}

/**
 * Brings a database to the newest schema. Two processes that start together take turns, and the second finds
 * nothing to do. All that is pending is applied in one transaction, unless a migration says otherwise (`config`).
 *
 * @param databaseUrl a `postgres://` URL of Postgres itself, not of a pooler, whose user may create tables
 * @returns the names applied now, without extension, oldest first
 * @throws Error when a migration fails (all of this call are rolled back) or when the database has been migrated by
 *   a newer Rollcall that this one cannot work with; MigrationLocked
 */
export async function migrate(
  databaseUrl: string,
  { folder = OWN_MIGRATIONS, onWait = () => {}, waitMs = DEFAULT_WAIT_MS }: MigrateOptions = {},
): Promise<readonly string[]> {
  return withClient(databaseUrl, async (client) => {
    await takeLock(client, onWait, waitMs);
    const { pending } = await compare(client, folder);
    return pending.length === 0 ? [] : runMigrations(databaseUrl, folder);
  });
}

/** Takes the lock for as long as the connection lives. @throws MigrationLocked */
async function takeLock(client: pg.Client, onWait: () => void, waitMs: number): Promise<void> {
  const start = Date.now();
  let statedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.taken === true) return;
    const waited = Date.now() - start;
    if (waited >= waitMs) throw new MigrationLocked(Math.round(waited / 60_000));
    if (waited - statedAt >= REPEAT_MS) {
      statedAt = waited;
      onWait();
    }
    await delay(POLL_MS);
  }
}

/**
 * What `migrate` would apply, without writing anything.
 *
 * @param databaseUrl a `postgres://` URL
 * @param folder where the migrations are; those of the running code by default
 * @returns names without extension, oldest first
 * @throws Error when the database can't be reached or has been migrated by a newer Rollcall
 */
export async function pendingMigrations(
  databaseUrl: string,
  folder = OWN_MIGRATIONS,
): Promise<readonly string[]> {
  return withClient(databaseUrl, async (client) => (await compare(client, folder)).pending);
}

async function withClient<T>(databaseUrl: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  // A pooler in transaction mode rejects the option, and must: it would lose the lock, which is a session's.
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c statement_timeout=0' });
  await client.connect().catch((error: unknown) => {
    throw new DatabaseUnavailable('unreachable', error);
  });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/**
 * Compares what the database has with what this code knows. A newer Rollcall may have migrated it: this one keeps
 * working as long as it knows the oldest migration that the newer one needs of others (the floor).
 * @throws Error if it does not
 */
async function compare(client: pg.Client, folder: string): Promise<{ readonly pending: readonly string[] }> {
  const applied = await listApplied(client);
  const known = (await listFiles(folder)).map((file) => parse(file).name);
  const unknown = applied.filter((name) => !known.includes(name));
  const floor = unknown.length === 0 ? undefined : await findFloor(client);
  if (unknown.length > 0 && (floor === undefined || !known.includes(floor))) {
    throw new Error(
      `The database has been migrated by a newer Rollcall (this one doesn't know ${unknown.join(', ')}). ` +
        'Run that version, or a newer one.',
    );
  }
  return { pending: known.filter((name) => !applied.includes(name)) };
}

/** The newest migration that code must know to work with this database; undefined if it is not recorded. */
async function findFloor(client: pg.Client): Promise<string | undefined> {
  const table = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    FLOOR,
  ]);
  if (table.rows[0]?.found !== true) return undefined;
  return (await client.query<{ name: string }>(`select name from ${FLOOR}`)).rows[0]?.name;
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
