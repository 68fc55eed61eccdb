import type { Database } from '../../platform/db/database.ts';

const DAY_MS = 86_400_000;

/**
 * Drops the months of events that ended more than so many days ago. Events in the default partition stay: the audit
 * trail refuses to delete single rows.
 * @returns the names of the dropped partitions
 */
export async function dropOldEventPartitions(
  db: Database,
  now: Date,
  days: number,
): Promise<readonly string[]> {
  const partitions = await db.search<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'events'::regclass and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$' order by c.relname`,
    [],
  );
  const old = partitions.filter(({ name }) => endOf(name).getTime() < now.getTime() - days * DAY_MS);
  for (const { name } of old) await db.search(`drop table if exists ${name}`, []);
  return old.map(({ name }) => name);
}

/** @param partition `events_2026_11` */
function endOf(partition: string): Date {
  const [year, month] = partition.split('_').slice(1).map(Number) as [number, number];
  return new Date(Date.UTC(year, month, 1));
}
