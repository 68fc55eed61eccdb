import { z } from 'zod';
import { ACTIVITY_MONTHS } from '../activity/store/partitions.ts';
import { EVENT_MONTHS } from '../audit/store/partitions.ts';
import { fillTerms } from '../directory/search/store/fill-terms.ts';
import type { Database } from '../platform/db/database.ts';
import { dropOldMonths, maintainMonths } from '../platform/db/month-partitions.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import type { Retention } from './retention.ts';
import { SWEEPS, type Sweep, sweepTable } from './store.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export interface MaintenanceDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly retention: Retention;
  readonly purge: () => Promise<number>;
}

/** Declares what keeps the database in shape; each table is swept by a job of its own, so that none stops another. */
export function maintenanceJobs({ db, now, retention, purge }: MaintenanceDependencies): JobKind[] {
  const declare = (
    name: string,
    everySeconds: number,
    handle: (signal: AbortSignal) => Promise<unknown>,
  ): JobKind =>
    defineJob({
      name,
      payload: z.object({}),
      retry: BRIEF_RETRIES,
      everySeconds,
      handle: async (_payload, { signal }) => void (await handle(signal)),
    });
  const sweep = (each: Sweep) =>
    declare(`sweep_${each.name}`, HOUR_SECONDS, (signal) => sweepTable(db, each, now(), retention, signal));

  return [
    declare('index_users', HOUR_SECONDS, (signal) => fillTerms(db, signal)),
    declare('maintain_partitions', DAY_SECONDS, () => maintainMonths(db, EVENT_MONTHS, now())),
    declare('maintain_activity_partitions', DAY_SECONDS, () => maintainMonths(db, ACTIVITY_MONTHS, now())),
    declare('drop_old_events', DAY_SECONDS, () =>
      dropOldMonths(db, EVENT_MONTHS, now(), retention.auditDays),
    ),
    declare('drop_old_activity', DAY_SECONDS, () =>
      dropOldMonths(db, ACTIVITY_MONTHS, now(), retention.activityDays),
    ),
    declare('purge_people', HOUR_SECONDS, purge),
    ...SWEEPS.map(sweep),
  ];
}
