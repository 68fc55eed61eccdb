import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** An activity event as the log shows it. */
export interface StoredActivity {
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  readonly user: UserId;
  readonly type: string;
  readonly agent: string | null;
  readonly resource: string | null;
  readonly resourceTags: readonly string[] | null;
  readonly responseMs: number | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** What events of the log have in common; each that is given holds. */
export interface ActivityFilter {
  /** Undefined: of all users of the organization. */
  readonly users: readonly UserId[] | undefined;
  /** ISO 8601; not before. */
  readonly from: string | undefined;
  /** ISO 8601; before. */
  readonly to: string | undefined;
  readonly types: readonly string[] | undefined;
}

/** Where an event stands in the log. */
export interface LogPlace {
  readonly at: string;
  readonly id: string;
}

/** A part of the log: what was found in it, and where it goes on. */
export interface ActivitySlice {
  readonly rows: readonly StoredActivity[];
  /** The place that all later slices are below; undefined when nothing is left. */
  readonly next: LogPlace | undefined;
}

/** Events that one statement reads at most, of which it keeps those of the types that are looked for. */
const SCANNED = 20_000;

const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const GREATEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const COLUMNS = `id, at, user_id as "user", type, agent, resource, resource_tags as "resourceTags",
  response_ms as "responseMs", host(ip) as ip, user_agent as "userAgent"`;

/**
 * Activity events, the newest first. However many there are, one call reads a bounded number: where a type is rare, it may
 * return fewer than asked for, and says where to go on.
 * @param before the place that all events are below; undefined for the newest
 */
export async function readActivity(
  db: Database,
  org: OrgId,
  { users, from, to, types }: ActivityFilter,
  before: LogPlace | undefined,
  limit: number,
): Promise<ActivitySlice> {
  const values: unknown[] = [org];
  const bind = (value: unknown) => `$${values.push(value)}`;
  // An exclusive bound: the end of the span, or the place, whichever is earlier.
  const isBounded = to !== undefined && (before === undefined || to <= before.at);
  const end = isBounded ? { at: to, id: LEAST_ID } : (before ?? { at: 'infinity', id: GREATEST_ID });
  const [first, last, id] = [bind(from ?? '-infinity'), bind(end.at), bind(end.id)];
  const most =
    types === undefined
      ? limit + 1
      : Math.max(limit + 1, Math.floor(SCANNED / Math.max(1, users?.length ?? 1)));
  // The time apart chooses the months. Of a user it is compared together with the user, which only their own index can
  // do: a planner that expects many events of them would walk those of everybody.
  const scans =
    users === undefined
      ? `select null::uuid as scan, s.* from (select a.* from activity_events a where a.org_id = $1
          and a.at >= ${first}::timestamptz and a.at <= ${last}::timestamptz
          and (a.at, a.id) < (${last}::timestamptz, ${id}::uuid) order by a.at desc, a.id desc limit ${most}) s`
      : `select u as scan, s.* from unnest(${bind(users)}::uuid[]) as u cross join lateral (
          select a.* from activity_events a where a.org_id = $1
            and (a.user_id, a.at, a.id) >= (u, ${first}::timestamptz, '${LEAST_ID}'::uuid)
            and (a.user_id, a.at, a.id) < (u, ${last}::timestamptz, ${id}::uuid)
          order by a.user_id desc, a.at desc, a.id desc limit ${most}) s`;
  const wanted = types === undefined ? 'true' : `s.type = any(${bind(types)}::text[])`;
  // Where a scan was cut short, nothing below its last row is known yet.
  const text = `with scanned as materialized (${scans}),
    cut as (
      select at as cut_at, id as cut_id from (
        select distinct on (scan) at, id, count(*) over (partition by scan) as read
        from scanned order by scan, at, id
      ) last where read = ${most} order by at desc, id desc limit 1
    ),
    matching as (
      select s.* from scanned s left join cut on true
      where (cut.cut_at is null or (s.at, s.id) >= (cut.cut_at, cut.cut_id)) and ${wanted}
      order by s.at desc, s.id desc limit ${limit + 1}
    )
    select ${COLUMNS}, cut_at as "cutAt", cut_id as "cutId" from (select 1) one left join cut on true left join matching on true
    order by at desc, id desc`;
  type Scanned = StoredActivity & { readonly cutAt: string | null; readonly cutId: string | null };
  const found = await db.search<Scanned>(text, values);
  const [head] = found;
  const rows = found
    .filter(({ id }) => id !== null)
    .map(({ cutAt: _at, cutId: _id, ...row }) => row as StoredActivity);
  const page = rows.slice(0, limit);
  const lowest = page.at(-1);
  const floor = head?.cutAt == null || head.cutId === null ? undefined : { at: head.cutAt, id: head.cutId };
  return {
    rows: page,
    next: rows.length > limit && lowest !== undefined ? { at: lowest.at, id: lowest.id } : floor,
  };
}

const members: Statement = {
  name: 'activity-visible-users',
  text: `select $3::uuid as id union select user_id from group_members where org_id = $1 and group_id = any($2::uuid[])`,
};

/** The users of some groups, and one more. */
export async function findMembersAnd(
  db: Executor,
  org: OrgId,
  groups: readonly GroupId[],
  self: UserId,
): Promise<UserId[]> {
  return (await db.query<{ id: UserId }>(members, [org, groups, self])).map(({ id }) => id);
}
