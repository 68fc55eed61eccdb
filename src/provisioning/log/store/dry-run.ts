import type { ConnectionId, OrgId } from '../../../directory/ids.ts';
import type { Database } from '../../../platform/db/database.ts';
import { smallestUuidv7 } from '../../../platform/ids.ts';
import { DRY_RUN_NOTE, type LoggedChange } from '../entry.ts';

/** A request of a dry run. */
export interface DryRequest {
  readonly status: number;
  readonly errorCode: string | null;
  readonly user: string | null;
  readonly group: string | null;
  readonly changes: readonly LoggedChange[] | null;
  /** The name that the request gives a user or a group, in lower case: what would be created has no lasting id. */
  readonly name: string | null;
}

/** The newest requests of a dry run, the newest first. @param since ISO 8601 */
export function findDryRows(
  db: Database,
  org: OrgId,
  connection: ConnectionId,
  since: string,
  limit: number,
): Promise<DryRequest[]> {
  return db.search<DryRequest>(
    `select status, error_code as "errorCode", user_id as "user", group_id as "group", changes,
        lower(substring(request from '"(?:userName|displayName)"\\s*:\\s*"([^"]+)"')) as name
      from scim_requests r where r.org_id = $1 and r.connection_id = $2 and r.id >= $3::uuid and r.at >= $4::timestamptz
        and r.notes @> array[$5::text]
      order by r.id desc limit $6`,
    [org, connection, smallestUuidv7(Date.parse(since)), since, DRY_RUN_NOTE, limit],
  );
}
