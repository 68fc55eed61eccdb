import { z } from 'zod';
import type { Retention } from '../directory/retention.ts';
import { dropOldEventPartitions } from '../directory/store/event-retention.ts';
import { maintainEventPartitions } from '../directory/store/partitions.ts';
import { SWEEPS, type Sweep, sweepTable } from '../directory/store/sweeping.ts';
import { defineJob, type JobKind } from '../jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../jobs/retry-policy.ts';
import type { Database } from '../platform/db.ts';

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
    declare('maintain_partitions', DAY_SECONDS, () => maintainEventPartitions(db, now())),
    declare('drop_old_events', DAY_SECONDS, () => dropOldEventPartitions(db, now(), retention.auditDays)),
    declare('purge_people', HOUR_SECONDS, purge),
    ...SWEEPS.map(sweep),
  ];
}
