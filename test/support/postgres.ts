import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/platform/db/migrate.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';

/** The environment variables that carry the set-up's results to the test processes. */
export const ADMIN_URL = 'TEST_ADMIN_DATABASE_URL';
export const TEMPLATE = 'TEST_TEMPLATE_DATABASE';

/** The Postgres of one test run. */
interface TestPostgres {
  stop(): Promise<void>;
}

const FOLDER_PREFIX = 'rollcall-test-';

/** Nothing here is worth waiting for a disk. */
const THROWAWAY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  shared_buffers: '64MB',
};

/** Starts or borrows a Postgres, and migrates a template database on it whose name no other run uses. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
  const server = given ? { url: given, stop: async () => undefined } : await startThrowaway();
  const template = `rollcall_template_${process.pid}_${Date.now().toString(36)}`;
  try {
    await runSql(server.url, `create database ${template} template template0`);
    await migrate(databaseUrl(server.url, template));
  } catch (error) {
    await server.stop();
    throw error;
  }
  process.env[ADMIN_URL] = server.url;
  process.env[TEMPLATE] = template;
  return {
    async stop() {
      await runSql(server.url, `drop database ${template} with (force)`);
      await server.stop();
    },
  };
}

async function startThrowaway(): Promise<{ url: string; stop(): Promise<void> }> {
  await sweepKilledRuns();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  // mkdtemp makes it private, and by root Postgres runs as another user.
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, settings: THROWAWAY });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A run that was killed leaves its folder behind (its Postgres ends by itself). */
async function sweepKilledRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The URL of another database on the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
