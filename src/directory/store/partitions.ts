import type { Database } from '../../platform/db.ts';

const MONTHS_AHEAD = 3;

/** SQLSTATE of a partition whose rows are in the default one already. */
const CHECK_VIOLATION = '23514';

/**
 * Makes the partitions of `events` for this month and the next ones. Safe to repeat. A month whose first events came
 * before its partition stays in the default one: nothing may be taken out of the audit trail to move it.
 */
export async function ensureEventPartitions(db: Database, now: Date): Promise<void> {
  for (let month = 0; month < MONTHS_AHEAD; month += 1) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month, 1));
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month + 1, 1));
    const [first, next] = [from.toISOString().slice(0, 10), to.toISOString().slice(0, 10)];
    const partition = `events_${first.slice(0, 7).replace('-', '_')}`;
    try {
      await db.search(
        `create table if not exists ${partition} partition of events
         for values from ('${first}T00:00:00Z') to ('${next}T00:00:00Z')`,
        [],
      );
    } catch (error) {
      if ((error as { code?: unknown }).code === CHECK_VIOLATION) continue;
      throw error;
    }
    await db.search(`revoke update, delete, truncate on ${partition} from public, current_user`, []);
    await db.search(
      `create or replace trigger events__no_truncate before truncate on ${partition}
       for each statement execute function refuse_change()`,
      [],
    );
  }
}
