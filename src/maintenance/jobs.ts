import { ACTIVITY_ID_PARTITIONS, ACTIVITY_PARTITIONS, IDS_KEPT_DAYS } from '../activity/store/partitions.ts';
import { EVENT_PARTITIONS } from '../audit/store/partitions.ts';
import { fillTerms } from '../directory/search/store/fill-terms.ts';
import type { Database } from '../platform/db/database.ts';
import { dropOldPartitions, maintainPartitions } from '../platform/db/partitions.ts';
import { defineSchedule, type JobKind } from '../platform/jobs/job-kind.ts';
import { emptyRowsOfErasedUsers } from '../provisioning/log/store/erasure.ts';
import { LOG_PARTITIONS } from '../provisioning/log/store/partitions.ts';
import type { Retention } from './retention.ts';
import { SWEEPS, type Sweep, sweepTable } from './store.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
/** Rows of the provisioning log wait in memory for a second, and while the database is away. */
const ERASED_SINCE_MS = 86_400_000;

export interface MaintenanceDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly retention: Retention;
  readonly purge: () => Promise<number>;
}

/** Declares what keeps the database in shape; each table is swept by a job of its own, so that none stops another. */
export function maintenanceJobs({ db, now, retention, purge }: MaintenanceDependencies): JobKind[] {
  const sweep = (each: Sweep) =>
    defineSchedule(`sweep_${each.name}`, HOUR_SECONDS, (signal) =>
      sweepTable(db, each, now(), retention, signal),
    );

  return [
    defineSchedule('index_users', HOUR_SECONDS, (signal) => fillTerms(db, signal)),
    defineSchedule('maintain_activity_partitions', DAY_SECONDS, () =>
      maintainPartitions(db, ACTIVITY_PARTITIONS, now()),
    ),
    defineSchedule('drop_old_activity', DAY_SECONDS, () =>
      dropOldPartitions(db, ACTIVITY_PARTITIONS, now(), retention.activityDays),
    ),
    defineSchedule('maintain_activity_ids', DAY_SECONDS, () =>
      maintainPartitions(db, ACTIVITY_ID_PARTITIONS, now()),
    ),
    defineSchedule('drop_old_activity_ids', DAY_SECONDS, () =>
      dropOldPartitions(db, ACTIVITY_ID_PARTITIONS, now(), IDS_KEPT_DAYS),
    ),
    defineSchedule('maintain_partitions', DAY_SECONDS, () => maintainPartitions(db, EVENT_PARTITIONS, now())),
    defineSchedule('drop_old_events', DAY_SECONDS, () =>
      dropOldPartitions(db, EVENT_PARTITIONS, now(), retention.auditDays),
    ),
    defineSchedule('maintain_scim_log', DAY_SECONDS, () => maintainPartitions(db, LOG_PARTITIONS, now())),
    defineSchedule('drop_old_scim_log', DAY_SECONDS, () =>
      dropOldPartitions(db, LOG_PARTITIONS, now(), retention.scimLogDays),
    ),
    defineSchedule('empty_scim_log_of_erased', HOUR_SECONDS, () =>
      emptyRowsOfErasedUsers(db, new Date(now().getTime() - ERASED_SINCE_MS), now()),
    ),
    defineSchedule('purge_people', HOUR_SECONDS, purge),
    ...SWEEPS.map(sweep),
  ];
}
