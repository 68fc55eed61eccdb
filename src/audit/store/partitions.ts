import type { Database } from '../../platform/db/database.ts';
import { ensurePartitions, type PartitionedTable } from '../../platform/db/partitions.ts';

/** The audit trail: whole months, whose rows nobody may change or delete. */
export const EVENT_PARTITIONS: PartitionedTable = {
  name: 'events',
  unit: 'month',
  ahead: 3,
  // Small passes over what is new and still in memory, and none over the whole month later (migration 0052).
  settings: `autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0,
      autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5`,
  complete: (partition) => `revoke update, delete, truncate on ${partition} from public, current_user;
    create trigger events__no_truncate before truncate on ${partition}
      for each statement execute function refuse_change();`,
};

/** Makes the partitions of `events` for this month and the next ones. @returns those that are still missing */
export function ensureEventPartitions(db: Database, now: Date): Promise<readonly string[]> {
  return ensurePartitions(db, EVENT_PARTITIONS, now);
}
