import { resolve } from 'node:path';
import pg from 'pg';
import { type Cluster, databaseUrl, openCluster } from './cluster.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { place } from './placement.ts';
import { endOrphan } from './postmaster.ts';
import type { Settings } from './server.ts';
import { superviseServer } from './supervised-server.ts';

/** A Postgres of our own, running. */
export interface EmbeddedPostgres {
  /** With user, password and port; the database is `rollcall`. */
  readonly url: string;
  /** Where the data really is; absolute. */
  readonly dataDir: string;
  /** What was not put where one would look for it, and why, in sentences; usually none. */
  readonly placement: readonly string[];
  /** Ends every session, stops Postgres and gives the folder free. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Rollcall's data folder; Postgres gets the folder `postgres` in it. Created when missing. */
  readonly dataDir: string;
  /** Server settings over our own. `fsync: 'off'` also skips syncing a new cluster: for data to throw away only. */
  readonly settings?: Settings;
  /** Gets what Postgres logs, and what happens to it, a line at a time. */
  readonly onLog?: (line: string) => void;
}

/** The database that Rollcall lives in. */
export const DATABASE = 'rollcall';

/**
 * Starts Postgres on a data folder: makes the cluster on the first start, recovers it after a crash, and ends a server
 * that a killed Rollcall left on it. It listens on 127.0.0.1 on a free port, and ends when this process does.
 *
 * @throws EmbeddedPostgresError, in a sentence for the operator, when another Rollcall has the folder, when no place or
 *   account works, or when Postgres doesn't come up
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {}, onLog = () => undefined } = options;
  const placement = await place(resolve(options.dataDir));
  const lock = await takeOwnerLock(placement.home, onLog);
  try {
    const cluster = await openCluster(placement, settings['fsync'] !== 'off');
    if (await endOrphan(placement, cluster.folder))
      onLog('Stopped the Postgres that a killed Rollcall left running.');
    const server = await superviseServer(placement, cluster.folder, settings, onLog);
    const stop = once(() => server.stop().finally(() => lock.release()));
    const url = await createDatabase(cluster, server.port).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { url, dataDir: cluster.folder, placement: placement.sentences, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

/** Creates the database when it is missing, and returns its URL. */
async function createDatabase(cluster: Cluster, port: number): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl(cluster, port, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
  return databaseUrl(cluster, port, DATABASE);
}
