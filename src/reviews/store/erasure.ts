/**
 * A common table that empties what is personal in reviews of an erased user (R89): what reviewers wrote about them or as
 * them, when they came and what they used. Ids, roles and decisions stay: they are what shows that access was reviewed.
 * @param user the parameter with the user's id @param erased the common table that yields a row if the user was erased
 */
export const emptyReviewsOfErased = (user: string, erased: string) => `reviewed as materialized (
      select review_id, id, true as own from review_items where org_id = $1 and user_id = ${user}::uuid
      union all
      select review_id, id, false from review_items where org_id = $1 and decided_by = ${user}::uuid
        and note is not null
    ), forgotten as (
      update review_items i set note = null,
        snapshot = case when r.own then i.snapshot - '{lastLoginAt,lastActiveAt,createdAt,activityEvents,rights,source}'::text[]
          else i.snapshot end,
        reasons = case when r.own then '[]'::jsonb else i.reasons end
      from (select review_id, id, bool_or(own) as own from reviewed group by review_id, id) r
      where exists (select from ${erased}) and i.org_id = $1 and i.review_id = r.review_id and i.id = r.id
    )`;
