import { APPENDED, type PartitionedTable } from '../../platform/db/partitions.ts';

/** Activity events by month. */
export const ACTIVITY_PARTITIONS: PartitionedTable = {
  name: 'activity_events',
  unit: 'month',
  ahead: 3,
  settings: APPENDED,
};

/** For how many days an event that comes again with another time is recognized by its id. */
export const IDS_KEPT_DAYS = 2;

/** The ids of activity events by the day of their receipt (ADR 0055). A week is made ahead, for weeks without a worker. */
export const ACTIVITY_ID_PARTITIONS: PartitionedTable = { name: 'activity_event_ids', unit: 'day', ahead: 8 };
