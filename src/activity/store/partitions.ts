import type { MonthlyTable } from '../../platform/db/month-partitions.ts';

/** Activity events by month. */
export const ACTIVITY_MONTHS: MonthlyTable = { name: 'activity_events' };
