import { APPENDED, type PartitionedTable } from '../../platform/db/partitions.ts';

/**
 * Events by month; rows of the audit trail may not be changed, nor deleted one by one: that of a month whose first events
 * came before its partition stays in the default one.
 */
export const EVENT_PARTITIONS: PartitionedTable = {
  name: 'events',
  unit: 'month',
  ahead: 3,
  settings: APPENDED,
  complete: (partition) => `revoke update, delete, truncate on ${partition} from public, current_user;
    create trigger events__no_truncate before truncate on ${partition}
      for each statement execute function refuse_change();`,
};
