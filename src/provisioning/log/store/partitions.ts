import type { PartitionedTable } from '../../../platform/db/partitions.ts';

/** The provisioning log: a partition a day, dropped whole. A week is made ahead, for weeks without a worker. */
export const LOG_PARTITIONS: PartitionedTable = { name: 'scim_requests', unit: 'day', ahead: 8 };
