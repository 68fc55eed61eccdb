/**
 * Common tables that empty what is personal in the events of an erased user (ADR 0030): the reasons given where the user
 * acted or is concerned, and where their own requests came from. A login acts as its connection and is theirs too. The
 * country of an address goes with it by the trigger of the table.
 * @param user the parameter with the user's id @param erased the common table that yields a row if the user was erased
 */
export const emptyPersonalParts = (user: string, erased: string) => `personal as materialized (
      select id, at, true as own from events where org_id = $1 and actor_id = ${user}::uuid::text
      union all
      select e.id, e.at, true from api_keys k cross join lateral (
        select id, at from events where org_id = $1 and actor_id = k.id::text
      ) e where k.org_id = $1 and k.user_id = ${user}
      union all
      select id, at, actor_type in ('anonymous', 'connection') from events where org_id = $1 and target_id = ${user}
      union all
      select id, at, actor_type in ('anonymous', 'connection') from events where org_id = $1 and member_id = ${user}
    ), emptied as (
      update events e set reason = null, ip = case when p.own then null else e.ip end,
        user_agent = case when p.own then null else e.user_agent end
      from (select p.id, p.at, bool_or(p.own) as own from ${erased}, personal p group by p.id, p.at) p
      where e.org_id = $1 and e.id = p.id and e.at = p.at
        and (e.reason is not null or p.own and (e.ip is not null or e.user_agent is not null))
    )`;
