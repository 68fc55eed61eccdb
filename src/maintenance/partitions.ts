import { ACTIVITY_MONTHS } from '../activity/store/partitions.ts';
import { EVENT_MONTHS } from '../audit/store/partitions.ts';
import type { Database } from '../platform/db/database.ts';
import { ensureMonths } from '../platform/db/month-partitions.ts';

/**
 * Makes the partitions for this month and the next ones of every table that has a partition a month, as a start does.
 * @returns the partitions that are still missing: their rows would go to the default partition
 */
export async function ensurePartitions(db: Database, now: Date): Promise<readonly string[]> {
  return [...(await ensureMonths(db, EVENT_MONTHS, now)), ...(await ensureMonths(db, ACTIVITY_MONTHS, now))];
}
