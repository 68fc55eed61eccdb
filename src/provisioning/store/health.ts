import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import { FAILURES_IN_A_ROW, showsThatItWorks } from './failing.ts';

/** Requests of an hour by the clock. */
export interface RequestsOfHour {
  /** When the hour began, ISO 8601. */
  readonly start: string;
  readonly requests: number;
  readonly failed: number;
}

/** How a connection has been doing. Times are ISO 8601. */
export interface ConnectionHealth {
  readonly lastRequestAt: string | null;
  readonly requests: number;
  readonly failed: number;
  readonly changed: number;
  /** Requests that were rejected since there were too many. */
  readonly throttled: number;
  /** The last 24 hours, the oldest first; the last has just begun. */
  readonly hours: readonly RequestsOfHour[];
  /** The first of the failures after the last request that shows that it works, where there are enough of them. */
  readonly failingSince: string | null;
  readonly users: number;
  readonly groups: number;
  /** The end of the token that ends last; null where one does not end, or there is none. */
  readonly tokensEndAt: string | null;
  /** Hours without a request after which the alert rule speaks of silence; null while it is off. */
  readonly silentAfterHours: number | null;
}

/** Requests that are counted at most. */
const COUNTED_REQUESTS = 20_000;

/** @param since from when requests are counted, ISO 8601 @param now ISO 8601 */
export async function findHealth(
  db: Database,
  org: OrgId,
  connection: ConnectionId,
  since: string,
  now: string,
): Promise<ConnectionHealth> {
  const text = `with recent as materialized (
      select id, at, status, changes, ${showsThatItWorks('r')} as worked from scim_requests r
      where org_id = $1 and connection_id = $2 and id >= $3::uuid and at >= $4
      order by id desc limit ${COUNTED_REQUESTS}
    ), last_success as (select max(id::text)::uuid as id from recent where worked)
    select
      coalesce((select max(at) from recent), (select max(last_used_at) from scim_tokens t
        where t.org_id = $1 and t.connection_id = $2)) as "lastRequestAt",
      (select count(*) from recent) as requests,
      (select count(*) from recent where status >= 400) as failed,
      (select count(*) from recent where changes is not null) as changed,
      (select count(*) from recent where status = 429) as throttled,
      (select json_agg(json_build_object('start', h.start, 'requests', coalesce(c.requests, 0),
          'failed', coalesce(c.failed, 0)) order by h.start)
        from generate_series(date_trunc('hour', $5::timestamptz) - interval '23 hours', $5, interval '1 hour') h (start)
        left join (
          select date_trunc('hour', at) as start, count(*) as requests, count(*) filter (where status >= 400) as failed
          from recent group by 1
        ) c using (start)) as hours,
      (select min(r.at) from recent r, last_success s where s.id is null or r.id > s.id
        having count(*) >= ${FAILURES_IN_A_ROW}) as "failingSince",
      (select count(*) from user_links l where l.org_id = $1 and l.connection_id = $2) as users,
      (select count(*) from group_links l where l.org_id = $1 and l.connection_id = $2) as groups,
      (select case when bool_and(t.expires_at is not null) then max(t.expires_at) end from scim_tokens t
        where t.org_id = $1 and t.connection_id = $2 and t.revoked_at is null
          and (t.expires_at is null or t.expires_at > $5)) as "tokensEndAt",
      case when coalesce((select (r.settings ->> 'enabled')::boolean from alert_rules r
          where r.org_id = $1 and r.kind = 'silent_connection'), true)
        then coalesce((select (r.settings ->> 'hours')::integer from alert_rules r
          where r.org_id = $1 and r.kind = 'silent_connection'), 72) end as "silentAfterHours"`;
  const from = smallestUuidv7(Date.parse(since));
  const [row] = await db.search<ConnectionHealth>(text, [org, connection, from, since, now]);
  const { hours, ...rest } = row as ConnectionHealth;
  return { ...rest, hours: hours.map((hour) => ({ ...hour, start: new Date(hour.start).toISOString() })) };
}
