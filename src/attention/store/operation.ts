import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';

/** Dead jobs of a kind. */
export interface DeadJobs {
  readonly kind: string;
  readonly found: number;
  readonly at: string;
  readonly error: string | null;
}

/** Dead jobs by kind, of the newest `most` and one more. */
export function findDeadJobs(db: Database, org: OrgId, most: number): Promise<DeadJobs[]> {
  return db.search<DeadJobs>(
    `select kind, count(*)::integer as found, max(dead_at) as at, (array_agg(last_error order by dead_at desc))[1] as error
      from (select kind, dead_at, last_error from jobs where org_id = $1 and dead_at is not null
        order by id desc limit $2) dead
      group by kind order by kind limit 20`,
    [org, most + 1],
  );
}

/** How many jobs wait or run, up to one more than `most`. */
export async function countWaitingJobs(db: Database, org: OrgId, most: number): Promise<number> {
  const [row] = await db.search<{ jobs: number }>(
    `select count(*)::integer as jobs from (select from jobs where org_id = $1 and dead_at is null limit $2) waiting`,
    [org, most + 1],
  );
  return row?.jobs ?? 0;
}
