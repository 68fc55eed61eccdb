import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { clusterFolder, databaseUrl, readCredentials } from './cluster.ts';
import { DataInUse } from './error.ts';
import { readPostmasterFile } from './postmaster.ts';
import {
  DATABASE,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './start.ts';

/** How long to wait for a Postgres that another Rollcall is just starting, or stopping. */
const LOCK_WAIT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * The Postgres of a data folder, for a command that comes and goes: the one of a Rollcall that runs on the folder,
 * which `stop` leaves alone, else one that is started now and stopped by `stop`.
 *
 * @throws EmbeddedPostgresError as `startEmbeddedPostgres` does
 */
export async function useEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    const running = await findEmbeddedPostgres(options.dataDir);
    if (running !== undefined) return running;
    try {
      return await startEmbeddedPostgres(options);
    } catch (error) {
      if (!(error instanceof DataInUse) || Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}

/**
 * The Postgres that a running Rollcall has on a data folder. Its lock file has its address, and only a server
 * created there knows the password beside it.
 *
 * @returns undefined if no server accepts connections, or this user may not read the password
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres | undefined> {
  const home = await realpath(join(resolve(dataDir), 'postgres')).catch(() => undefined);
  if (home === undefined) return undefined;
  const cluster = clusterFolder(home);
  const file = await readPostmasterFile(cluster);
  const credentials = await readCredentials(home).catch(() => undefined);
  if (file?.ready !== true || credentials === undefined) return undefined;
  const url = databaseUrl(credentials, file.port, DATABASE);
  if (!(await accepts(url))) return undefined;
  return { url, dataDir: cluster, placement: [], stop: async () => undefined };
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
