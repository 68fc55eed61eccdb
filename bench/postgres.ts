import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/start.ts';

/** A Postgres for one run: the embedded one with its own settings, or the one that was given. */
export interface BenchPostgres {
  readonly version: string;
  /** Makes an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** Drops what was made, and stops what was started. */
  stop(): Promise<void>;
}

/**
 * Durable as in production: what is measured waits for the disk.
 * @param settings of the Postgres that is started, over our own
 */
export async function startPostgres(
  givenUrl: string | undefined,
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchPostgres> {
  const { url, stop } =
    givenUrl === undefined ? await startOwn(settings) : { url: givenUrl, stop: async () => {} };
  const made: string[] = [];
  const run = async (sql: string): Promise<Record<string, string>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    version: (await run('show server_version'))[0]?.['server_version'] ?? '',
    createDatabase: async (name) => {
      const database = `rollcall_bench_${name}_${process.pid}`;
      await run(`create database ${database}`);
      made.push(database);
      return Object.assign(new URL(url), { pathname: `/${database}` }).href;
    },
    stop: async () => {
      if (givenUrl !== undefined)
        for (const database of made) await run(`drop database if exists ${database} with (force)`);
      await stop();
    },
  };
}

async function startOwn(
  settings: Readonly<Record<string, string>>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  // mkdtemp makes it private, and root runs Postgres as another user.
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, settings });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
      // By root it may be elsewhere, with a link in the folder.
      await rm(postgres.dataDir, { recursive: true, force: true });
    },
  };
}
