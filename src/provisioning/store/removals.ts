import { eventName } from '../../audit/store/event-sql.ts';
import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';

/** Minutes since 1970, as the keys of `minutes`. */
const minuteOf = (at: Date): number => Math.floor(at.getTime() / 60_000);

const windowMinutes = `coalesce((select (r.settings ->> 'windowMinutes')::integer from alert_rules r
    where r.org_id = $1 and r.kind = 'mass_change'), 60)`;

/**
 * One row a connection, so that its removals are counted one after the other; what is older than the window goes with
 * the next one.
 */
const count: Statement = {
  name: 'connection-removal-count',
  text: `insert into connection_removals as c (org_id, connection_id, minutes)
    values ($1, $2, jsonb_build_object($3::text, 1))
    on conflict (org_id, connection_id) do update set minutes = (
        select coalesce(jsonb_object_agg(m.key, m.value), '{}') from jsonb_each(c.minutes) m
        where m.key::bigint > $3::bigint - ${windowMinutes}
      ) || jsonb_build_object($3::text, coalesce((c.minutes ->> $3::text)::integer, 0) + 1)
    returning (select sum(m.value::integer)::integer from jsonb_each_text(c.minutes) m) as removed,
      (select r.settings from alert_rules r where r.org_id = $1 and r.kind = 'mass_change') as settings`,
};

/**
 * Counts a removal, in the transaction of just that.
 * @returns how many there were within the window, and what the organization has stored of the rule
 */
export async function countRemoval(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  at: Date,
): Promise<{ readonly removed: number; readonly settings: unknown }> {
  const values = [org, connection, String(minuteOf(at))];
  const [row] = await tx.query<{ removed: number; settings: unknown }>(count, values);
  return row ?? { removed: 0, settings: undefined };
}

const provisioned: Statement = {
  name: 'connection-provisioned-at-most',
  text: `select count(*)::integer as users from (
      select from user_links where org_id = $1 and connection_id = $2 limit $3
    ) as linked`,
};

/** How many users a connection provisions, counted no further than `most`. */
export async function countProvisioned(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  most: number,
): Promise<number> {
  return (await tx.query<{ users: number }>(provisioned, [org, connection, most]))[0]?.users ?? 0;
}

const tell: Statement = {
  name: 'connection-removal-told',
  text: `insert into connection_removals as c (org_id, connection_id, minutes, told_at) values ($1, $2, '{}', $3)
    on conflict (org_id, connection_id) do update set told_at = excluded.told_at
    where c.told_at is null or c.told_at < $4 returning true as told`,
};

/** Notes that administrators are told of a held change. @returns false if they were since a time */
export async function markTold(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  at: string,
  since: string,
): Promise<boolean> {
  return (await tx.query(tell, [org, connection, at, since])).length > 0;
}

const wait: Statement = {
  name: 'erasure-wait',
  text: `insert into waiting_erasures (org_id, user_id, connection_id, deleted_at, due_at)
    values ($1, $2, $3, $4, $4::timestamptz + make_interval(mins => ${windowMinutes}))
    on conflict (org_id, user_id) do update set connection_id = excluded.connection_id,
      deleted_at = excluded.deleted_at, due_at = excluded.due_at`,
};

/** Has a hidden user erased once the window has passed in which it may turn out to be a mass change. */
export async function insertWaitingErasure(
  tx: Executor,
  org: OrgId,
  user: UserId,
  connection: ConnectionId,
  at: string,
): Promise<void> {
  await tx.query(wait, [org, user, connection, at]);
}

/** A user whose erasure is due. Times are ISO 8601. */
export interface WaitingErasure {
  readonly org: OrgId;
  readonly user: UserId;
  readonly connection: ConnectionId;
  readonly deletedAt: string;
}

const due: Statement = {
  name: 'erasures-due',
  text: `select org_id as org, user_id as user, connection_id as connection, deleted_at as "deletedAt"
    from waiting_erasures where due_at <= $1 order by due_at limit 200`,
  long: true,
};

/** Some of the erasures that are due, of any organization. @param now ISO 8601 */
export function findDueErasures(db: Executor, now: string): Promise<WaitingErasure[]> {
  return db.query<WaitingErasure>(due, [now]);
}

const forget: Statement = {
  name: 'erasure-forget',
  text: 'delete from waiting_erasures where org_id = $1 and user_id = $2',
};

/** Leaves a user hidden: the erasure does not wait any longer. */
export async function deleteWaitingErasure(tx: Executor, org: OrgId, user: UserId): Promise<void> {
  await tx.query(forget, [org, user]);
}

const removedSince: Statement = {
  name: 'connection-removed-since',
  text: `select count(distinct target_id)::integer as removed from events
    where org_id = $1 and actor_id = $2::uuid::text and id >= $3 and at >= $4 and at <= $5
      and action in (${eventName('user.deactivated')}, ${eventName('user.deleted')}, ${eventName('user.erased')})`,
};

/** How many users a connection took access from between two times. */
export async function countRemovedBetween(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  from: Date,
  to: Date,
): Promise<number> {
  const values = [
    org,
    connection,
    smallestUuidv7(from.getTime() - 1_000),
    from.toISOString(),
    to.toISOString(),
  ];
  return (await tx.query<{ removed: number }>(removedSince, values))[0]?.removed ?? 0;
}

const rule: Statement = {
  name: 'mass-change-rule',
  text: `select settings from alert_rules where org_id = $1 and kind = 'mass_change'`,
};

/** What an organization has stored of the rule; undefined for the defaults. */
export async function findMassChangeRule(tx: Executor, org: OrgId): Promise<unknown> {
  return (await tx.query<{ settings: unknown }>(rule, [org]))[0]?.settings;
}
