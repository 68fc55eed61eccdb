import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { DeliveredEvent } from '../rules/body.ts';
import { requestDeliveryJob } from './delivery-jobs.ts';

/** The state of a delivery: it waits for its first or next attempt, succeeded, or was given up. */
export type DeliveryState = 'waiting' | 'delivered' | 'failed';

const columns = `event_id as "eventId", type, event_at as "eventAt", state, attempts, attempted_at as "attemptedAt",
  delivered_at as "deliveredAt", last_status as "lastStatus", last_error as "lastError",
  case when state = 'waiting' then due_at end as "dueAt"`;

/** A line of the delivery log. */
export interface Delivery {
  readonly eventId: string;
  readonly type: string;
  readonly eventAt: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly attemptedAt: string | null;
  readonly deliveredAt: string | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly dueAt: string | null;
}

const insert: Statement = {
  name: 'webhook-delivery-insert',
  text: `insert into webhook_deliveries (org_id, webhook_id, event_id, type, event_at, state, due_at)
    values ($1, $2, $3, $4, $5, 'waiting', $5)`,
};

/** Makes an event due for a webhook, whether it asked for such events or not. */
export async function insertDelivery(
  tx: Executor,
  org: OrgId,
  webhook: string,
  event: { readonly id: string; readonly type: string },
  at: string,
): Promise<void> {
  await tx.query(insert, [org, webhook, event.id, event.type, at]);
  await requestDeliveryJob(tx, org, webhook, at);
}

export interface DeliveryPage extends IdPage {
  readonly state: DeliveryState | undefined;
}

/** Deliveries of a webhook, those of the newest events first. */
export function listDeliveries(
  db: Database,
  org: OrgId,
  webhook: string,
  page: DeliveryPage,
): Promise<Delivery[]> {
  const query = builder('webhook_deliveries').select(builder.raw(columns)).whereRaw('org_id = $1');
  query.where('webhook_id', webhook);
  if (page.state !== undefined) query.where('state', page.state);
  return runQuery<Delivery>(db, [org], pageById(query, 'event_id', 'desc', page));
}

/** What a delivery says of its event; `e` is events. */
export const eventColumns = `e.action, e.actor_type as "actorType", e.actor_id as "actorId", e.via,
  e.target_type as "targetType", e.target_id as "targetId", e.member_id as "memberId", e.changes, e.reason`;

const byEvent: Statement = {
  name: 'webhook-delivery-by-event',
  text: `select ${columns}, ${eventColumns}
    from webhook_deliveries d left join events e on e.org_id = $1 and e.id = d.event_id and e.at = d.event_at
    where d.org_id = $1 and d.webhook_id = $2 and d.event_id = $3`,
};

/** A delivery with its event; `action` is null if that is gone. */
export interface DeliveryWithEvent extends Delivery, DeliveredEvent {}

export async function findDelivery(
  db: Executor,
  org: OrgId,
  webhook: string,
  event: string,
): Promise<DeliveryWithEvent | undefined> {
  return (await db.query<DeliveryWithEvent>(byEvent, [org, webhook, event]))[0];
}

const replay: Statement = {
  name: 'webhook-delivery-replay',
  text: `with found as (
      select exists (
          select from jobs j where j.subject_id = $2 and j.leased_by = d.sending_by and j.leased_until > now()
        ) as busy
      from webhook_deliveries d where d.org_id = $1 and d.webhook_id = $2 and d.event_id = $3 for update
    ), replayed as (
      update webhook_deliveries set state = 'waiting', attempts = 0, due_at = $4, sending_by = null
      where org_id = $1 and webhook_id = $2 and event_id = $3 and exists (select from found where busy is not true)
      returning ${columns}
    )
    select found.busy is true as busy, replayed.* from found left join replayed on true`,
};

/**
 * Makes a delivery due again, with all its attempts.
 * @returns `busy` while it is being sent; undefined if it does not exist
 */
export async function replayDelivery(
  tx: Executor,
  org: OrgId,
  webhook: string,
  event: string,
  at: string,
): Promise<Delivery | 'busy' | undefined> {
  const values = [org, webhook, event, at];
  const [row] = await tx.query<Delivery & { readonly busy: boolean }>(replay, values);
  if (row?.busy === true) return 'busy';
  if (row !== undefined) await requestDeliveryJob(tx, org, webhook, at);
  return row;
}
