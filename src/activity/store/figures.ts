import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Figures, TopKind } from '../activity-event.ts';
import { splitByDay } from '../rules/whole-days.ts';

const SUMS = `sum(h.events)::bigint as events, sum(h.queries)::bigint as queries,
    sum(h.response_ms)::bigint as "responseMs", sum(h.responses)::bigint as responses`;

/** Figures of an agent; '' stands for events that name none. */
export interface AgentFigures extends Figures {
  readonly agent: string;
}

/**
 * Whole hours from the figures, and the part of the hour in which the window begins from the user's events of that hour:
 * the window is exact, and no more than an hour of events is read. Times are compared together with the user, which
 * only the index by user can do: a planner without statistics takes that by time for as good, which has everybody in it.
 * The user is compared alone too: of a comparison of rows a planner with statistics looks at the first column only, and
 * so expects the events of all users before or behind this one, for which it would read whole months.
 */
const ofUser: Statement = {
  name: 'activity-of-user',
  text: `select agent, ${SUMS} from (
      select agent, events, queries, response_ms, responses from activity_user_hours
      where org_id = $1 and user_id = $2
        and (user_id, hour) >= ($2, $3::timestamptz) and (user_id, hour) <= ($2, $4::timestamptz)
      union all
      select coalesce(agent, ''), 1, (type = 'query')::integer, coalesce(response_ms, 0), (response_ms is not null)::integer
      from activity_events
      where org_id = $1 and user_id = $2
        and (user_id, at) >= ($2, $3::timestamptz)
        and (user_id, at) < ($2, date_trunc('hour', $3::timestamptz, 'UTC') + interval '1 hour')
        and date_trunc('hour', $3::timestamptz, 'UTC') < $3
    ) h group by agent order by agent`,
};

const failuresOfUser: Statement = {
  name: 'activity-failures-of-user',
  text: `select count(*)::integer as failures from sign_in_attempts
    where org_id = $1 and user_id = $2 and at >= $3 and outcome not in ('signed_in', 'signed_out')`,
};

/** What a user did in a window of time, by agent. @param from ISO 8601 @param to ISO 8601 */
export function sumOfUser(
  db: Executor,
  org: OrgId,
  user: UserId,
  from: string,
  to: string,
): Promise<AgentFigures[]> {
  return db.query<AgentFigures>(ofUser, [org, user, from, to]);
}

/** How often a sign-in of a user failed since then. */
export async function countFailedSignIns(
  db: Executor,
  org: OrgId,
  user: UserId,
  from: string,
): Promise<number> {
  return (await db.query<{ failures: number }>(failuresOfUser, [org, user, from]))[0]?.failures ?? 0;
}

/** A span of whole hours, and whose: undefined for the whole organization. */
export interface HourSpan {
  /** ISO 8601; the hour of this time is the first. */
  readonly from: string;
  /** ISO 8601; before. */
  readonly to: string;
  readonly users: readonly UserId[] | undefined;
}

export interface HourFigures extends Figures {
  /** When the hour begins; ISO 8601. */
  readonly hour: string;
}

/** Figures hour by hour, the oldest first; hours without events are left out. */
export function sumByHour(db: Database, org: OrgId, span: HourSpan): Promise<HourFigures[]> {
  return sums<HourFigures>(db, org, span, 'agent', 'h.hour', 'h.hour', 'order by h.hour');
}

export interface TopFigures extends Figures {
  /** An agent, a resource or the id of a user. */
  readonly key: string;
}

/** What had the most events, at the top. Resources are counted for the whole organization only. */
export async function findTop(
  db: Database,
  org: OrgId,
  kind: TopKind,
  span: HourSpan,
  limit: number,
): Promise<TopFigures[]> {
  if (kind === 'user') return findTopUsers(db, org, span, limit);
  const key = `h.${kind}`;
  const order = `order by sum(h.events) desc, ${key} limit ${limit}`;
  return sums<TopFigures>(db, org, span, kind, `${key} as key`, key, order);
}

const daysSince: Statement = {
  name: 'activity-user-days-since',
  text: `select day::timestamp at time zone 'UTC' as since from activity_user_days_since`,
};

/** Whole days from the figures of days, and what is before and behind them from those of hours (ADR 0056). */
async function findTopUsers(
  db: Database,
  org: OrgId,
  { from, to, users }: HourSpan,
  limit: number,
): Promise<TopFigures[]> {
  const [known] = await db.query<{ since: string }>(daysSince, []);
  const { before, days, after } = splitByDay(from, to, known?.since ?? to);
  const some = users === undefined ? '' : 'and user_id = any($6::uuid[])';
  const figures = 'user_id, events, queries, response_ms, responses';
  const hours = (first: string, end: string) => `select ${figures} from activity_user_hours
      where org_id = $1 and hour >= ${first}::timestamptz and hour < ${end}::timestamptz ${some}`;
  return db.search<TopFigures>(
    `select h.user_id as key, ${SUMS} from (
      ${hours(`date_trunc('hour', $2::timestamptz, 'UTC')`, '$3')}
      union all
      select ${figures} from activity_user_days
      where org_id = $1 and day >= ($3::timestamptz at time zone 'UTC')::date
        and day < ($4::timestamptz at time zone 'UTC')::date ${some}
      union all
      ${hours('$4', '$5')}
    ) h group by h.user_id order by sum(h.events) desc, h.user_id limit ${limit}`,
    [org, before, days, after, to, ...(users === undefined ? [] : [users])],
  );
}

function sums<Row extends object>(
  db: Database,
  org: OrgId,
  { from, to, users }: HourSpan,
  kind: Exclude<TopKind, 'user'>,
  column: string,
  group: string,
  order: string,
): Promise<Row[]> {
  const table = users !== undefined ? 'user' : kind;
  const values: unknown[] = [org, from, to, ...(users === undefined ? [] : [users])];
  const named = kind === 'agent' && group !== 'h.hour' ? ` and h.agent <> ''` : '';
  return db.search<Row>(
    `select ${column}, ${SUMS} from activity_${table}_hours h
      where h.org_id = $1 and h.hour >= date_trunc('hour', $2::timestamptz, 'UTC') and h.hour < $3::timestamptz
        ${users === undefined ? '' : 'and h.user_id = any($4::uuid[])'}${named}
      group by ${group} ${order}`,
    values,
  );
}

const busy: Statement = {
  name: 'activity-busy-users',
  text: `select user_id as "user", sum(queries)::integer as queries from activity_user_hours
    where org_id = $1 and hour = $2 group by user_id having sum(queries) >= $3`,
};

/** Users who asked so much in an hour. @param hour when it begins; ISO 8601 */
export function findBusyUsers(
  db: Executor,
  org: OrgId,
  hour: string,
  atLeast: number,
): Promise<{ readonly user: UserId; readonly queries: number }[]> {
  return db.query(busy, [org, hour, atLeast]);
}

const queriesOfUser: Statement = {
  name: 'activity-queries-of-user',
  text: `select hour, sum(queries)::integer as queries from activity_user_hours
    where org_id = $1 and user_id = $2 and (user_id, hour) >= ($2, $3::timestamptz)
      and (user_id, hour) < ($2, $4::timestamptz) group by hour`,
};

/** Queries of a user in the hours of a span that had some. @param from ISO 8601 @param to ISO 8601 */
export async function findQueriesByHour(
  db: Executor,
  org: OrgId,
  user: UserId,
  from: string,
  to: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ hour: string; queries: number }>(queriesOfUser, [org, user, from, to]);
  return new Map(rows.map(({ hour, queries }) => [hour, queries]));
}
