import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './database.ts';

const MONTHS_AHEAD = 3;
/** How long attaching a month may wait for its locks, and so make readers of the table wait behind it. */
const LOCK_TIMEOUT_MS = 200;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;
const DAY_MS = 86_400_000;

/** Small passes over what is new and still in memory, and none over the whole month later (migration 0052). */
const VACUUM = `autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0,
      autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5`;

/** A table with a partition for each month of its column `at`, called `<table>_2026_11`, and a default one. */
export interface MonthlyTable {
  readonly name: string;
  /** Statements on a new partition before it is attached, each with its semicolon. */
  readonly prepare?: (partition: string) => string;
}

interface Month {
  readonly partition: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Makes the partitions of a table for this month and the next ones. Safe to repeat, also by several processes concurrently.
 * It takes no lock if the months are there, and none that writers wait for. A month whose first rows came before its
 * partition stays in the default one.
 * @returns the partitions that are still missing, because others held their locks all the time: their rows would go to
 *   the default partition
 */
export async function ensureMonths(db: Database, table: MonthlyTable, now: Date): Promise<readonly string[]> {
  let missing = await findMissing(db, table, monthsFrom(table, now));
  for (let attempt = 0; missing.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    for (const month of missing) await db.search(attach(table, month), []);
    missing = await findMissing(db, table, missing);
  }
  return missing.map(({ partition }) => partition);
}

/** The same for a job, which is tried again. @throws Error if partitions are still missing */
export async function maintainMonths(db: Database, table: MonthlyTable, now: Date): Promise<void> {
  const missing = await ensureMonths(db, table, now);
  if (missing.length === 0) return;
  throw new Error(`The partitions ${missing.join(', ')} could not be attached: their locks were not free.`);
}

/**
 * Drops the months of a table that ended more than so many days ago. The default partition stays.
 * @returns the names of the dropped partitions
 */
export async function dropOldMonths(
  db: Database,
  { name: table }: MonthlyTable,
  now: Date,
  days: number,
): Promise<readonly string[]> {
  const partitions = await db.search<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = '${table}'::regclass and c.relname ~ '^${table}_[0-9]{4}_[0-9]{2}$' order by c.relname`,
    [],
  );
  const old = partitions.filter(({ name }) => endOf(name).getTime() < now.getTime() - days * DAY_MS);
  for (const { name } of old) await db.search(`drop table if exists ${name}`, []);
  return old.map(({ name }) => name);
}

/** @param partition ends with `_2026_11` */
function endOf(partition: string): Date {
  const [year, month] = partition.split('_').slice(-2).map(Number) as [number, number];
  return new Date(Date.UTC(year, month, 1));
}

function monthsFrom({ name }: MonthlyTable, now: Date): Month[] {
  return Array.from({ length: MONTHS_AHEAD }, (_, ahead) => {
    const [from, to] = [ahead, ahead + 1].map((months) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString(),
    ) as [string, string];
    return { partition: `${name}_${from.slice(0, 7).replace('-', '_')}`, from, to };
  });
}

async function findMissing(
  db: Database,
  { name: table }: MonthlyTable,
  months: readonly Month[],
): Promise<Month[]> {
  const attached = await db.search<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = '${table}'::regclass`,
    [],
  );
  const missing: Month[] = [];
  for (const month of months) {
    if (attached.some(({ name }) => name === month.partition)) continue;
    const [early] = await db.search(
      `select from ${table}_default where at >= '${month.from}' and at < '${month.to}' limit 1`,
      [],
    );
    if (early === undefined) missing.push(month);
  }
  return missing;
}

/**
 * Makes the partition apart and attaches it, all or nothing. Attaching locks neither the table nor the other months
 * against writers, as `create table … partition of` does; of the default partition it needs a lock that readers delay.
 */
function attach({ name: table, prepare }: MonthlyTable, { partition, from, to }: Month): string {
  return `do $$ begin
    perform set_config('lock_timeout', '${LOCK_TIMEOUT_MS}ms', true);
    create table ${partition} (like ${table} including all) with (${VACUUM});
    ${prepare?.(partition) ?? ''}
    alter table ${table} attach partition ${partition} for values from ('${from}') to ('${to}');
  exception
    when lock_not_available or duplicate_table or duplicate_object or unique_violation or check_violation then null;
  end $$`;
}
