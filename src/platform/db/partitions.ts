import { setTimeout as delay } from 'node:timers/promises';
import { DAY_MS } from '../time.ts';
import type { Database } from './database.ts';

/** A table that is partitioned by ranges of its column `at`, with a default partition `<name>_default`. */
export interface PartitionedTable {
  readonly name: string;
  /** What one partition holds; in UTC. */
  readonly unit: 'month' | 'day';
  /** How many partitions are made ahead, that of the present among them. */
  readonly ahead: number;
  /** Storage parameters of a partition, such as `autovacuum_freeze_min_age = 0`. */
  readonly settings?: string;
  /** Further statements for a partition that was just made, before it is attached; each ends in a semicolon. */
  readonly complete?: (partition: string) => string;
}

/**
 * Storage parameters of a partition that is only appended to: small passes over what is new and still in memory, and
 * none over all of it later (migration 0052).
 */
export const APPENDED = `autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0,
      autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5`;

/** How long attaching a partition may wait for its locks, and so make readers of the table wait behind it. */
const LOCK_TIMEOUT_MS = 200;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

interface Range {
  readonly partition: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Makes the partitions of a table for the present and what follows. Safe to repeat, also by several processes
 * concurrently. It takes no lock if the partitions are there, and none that writers wait for. A range whose first rows
 * came before its partition stays in the default one: they may be rows that nobody may delete to move them.
 * @returns the partitions that are still missing, because others held their locks all the time: their rows would go to
 *   the default partition
 */
export async function ensurePartitions(
  db: Database,
  table: PartitionedTable,
  now: Date,
): Promise<readonly string[]> {
  let missing = await findMissing(db, table, rangesFrom(table, now));
  for (let attempt = 0; missing.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    for (const range of missing) await db.search(attach(table, range), []);
    missing = await findMissing(db, table, missing);
  }
  return missing.map(({ partition }) => partition);
}

/** The same for a job, which is tried again. @throws Error if partitions are still missing */
export async function maintainPartitions(db: Database, table: PartitionedTable, now: Date): Promise<void> {
  const missing = await ensurePartitions(db, table, now);
  if (missing.length === 0) return;
  throw new Error(`The partitions ${missing.join(', ')} could not be attached: their locks were not free.`);
}

/**
 * Drops the partitions that ended more than so many days ago; the default partition stays as it is.
 * @returns the names of the dropped partitions
 */
export async function dropOldPartitions(
  db: Database,
  { name, unit }: PartitionedTable,
  now: Date,
  days: number,
): Promise<readonly string[]> {
  const suffix = unit === 'month' ? '[0-9]{4}_[0-9]{2}' : '[0-9]{4}_[0-9]{2}_[0-9]{2}';
  const partitions = await db.search<{ partition: string }>(
    `select c.relname as partition from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = '${name}'::regclass and c.relname ~ '^${name}_${suffix}$' order by c.relname`,
    [],
  );
  const before = now.getTime() - days * DAY_MS;
  const old = partitions
    .map(({ partition }) => partition)
    .filter((partition) => endOf(partition.slice(name.length + 1)).getTime() < before);
  for (const partition of old) await db.search(`drop table if exists ${partition}`, []);
  return old;
}

/** @param suffix `2026_11` or `2026_11_28` */
function endOf(suffix: string): Date {
  const [year, month, day] = suffix.split('_').map(Number) as [number, number, number?];
  return new Date(day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1));
}

function rangesFrom({ name, unit, ahead }: PartitionedTable, now: Date): Range[] {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const startOf = (step: number): string =>
    new Date(
      unit === 'month' ? Date.UTC(year, month + step, 1) : Date.UTC(year, month, day + step),
    ).toISOString();
  return Array.from({ length: ahead }, (_, step) => {
    const from = startOf(step);
    const suffix = from.slice(0, unit === 'month' ? 7 : 10).replaceAll('-', '_');
    return { partition: `${name}_${suffix}`, from, to: startOf(step + 1) };
  });
}

async function findMissing(
  db: Database,
  { name }: PartitionedTable,
  ranges: readonly Range[],
): Promise<Range[]> {
  const attached = await db.search<{ partition: string }>(
    `select c.relname as partition from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = '${name}'::regclass`,
    [],
  );
  const missing: Range[] = [];
  for (const range of ranges) {
    if (attached.some(({ partition }) => partition === range.partition)) continue;
    const [early] = await db.search(
      `select from ${name}_default where at >= '${range.from}' and at < '${range.to}' limit 1`,
      [],
    );
    if (early === undefined) missing.push(range);
  }
  return missing;
}

/**
 * Makes the table apart and attaches it, all or nothing. Attaching locks neither the table nor its other partitions
 * against writers, as `create table … partition of` does; of the default partition it needs a lock that readers delay.
 */
function attach({ name, settings, complete }: PartitionedTable, { partition, from, to }: Range): string {
  return `do $$ begin
    perform set_config('lock_timeout', '${LOCK_TIMEOUT_MS}ms', true);
    create table ${partition} (like ${name} including all)${settings === undefined ? '' : ` with (${settings})`};
    ${complete?.(partition) ?? ''}
    alter table ${name} attach partition ${partition} for values from ('${from}') to ('${to}');
  exception
    when lock_not_available or duplicate_table or duplicate_object or unique_violation or check_violation then null;
  end $$`;
}
