import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** A session that holds a lock, so that a test decides what happens first. */
export interface Holder {
  /** Waits until so many sessions of this database wait for a lock. @throws Error after five seconds */
  waitForWaiting(sessions: number): Promise<void>;
  /** Commits, and lets them continue. */
  release(): Promise<void>;
}

/** Runs statements in a transaction that stays open. */
export async function hold(databaseUrl: string, text: string, values: readonly unknown[]): Promise<Holder> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(text, [...values]);
  return {
    waitForWaiting: async (sessions) => {
      for (let left = 200; left > 0; left -= 1) {
        // Within a transaction the activity is read once, unless it is refreshed.
        await client.query('select pg_stat_clear_snapshot()');
        const { rows } = await client.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        if (rows.length >= sessions) return;
        await delay(25);
      }
      // Left open, it would keep the feeds of all databases of this Postgres from going on.
      await client.query('rollback');
      await client.end();
      throw new Error(`Fewer than ${sessions} sessions wait for a lock.`);
    },
    release: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

/** Holds the lock that commands of an organization take. */
export const lockOrganizationRow = (databaseUrl: string, org: string): Promise<Holder> =>
  hold(databaseUrl, 'select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [org]);
