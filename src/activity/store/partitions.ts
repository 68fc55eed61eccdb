import { APPENDED, type PartitionedTable } from '../../platform/db/partitions.ts';

/** Activity events by month. */
export const ACTIVITY_PARTITIONS: PartitionedTable = {
  name: 'activity_events',
  unit: 'month',
  ahead: 3,
  settings: APPENDED,
};
