import type { Executor, Statement } from '../../platform/db/statement.ts';

const server: Statement = {
  name: 'diagnosis-server',
  text: `select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major,
      extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs",
      pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "readOnly",
      exists (select from pg_collation where collname = 'und-x-icu') as icu,
      current_setting('statement_timeout') as "statementTimeout", current_user as role`,
};

/** What a diagnosis looks at of Postgres itself. */
export interface ServerFacts {
  readonly version: string;
  readonly major: number;
  /** The clock of the database, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly readOnly: boolean;
  /** Whether it was built with ICU. */
  readonly icu: boolean;
  /** As Postgres writes it; '0' for none. */
  readonly statementTimeout: string;
  readonly role: string;
}

/** Asks Postgres about itself. */
export async function describeServer(db: Executor): Promise<ServerFacts> {
  return (await db.query<ServerFacts>(server, []))[0] as ServerFacts;
}

const partitions: Statement = {
  name: 'diagnosis-partitions',
  text: `select to_char(month, 'YYYY-MM') as missing
    from generate_series(date_trunc('month', now() at time zone 'UTC'),
      date_trunc('month', now() at time zone 'UTC') + interval '1 month', interval '1 month') as month
    where to_regclass('events_' || to_char(month, 'YYYY_MM')) is null`,
};

/** The months, this one and the next, whose events have no partition. */
export async function missingPartitions(db: Executor): Promise<readonly string[]> {
  return (await db.query<{ missing: string }>(partitions, [])).map(({ missing }) => missing);
}

const jobs: Statement = {
  name: 'diagnosis-jobs',
  text: `select count(*) filter (where dead_at is not null)::int as dead,
      count(*) filter (where dead_at is null and due_at < now() - interval '15 minutes')::int as late from jobs`,
  long: true,
};

/** How many jobs ended in failure, and how many should have run a quarter of an hour ago. */
export async function countStuckJobs(
  db: Executor,
): Promise<{ readonly dead: number; readonly late: number }> {
  return (await db.query<{ dead: number; late: number }>(jobs, []))[0] as { dead: number; late: number };
}
