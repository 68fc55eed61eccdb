import pg from 'pg';

/** What a second connection holds in a transaction, so that a test decides the order in which things happen. */
export interface Held {
  /** Ends the transaction; `sql` is done in it before. */
  release(sql?: string, values?: readonly unknown[]): Promise<void>;
  /** Waits until so many of the server's connections wait for a lock. */
  waiters(count: number): Promise<void>;
}

/** Runs a statement that takes locks, and keeps them until it is notified otherwise. */
export async function hold(databaseUrl: string, sql: string, values: readonly unknown[] = []): Promise<Held> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(sql, [...values]);
  return {
    release: async (last, lastValues = []) => {
      if (last !== undefined) await client.query(last, [...lastValues]);
      await client.query('commit');
      await client.end();
    },
    waiters: async (count) => {
      for (let left = 500; left > 0; left -= 1) {
        const { rows } = await client.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        if ((rows[0]?.waiting ?? 0) >= count) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error('Nothing has come to wait for the lock.');
    },
  };
}

/** Holds an organization's lock, as a command of an administrator does. */
export const lockOrganizationRow = (databaseUrl: string, org: string): Promise<Held> =>
  hold(databaseUrl, 'select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [org]);
