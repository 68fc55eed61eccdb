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

/**
 * Who had a high role at a moment, by their own role, a group's or an elevation. Of users who did not change since, the
 * directory has the state of then: only of those who did it is read from history.
 * @param activeNow how many people are active today
 */
export async function countRolesAt(
  db: Database,
  { org, asOf }: Moment,
  activeNow: number,
): Promise<PastRoleCounts> {
  const [row] = await db.search<PastRoleCounts>(
    `with changed as materialized (
      select distinct h.user_id as id from history h
      where h.org_id = $1 and h.kind = 'user' and h.at > $2::timestamptz
    ), then_active as materialized (
      select id, state ->> 'role' as role, (state ->> 'owner')::boolean as owner, state ->> 'deactivations' as deactivations
      from changed c cross join lateral (
        select h.state from history h where h.org_id = $1 and h.kind = 'user' and h.user_id = c.id and h.at <= $2::timestamptz
        order by h.group_id, h.seq desc limit 1
      ) known where state ->> 'deletedAt' is null and state ->> 'status' = 'active'
    ), groups_then as materialized (
      select id, state ->> 'role' as role from (
        select distinct on (h.group_id) h.group_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'group' and h.group_id is not null and h.at <= $2::timestamptz order by h.group_id, h.user_id, h.seq desc
      ) known where state ->> 'role' in ${HIGH}
    ), given as materialized (
      select u.id, u.role, null as deactivations from users u where u.org_id = $1 and u.role in ${HIGH}
        and not exists (select from changed c where c.id = u.id)
      union all
      select id, role, null from then_active where role in ${HIGH}
      union all
      select m.id, g.role, null from groups_then g cross join lateral (
        select distinct on (h.user_id) h.user_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'membership' and h.group_id = g.id and h.at <= $2::timestamptz
        order by h.user_id, h.seq desc
      ) m where m.state is not null
      union all
      select e.id, e.state ->> 'role', e.state ->> 'deactivations' from (
        select distinct on (h.user_id, h.item_id) h.user_id as id, h.state from history h
        where h.org_id = $1 and h.kind = 'elevation' and h.user_id is not null and h.at <= $2::timestamptz
        order by h.user_id, h.item_id, h.seq desc
      ) e
      where e.state ->> 'state' = 'active' and e.state ->> 'role' in ${HIGH}
        and (e.state ->> 'startsAt')::timestamptz <= $2::timestamptz
        and (e.state ->> 'expiresAt')::timestamptz > $2::timestamptz
    ), highest as (
      select a.id, a.role = 'admin' and a.owner as owner, bool_or(given.role = 'admin') as admin
      from given cross join lateral (
        select t.id, t.role, t.owner, t.deactivations from then_active t where t.id = given.id
        union all
        select u.id, u.role, u.owner, u.deactivations::text from users u
        where u.org_id = $1 and u.id = given.id and u.status = 'active' and u.deleted_at is null
          and not exists (select from changed c where c.id = u.id)
      ) a
      where given.deactivations is null or given.deactivations = a.deactivations
      group by 1, 2
    )
    select (select count(*)::integer from then_active) - (
        select count(*)::integer from changed c join users u on u.org_id = $1 and u.id = c.id
        where u.status = 'active' and u.deleted_at is null) + $3::integer as "activePeople",
      (count(*) filter (where owner))::integer as owners, (count(*) filter (where admin))::integer as admins,
      (count(*) filter (where not admin))::integer as configure from highest`,
    [org, asOf, activeNow],
  );
  return row ?? { activePeople: 0, owners: 0, admins: 0, configure: 0 };
}
