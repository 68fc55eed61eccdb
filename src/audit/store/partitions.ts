import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../platform/db/database.ts';

const MONTHS_AHEAD = 3;
/** How long attaching a month may wait for its locks, and so make readers of events wait behind it. */
const LOCK_TIMEOUT_MS = 200;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

/** Small passes over what is new and still in memory, and none over the whole month later (migration 0052). */
const VACUUM = `autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0,
      autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5`;

interface Month {
  readonly partition: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Makes the partitions of `events` for this month and the next ones. Safe to repeat, also by several processes concurrently.
 * It takes no lock if the months are there, and none that writers of events wait for. A month whose first events came
 * before its partition stays in the default one: rows of the audit trail may not be deleted to move them.
 * @returns the partitions that are still missing, because others held their locks all the time: their events would go
 *   to the default partition
 */
export async function ensureEventPartitions(db: Database, now: Date): Promise<readonly string[]> {
  let missing = await findMissing(db, monthsFrom(now));
  for (let attempt = 0; missing.length > 0 && attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    for (const month of missing) await db.search(attach(month), []);
    missing = await findMissing(db, missing);
  }
  return missing.map(({ partition }) => partition);
}

/** The same for a job, which is tried again. @throws Error if partitions are still missing */
export async function maintainEventPartitions(db: Database, now: Date): Promise<void> {
  const missing = await ensureEventPartitions(db, now);
  if (missing.length === 0) return;
  throw new Error(`The partitions ${missing.join(', ')} could not be attached: their locks were not free.`);
}

function monthsFrom(now: Date): Month[] {
  return Array.from({ length: MONTHS_AHEAD }, (_, ahead) => {
    const [from, to] = [ahead, ahead + 1].map((months) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString(),
    ) as [string, string];
    return { partition: `events_${from.slice(0, 7).replace('-', '_')}`, from, to };
  });
}

async function findMissing(db: Database, months: readonly Month[]): Promise<Month[]> {
  const attached = await db.search<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'events'::regclass`,
    [],
  );
  const missing: Month[] = [];
  for (const month of months) {
    if (attached.some(({ name }) => name === month.partition)) continue;
    const [early] = await db.search(
      `select from events_default where at >= '${month.from}' and at < '${month.to}' limit 1`,
      [],
    );
    if (early === undefined) missing.push(month);
  }
  return missing;
}

/**
 * Makes the table apart and attaches it, all or nothing. Attaching locks neither `events` nor the other months against
 * writers, as `create table … partition of` does; of the default partition it needs a lock that readers delay.
 */
function attach({ partition, from, to }: Month): string {
  return `do $$ begin
    perform set_config('lock_timeout', '${LOCK_TIMEOUT_MS}ms', true);
    create table ${partition} (like events including all) with (${VACUUM});
    revoke update, delete, truncate on ${partition} from public, current_user;
    create trigger events__no_truncate before truncate on ${partition}
      for each statement execute function refuse_change();
    alter table events attach partition ${partition} for values from ('${from}') to ('${to}');
  exception
    when lock_not_available or duplicate_table or duplicate_object or unique_violation or check_violation then null;
  end $$`;
}
