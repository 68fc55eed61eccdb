import { eventName } from '../../../audit/store/event-sql.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/statement.ts';
import { smallestUuidv7 } from '../../../platform/ids.ts';

/** Takes what is personal out of rows `r`: what remains says that there was a request, and what became of it. */
const EMPTIED = `query = null, request = null, request_state = 'withheld', response = null, response_state = 'withheld',
  detail = null, notes = null, if_match = null, mentions = '{}',
  path = case when r.path ~* '^/(users|groups)/[^/]+$' and r.path !~* '/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    then regexp_replace(r.path, '[^/]+$', '…') else r.path end`;

/**
 * Common tables that empty the rows of the log that name an erased user: by id, userName, addresses and external ids.
 * All arguments are SQL. @param keys the keys of the user's addresses @param erased the common table with the columns
 *   `id`, `user_name`, `user_name_key` and `email_key` of the user, if it was erased
 */
export const emptyLogOfErased = (
  user: string,
  at: string,
  keys: string,
  erased: string,
) => `named as materialized (
      select array_agg(name) as names from (
        select ${user}::uuid::text as name union select unnest(${keys}::text[])
        union select unnest(array[user_name_key, lower(user_name), email_key]) from ${erased}
        union select lower(external_id) from user_links where org_id = $1 and user_id = ${user}
      ) each where name <> ''
    ), log as (
      update scim_requests r set ${EMPTIED}, emptied_at = ${at}
      from named n where exists (select from ${erased}) and r.org_id = $1 and r.mentions && n.names
    )`;

const emptyErased: Statement = {
  name: 'scim-requests-empty-erased',
  text: `update scim_requests r set ${EMPTIED}, emptied_at = $2
    from organizations o cross join lateral (
      select e.target_id from events e where e.org_id = o.id and e.action = ${eventName('user.erased')} and e.id >= $1::uuid
    ) e
    where r.org_id = o.id and r.mentions @> array[e.target_id::text] returning 1 as emptied`,
};

/**
 * Empties rows that were still in the memory of a process when the user whom they name was erased.
 * @param since of users who were erased later @returns how many rows
 */
export async function emptyRowsOfErasedUsers(db: Database, since: Date, now: Date): Promise<number> {
  const values = [smallestUuidv7(since.getTime()), now.toISOString()];
  return (await db.query(emptyErased, values)).length;
}
