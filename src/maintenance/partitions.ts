import { ACTIVITY_ID_PARTITIONS, ACTIVITY_PARTITIONS } from '../activity/store/partitions.ts';
import { EVENT_PARTITIONS } from '../audit/store/partitions.ts';
import type { Database } from '../platform/db/database.ts';
import { ensurePartitions as ensure } from '../platform/db/partitions.ts';
import { LOG_PARTITIONS } from '../provisioning/log/store/partitions.ts';

/**
 * Makes the partitions for the present and what follows of every table that has some, as a start does.
 * @returns the partitions that are still missing: their rows would go to the default partition
 */
export async function ensurePartitions(db: Database, now: Date): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const table of [EVENT_PARTITIONS, ACTIVITY_PARTITIONS, ACTIVITY_ID_PARTITIONS, LOG_PARTITIONS]) {
    missing.push(...(await ensure(db, table, now)));
  }
  return missing;
}
