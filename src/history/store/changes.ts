import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { parameters } from '../../platform/db/query-builder.ts';

export const CHANGE_KINDS = ['user', 'membership', 'group', 'grants', 'elevation'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A place in the order of changes. */
export interface ChangePlace {
  /** ISO 8601 with microseconds. */
  readonly at: string;
  readonly seq: string;
}

/** A change of one thing: what it was before and after; null where it was not there. */
export interface ChangeRow extends ChangePlace {
  readonly kind: ChangeKind;
  readonly user: UserId | null;
  readonly group: GroupId | null;
  readonly item: string | null;
  /** Of the transaction, as its events have it. */
  readonly position: number | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface ChangeFilter {
  readonly kinds?: readonly ChangeKind[] | undefined;
  readonly user?: UserId | undefined;
  readonly group?: GroupId | undefined;
}

/** Places in microseconds: a moment of JavaScript has only milliseconds. */
const exact = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Rows of the same thing as `h`, found by the index that has its key. @param condition of `o` */
const sameThing = (select: string, condition: string, order: string) => {
  const of = (key: string) =>
    `select ${select} from history o where o.org_id = h.org_id and o.kind = h.kind and ${key}
        and o.item_id is not distinct from h.item_id and ${condition}${order}`;
  return {
    byUser: of('o.user_id = h.user_id and o.group_id is not distinct from h.group_id'),
    byGroup: of('o.group_id = h.group_id and h.user_id is null and o.user_id is null'),
  };
};

const stateOf = (condition: string) => {
  const { byUser, byGroup } = sameThing('o.state', condition, ' order by o.seq desc limit 1');
  return `case when h.user_id is not null then (${byUser}) else (${byGroup}) end`;
};
const exists = (condition: string) => {
  const { byUser, byGroup } = sameThing('1', condition, '');
  return `case when h.user_id is not null then exists (${byUser}) else exists (${byGroup}) end`;
};

/** What of a state says nothing to people by itself. */
const shown = (state: string) => `(${state} - 'deactivations' - 'addedAt' - 'createdAt')`;

/** Rows read by one statement at most. */
const SCANNED = 2_000;

export interface ChangeSlice {
  readonly rows: readonly ChangeRow[];
  /** Behind what was searched; undefined when nothing is left to search. */
  readonly next: ChangePlace | undefined;
}

function filterSql({ kinds, user, group }: ChangeFilter, bind: (value: unknown) => string): string {
  return [
    ...(kinds === undefined ? [] : [` and h.kind = any(${bind(kinds)}::text[])`]),
    ...(user === undefined
      ? []
      : [` and h.user_id = ${bind(user)}::uuid and h.kind = any('{user,membership,elevation}'::text[])`]),
    ...(group === undefined
      ? []
      : [` and h.group_id = ${bind(group)}::uuid and h.kind = any('{group,membership,grants}'::text[])`]),
  ].join('');
}

const columns = `h.seq::text as seq, ${exact('h.at')} as at, h.kind, h.user_id as "user", h.group_id as "group",
  h.item_id as item, h.position, h.state as after`;

interface ScannedRow extends ChangeRow {
  readonly wanted: boolean;
}

function sliceOf(rows: readonly ScannedRow[]): ChangeSlice {
  const last = rows.at(-1);
  return {
    rows: rows.filter(({ wanted }) => wanted).map(({ wanted: _, ...row }) => row),
    next: rows.length < SCANNED || last === undefined ? undefined : { at: last.at, seq: last.seq },
  };
}

/**
 * What differs between two moments: of each thing the last change up to `to`, with its state at `from`, the newest first.
 * @param before the place that all changes are below
 */
export async function findDifferences(
  db: Database,
  org: OrgId,
  { from, to }: { readonly from: string; readonly to: string },
  filter: ChangeFilter,
  before: ChangePlace | undefined,
): Promise<ChangeSlice> {
  const { values, bind } = parameters(org, from, to);
  const place =
    before === undefined
      ? ''
      : ` and (h.at, h.seq) < (${bind(before.at)}::timestamptz, ${bind(before.seq)}::bigint)`;
  const rows = await db.search<ScannedRow>(
    `with h as materialized (
        select * from history h where h.org_id = $1 and h.at > $2::timestamptz and h.at <= $3::timestamptz
          and h.seq > 0${place}${filterSql(filter, bind)}
        order by h.at desc, h.seq desc limit ${SCANNED}
      ), l as (
        select h.*, not ${exists('o.seq > h.seq and o.at <= $3::timestamptz')} as is_last from h
      ), d as (
        select h.*, case when h.is_last then ${stateOf('o.at <= $2::timestamptz')} end as before from l h
      )
      select ${columns}, h.before, h.is_last and ${shown('h.state')} is distinct from ${shown('h.before')} as wanted
      from d h order by h.at desc, h.seq desc`,
    values,
  );
  return sliceOf(rows);
}

/** Before it, what a row replaced may be gone. */
const isUnswept =
  "h.at > coalesce((select swept_at from history_marks where org_id = $1), '-infinity'::timestamptz)";

/** Each change, the newest first; what one transaction changed of one thing is one change. */
export async function findChanges(
  db: Database,
  org: OrgId,
  span: { readonly from?: string | undefined; readonly to?: string | undefined },
  filter: ChangeFilter,
  before: ChangePlace | undefined,
): Promise<ChangeSlice> {
  const { values, bind } = parameters(org);
  const conditions = [
    ...(span.from === undefined ? [] : [` and h.at > ${bind(span.from)}::timestamptz`]),
    ...(span.to === undefined ? [] : [` and h.at <= ${bind(span.to)}::timestamptz`]),
    ...(before === undefined
      ? []
      : [` and (h.at, h.seq) < (${bind(before.at)}::timestamptz, ${bind(before.seq)}::bigint)`]),
  ].join('');
  const rows = await db.search<ScannedRow>(
    `with h as materialized (
        select * from history h where h.org_id = $1 and h.seq > 0 and ${isUnswept}${conditions}${filterSql(filter, bind)}
        order by h.at desc, h.seq desc limit ${SCANNED}
      ), l as (
        select h.*, not ${exists('o.seq > h.seq and o.position = h.position')} as is_last from h
      ), d as (
        select h.*, case when h.is_last then ${stateOf('o.seq < h.seq and o.position is distinct from h.position')} end as before
        from l h
      )
      select ${columns}, h.before, h.is_last and ${shown('h.state')} is distinct from ${shown('h.before')} as wanted
      from d h order by h.at desc, h.seq desc`,
    values,
  );
  return sliceOf(rows);
}

export interface CauseRow {
  readonly id: string;
  readonly position: number;
  readonly action: string;
  readonly target: string;
  readonly member: string | null;
}

/** Events of the transactions that changed something, about those that it names. @param span of their times */
export function findCauses(
  db: Database,
  org: OrgId,
  positions: readonly number[],
  ids: readonly string[],
  span: { readonly from: string; readonly to: string },
): Promise<CauseRow[]> {
  return db.search<CauseRow>(
    `select e.id, e.feed_position as position, e.action, e.target_id as target, e.member_id as member
      from unnest($2::bigint[]) as p (position) cross join lateral (
        select id, feed_position, action, target_id, member_id from events
        where org_id = $1 and feed_position = p.position and at between $4 and $5
          and (target_id = any($3::uuid[]) or member_id = any($3::uuid[])) offset 0
      ) e order by e.id`,
    [org, positions, ids, span.from, span.to],
  );
}

/** How many changes each day had, in UTC: for a chart. */
export function countByDay(
  db: Database,
  org: OrgId,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly day: string; readonly changes: number }[]> {
  return db.search(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as changes from history
      where org_id = $1 and at > $2::timestamptz and at <= $3::timestamptz and seq > 0 group by 1 order by 1`,
    [org, from, to],
  );
}
