import type { OrgId } from '../../directory/ids.ts';
import { isSettled } from '../../directory/organizations/store/demonstrations.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { AuditRecord } from './search.ts';

/**
 * The first position that may still get events: every transaction below it has ended, so what it wrote can be seen or
 * never will be. Transactions that only read have no id and hold nothing back (ADR 0031).
 */
const horizon = `(pg_snapshot_xmin(pg_current_snapshot())::text::bigint + (select xid_offset from event_feed))`;

/** An event as consumers of the feed get it. */
export interface FeedEvent extends Omit<AuditRecord, 'actorUserId' | 'actorKeyId' | 'reason' | 'sessionId'> {
  readonly feedPosition: number;
}

/** The cursor is locked until the transaction ends; if another one has locked it, no event is read. */
const read: Statement = {
  name: 'event-feed-read',
  text: `with held as materialized (
      select position, event_id from event_cursors where org_id = $1 and consumer = $2 for no key update skip locked
    )
    select e.* from held cross join lateral (
      select id, at, action, outcome, actor_type as "actorType", actor_id as "actorId", via, target_type as "targetType",
        target_id as "targetId", member_id as "memberId", changes, request_id as "requestId", host(ip) as ip,
        user_agent as "userAgent", feed_position as "feedPosition"
      from events
      where org_id = $1 and (feed_position, id) > (held.position, held.event_id) and feed_position < ${horizon}
      order by feed_position, id limit $3
    ) e`,
};

/** The next events of a consumer, in the order of the feed. @param tx a transaction, which has locked the cursor */
export function readFeed(tx: Executor, org: OrgId, consumer: string, limit: number): Promise<FeedEvent[]> {
  return tx.query<FeedEvent>(read, [org, consumer, limit]);
}

const advance: Statement = {
  name: 'event-feed-advance',
  text: 'update event_cursors set position = $3, event_id = $4 where org_id = $1 and consumer = $2',
};

/** Moves a cursor behind an event. */
export async function advanceCursor(
  tx: Executor,
  org: OrgId,
  consumer: string,
  { feedPosition, id }: FeedEvent,
): Promise<void> {
  await tx.query(advance, [org, consumer, feedPosition, id]);
}

const advanceForward: Statement = {
  name: 'event-feed-advance-forward',
  text: `update event_cursors set position = $3, event_id = $4
    where org_id = $1 and consumer = $2 and (position, event_id) < ($3::bigint, $4::uuid)`,
};

/** Moves a cursor behind an event, unless it is behind a later one. */
export async function advanceCursorForward(
  tx: Executor,
  org: OrgId,
  consumer: string,
  { feedPosition, id }: FeedEvent,
): Promise<void> {
  await tx.query(advanceForward, [org, consumer, feedPosition, id]);
}

const remove: Statement = {
  name: 'event-feed-remove-cursor',
  text: 'delete from event_cursors where org_id = $1 and consumer = $2',
};

/** Forgets a consumer. */
export async function removeCursor(tx: Executor, org: OrgId, consumer: string): Promise<void> {
  await tx.query(remove, [org, consumer]);
}

const waiting: Statement = {
  name: 'event-feed-count-waiting',
  text: `select count(*)::int as events, (array_agg(w.at order by w.feed_position, w.id))[1] as "oldestAt" from (
      select e.at, e.feed_position, e.id from event_cursors c
      cross join lateral (
        select x.at, x.feed_position, x.id from events x
        where x.org_id = $1 and (x.feed_position, x.id) > (c.position, c.event_id)
        order by x.feed_position, x.id limit $3
      ) e
      where c.org_id = $1 and c.consumer = $2
    ) w`,
};

/** How many events a consumer has not read yet, counted up to a limit, and when the first of them happened. */
export async function countWaiting(
  db: Executor,
  org: OrgId,
  consumer: string,
  limit: number,
): Promise<{ readonly events: number; readonly oldestAt: string | null }> {
  const [row] = await db.query<{ events: number; oldestAt: string | null }>(waiting, [org, consumer, limit]);
  return { events: row?.events ?? 0, oldestAt: row?.oldestAt ?? null };
}

const start: Statement = {
  name: 'event-feed-start',
  text: `insert into event_cursors (org_id, consumer, position, event_id)
    values ($1, $2, ${horizon}, '00000000-0000-0000-0000-000000000000')
    on conflict (org_id, consumer) do update set position = excluded.position, event_id = excluded.event_id`,
};

/** Lets a consumer begin, or begin again, with what is recorded from now on, and with what is being recorded. */
export async function startAtHorizon(tx: Executor, org: OrgId, consumer: string): Promise<void> {
  await tx.query(start, [org, consumer]);
}

const insertMissing: Statement = {
  name: 'event-feed-insert-cursor',
  text: `insert into event_cursors (org_id, consumer, position, event_id) values ($1, $2, 0, $3) on conflict do nothing`,
};

/** Gives a consumer that has no cursor one at the oldest position. @param fromId of an event of that position */
export async function insertMissingCursor(
  db: Executor,
  org: OrgId,
  consumer: string,
  fromId: string,
): Promise<void> {
  await db.query(insertMissing, [org, consumer, fromId]);
}

const nextPosition: Statement = {
  name: 'event-feed-next-position',
  text: `select pg_snapshot_xmax(pg_current_snapshot())::text::bigint + xid_offset as position from event_feed`,
};

/** The first position that no transaction has yet. */
export async function findHorizon(db: Executor): Promise<number> {
  return (await db.query<{ position: number }>(nextPosition, []))[0]?.position ?? 0;
}

const reached: Statement = {
  name: 'event-feed-reached',
  text: `select ${horizon} >= $1::bigint as reached`,
};

/** Whether all transactions below a position have ended. */
export async function isBeforeHorizon(db: Executor, position: number): Promise<boolean> {
  return (await db.query<{ reached: boolean }>(reached, [position]))[0]?.reached === true;
}

/** More than the ids that a cluster ever uses: at 10,000 transactions a second, what it reaches in 55 years. */
const STEP = 2 ** 44;

/**
 * Keeps new positions above old ones after a dump was restored to another cluster, which numbers its transactions from
 * the start. Run before anything is written. Does nothing on the cluster that wrote the events.
 * @returns whether the database came from another cluster
 */
export async function alignFeed(db: Database): Promise<boolean> {
  const current = `select from event_feed where cluster = (select system_identifier::text from pg_control_system())`;
  if ((await db.search(current, [])).length > 0) return false;
  await db.search(
    `do $$ declare next bigint; begin
      update event_feed set xid_offset = xid_offset + ${STEP}, cluster = system_identifier::text
        from pg_control_system() where cluster <> system_identifier::text returning xid_offset into next;
      if found then
        execute format('alter table events alter column feed_position set default (pg_current_xact_id()::text::bigint + %s)', next);
        execute format('alter table history alter column position set default (pg_current_xact_id()::text::bigint + %s)', next);
      end if;
    end $$`,
    [],
  );
  return true;
}

/**
 * The next event of the organization and behind the cursor, as a table to join: with its order and limit, an index finds it.
 * As a mere `exists`, Postgres expects it to be found anywhere and reads the events of all organizations.
 * @param org @param position @param event what its columns are compared with
 */
export const nextEvent = (org: string, position: string, event: string) => `lateral (
      select e.at from events e where e.org_id = ${org} and (e.feed_position, e.id) > (${position}, ${event})
      order by e.feed_position, e.id limit 1)`;

/** Organizations with events that a consumer may not have read yet. */
export async function findOrganizationsBehind(db: Database, consumer: string): Promise<OrgId[]> {
  const rows = await db.search<{ id: OrgId }>(
    `select o.id from organizations o
      left join event_cursors c on c.org_id = o.id and c.consumer = $1
      cross join ${nextEvent('o.id', 'coalesce(c.position, -1)', `coalesce(c.event_id, '00000000-0000-0000-0000-000000000000')`)} e
      where ${isSettled}`,
    [consumer],
  );
  return rows.map(({ id }) => id);
}
