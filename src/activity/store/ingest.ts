import type { OrgId, UserId } from '../../directory/ids.ts';
import { translateConstraints } from '../../directory/store/constraint-errors.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { DAY_MS, HOUR_MS } from '../../platform/time.ts';
import type { ActivityEvent } from '../activity-event.ts';
import { IDS_KEPT_DAYS } from './partitions.ts';

const users: Statement = {
  name: 'activity-users',
  text: `select 'id' as by, id::text as name, id from users where org_id = $1 and id = any($2::uuid[])
    union all
    select 'email', email_key, id from users where org_id = $1 and email_key = any($3::text[])`,
};

/**
 * The users that events name, by their id (also deleted ones) and by the key of their address.
 * @param emailKeys as `caseKey` makes them
 */
export async function findReportedUsers(
  db: Executor,
  org: OrgId,
  ids: readonly UserId[],
  emailKeys: readonly string[],
): Promise<{ readonly byId: ReadonlySet<string>; readonly byEmail: ReadonlyMap<string, UserId> }> {
  interface Row {
    readonly by: 'id' | 'email';
    readonly name: string;
    readonly id: UserId;
  }
  const rows = await db.query<Row>(users, [org, ids, emailKeys]);
  const byEmail = new Map(rows.flatMap(({ by, name, id }) => (by === 'email' ? [[name, id] as const] : [])));
  return { byId: new Set(rows.flatMap(({ by, id }) => (by === 'id' ? [id] : []))), byEmail };
}

const lock: Statement = {
  name: 'activity-lock',
  text: `select pg_advisory_xact_lock(hashtextextended($1::text || ' activity', 0))`,
};

const figures = `count(*), count(*) filter (where type = 'query'), coalesce(sum(response_ms), 0), count(response_ms)`;

/** Adds what is new to the figures of an hour or a day. Rows in the order of their key, as in every batch. */
const addTo = (table: string, key: string, columns: string, where = 'true') => `insert into ${table} as h
      (org_id, ${key}, events, queries, response_ms, responses)
    select $1, ${columns}, ${figures} from stored where ${where} group by ${columns} order by ${columns}
    on conflict (org_id, ${key}) do update set events = h.events + excluded.events,
      queries = h.queries + excluded.queries, response_ms = h.response_ms + excluded.response_ms,
      responses = h.responses + excluded.responses`;

const hour = `date_trunc('hour', at, 'UTC')`;

/**
 * Notes when users were last active (R3), at most once an hour each, since others change the same rows. A row that is locked
 * waits for the next batch. Users are updated by their ids, so that no plan reads all of them.
 */
const noteActive = `update users u
      set last_active_at = greatest(u.last_active_at, (select s.at from seen s where s.user_id = u.id))
      where u.org_id = $1 and u.id = any(array(
        select l.id from seen s cross join lateral (
          select id from users where org_id = $1 and id = s.user_id and deleted_at is null
            and coalesce(last_active_at, '-infinity') < s.at - interval '1 hour' limit 1
          for no key update skip locked
        ) l))`;

/**
 * The key of a partitioned table has the time in it, so that it recognizes an event that comes again with its time. With
 * another one it is recognized by its id, among those that came in the last days (ADR 0055).
 */
const insert: Statement = {
  name: 'activity-insert',
  text: `with sent as materialized (
      select distinct on (id) * from jsonb_to_recordset($2::jsonb) as e (id uuid, at timestamptz, "userId" uuid,
        type text, agent text, resource text, "resourceTags" text[], "responseMs" integer, ip inet, "userAgent" text)
      order by id
    ), fresh as (
      select s.* from sent s left join lateral (
        select true as known from activity_event_ids k
        where k.org_id = $1 and k.id = s.id and k.at >= $3 and k.at < $5 limit 1
      ) k on true where k.known is null
    ), stored as (
      insert into activity_events
        (org_id, id, at, user_id, type, agent, resource, resource_tags, response_ms, ip, user_agent)
      select $1, id, at, "userId", type, agent, resource, "resourceTags", "responseMs", ip, "userAgent" from fresh
      on conflict do nothing
      returning id, at, user_id, type, agent, resource, response_ms
    ), remembered as (
      insert into activity_event_ids (org_id, id, at) select $1, id, $4 from stored
    ), seen as (
      select user_id, least(max(at), $4::timestamptz) as at from stored group by user_id
    ), noted as (
      ${noteActive}
    ), by_user as (
      ${addTo('activity_user_hours', 'user_id, hour, agent', `user_id, ${hour}, coalesce(agent, '')`)}
    ), by_user_and_day as (
      ${addTo('activity_user_days', 'user_id, day', `user_id, (at at time zone 'UTC')::date`)}
    ), by_agent as (
      ${addTo('activity_agent_hours', 'hour, agent', `${hour}, coalesce(agent, '')`)}
    ), by_resource as (
      ${addTo('activity_resource_hours', 'hour, resource', `${hour}, resource`, 'resource is not null')}
    )
    select count(*)::integer as accepted from stored`,
};

/**
 * Stores events that are not there yet and adds them to the figures of their hours, in one statement. Batches of an
 * organization take turns, so that an id counts once whatever its time is, and rows of figures are no matter of deadlocks.
 * @param tx a transaction
 * @param now when they came
 * @returns how many were new
 * @throws DomainError `conflict` if a user was erased meanwhile
 */
export async function insertActivity(
  tx: Executor,
  org: OrgId,
  events: readonly ActivityEvent[],
  now: Date,
): Promise<number> {
  await tx.query(lock, [org]);
  const hence = (ms: number) => new Date(now.getTime() + ms).toISOString();
  // Clocks of other processes may be ahead.
  const values = [org, JSON.stringify(events), hence(-IDS_KEPT_DAYS * DAY_MS), hence(0), hence(HOUR_MS)];
  const [row] = await translateConstraints(tx.query<{ accepted: number }>(insert, values));
  return row?.accepted ?? 0;
}
