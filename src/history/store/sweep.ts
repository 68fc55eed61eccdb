import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const aged: Statement = {
  name: 'history-aged',
  text: 'select org_id as id from history_marks where complete_since < $1 order by org_id',
};

/** Organizations whose history is complete since before a time. @param limit ISO 8601 */
export async function findAged(db: Executor, limit: string): Promise<readonly OrgId[]> {
  return (await db.query<{ id: OrgId }>(aged, [limit])).map(({ id }) => id);
}

/** Rows of history that one statement looks at. */
const BATCH = 1_000;

/** Rows of the same thing as `b`, each kind by the index that has its key. */
const sameThing = (condition: string) => {
  const rows = (key: string) =>
    `select o.at, o.seq from history o where o.org_id = $1 and o.kind = b.kind and ${key} and ${condition}`;
  return `select * from (
      ${rows('o.user_id = b.user_id and o.group_id = b.group_id')}
      union all ${rows('o.user_id = b.user_id and b.group_id is null and o.group_id is null and o.item_id is not distinct from b.item_id')}
      union all ${rows('o.group_id = b.group_id and b.user_id is null and o.user_id is null')}
    ) same`;
};

/**
 * A row goes once a later one of the same thing is as old as the limit: no moment from the limit on is answered with it.
 * What is gone goes together with all that it was.
 */
const sweep: Statement = {
  name: 'history-sweep',
  text: `with mark as materialized (
      select swept_at, swept_seq, least(complete_since, $2::timestamptz) as until from history_marks
      where org_id = $1 and complete_since is not null for update skip locked
    ), batch as materialized (
      select h.*, mark.until from mark cross join lateral (
        select at, seq, kind, user_id, group_id, item_id, state from history
        where org_id = $1 and (at, seq) > (mark.swept_at, mark.swept_seq) and at <= mark.until
        order by at, seq limit ${BATCH}
      ) h
    ), old as materialized (
      select o.at, o.seq from batch b cross join lateral (
        ${sameThing('o.seq < b.seq and o.at <= b.until')} offset 0
      ) o
      union
      select b.at, b.seq from batch b where exists (${sameThing('o.seq > b.seq and o.at <= b.until')})
        or (b.state is null and not exists (${sameThing('o.seq < b.seq and o.at > b.until')}))
    ), swept as (
      delete from history h using old where h.org_id = $1 and h.at = old.at and h.seq = old.seq returning 1
    ), moved as (
      update history_marks m set swept_at = l.at, swept_seq = l.seq
      from (select at, seq from batch order by at desc, seq desc limit 1) l where m.org_id = $1
    )
    select (select count(*) from batch)::integer as read, (select count(*) from swept)::integer as swept`,
};

const advance: Statement = {
  name: 'history-complete-since-advance',
  text: 'update history_marks set complete_since = $2 where org_id = $1 and complete_since < $2',
};

/**
 * Deletes, of the next rows that are older than `completeSince` and the limit, those that a later one replaces. Once all
 * are looked at, history is complete since the limit; what is older goes with the next sweep, so that no one who asked
 * before reads what is half deleted.
 * @param limit ISO 8601
 * @returns whether there is more, and how many rows were deleted
 */
export async function sweepBatch(
  db: Executor,
  org: OrgId,
  limit: string,
): Promise<{ readonly more: boolean; readonly swept: number }> {
  const [row] = await db.query<{ read: number; swept: number }>(sweep, [org, limit]);
  const { read = 0, swept = 0 } = row ?? {};
  if (read === BATCH) return { more: true, swept };
  await db.query(advance, [org, limit]);
  return { more: false, swept };
}
