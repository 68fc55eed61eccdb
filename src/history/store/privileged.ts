import type { Database } from '../../platform/db/database.ts';
import type { Moment } from './states.ts';

/** Active people of a moment, by the effective role that they had then. */
export interface PastRoleCounts {
  readonly activePeople: number;
  readonly owners: number;
  /** Owners included. */
  readonly admins: number;
  /** Without admins. */
  readonly configure: number;
}

const HIGH = `('configure', 'admin')`;

/** Who had a high role at a moment, by their own role, a group's or an elevation. Reads the newest row of every user. */
export async function countRolesAt(db: Database, { org, asOf }: Moment): Promise<PastRoleCounts> {
  const [row] = await db.search<PastRoleCounts>(
    `with active as materialized (
      select id, state ->> 'role' as role, (state ->> 'owner')::boolean as owner, state ->> 'deactivations' as deactivations
      from (
        select distinct on (h.user_id) h.user_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'user' and h.at <= $2::timestamptz order by h.user_id, h.group_id, h.seq desc
      ) known where state ->> 'deletedAt' is null and state ->> 'status' = 'active'
    ), groups_then as materialized (
      select id, state ->> 'role' as role from (
        select distinct on (h.group_id) h.group_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'group' and h.at <= $2::timestamptz order by h.group_id, h.user_id, h.seq desc
      ) known where state ->> 'role' in ${HIGH}
    ), given as (
      select id, role from active where role in ${HIGH}
      union all
      select m.id, g.role from groups_then g cross join lateral (
        select distinct on (h.user_id) h.user_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'membership' and h.group_id = g.id and h.at <= $2::timestamptz
        order by h.user_id, h.seq desc
      ) m where m.state is not null
      union all
      select a.id, e.state ->> 'role' from (
        select distinct on (h.user_id, h.item_id) h.user_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'elevation' and h.at <= $2::timestamptz
        order by h.user_id, h.item_id, h.seq desc
      ) e join active a on a.id = e.id and a.deactivations = e.state ->> 'deactivations'
      where e.state ->> 'state' = 'active' and e.state ->> 'role' in ${HIGH}
        and (e.state ->> 'startsAt')::timestamptz <= $2::timestamptz
        and (e.state ->> 'expiresAt')::timestamptz > $2::timestamptz
    ), highest as (
      select a.id, a.role = 'admin' and a.owner as owner, bool_or(given.role = 'admin') as admin
      from given join active a on a.id = given.id group by 1, 2
    )
    select (select count(*)::integer from active) as "activePeople",
      (count(*) filter (where owner))::integer as owners, (count(*) filter (where admin))::integer as admins,
      (count(*) filter (where not admin))::integer as configure from highest`,
    [org, asOf],
  );
  return row ?? { activePeople: 0, owners: 0, admins: 0, configure: 0 };
}
