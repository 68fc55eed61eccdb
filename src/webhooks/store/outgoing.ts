import type { OrgId } from '../../directory/ids.ts';
import { isReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { DeliveredEvent } from '../rules/body.ts';
import { type DeliveryState, eventColumns } from './deliveries.ts';

const byId: Statement = {
  name: 'webhook-outgoing',
  text: `select org_id as org, id, url, sealed_secret as "sealedSecret",
      case when previous_until > $3::timestamptz then sealed_previous end as "sealedPrevious"
    from webhooks where org_id = $1 and id = $2 and disabled_at is null and ${isReal('org_id')}`,
};

export interface DueWebhook {
  readonly org: OrgId;
  readonly id: string;
  readonly url: string;
  readonly sealedSecret: string;
  /** Null unless it still signs along. */
  readonly sealedPrevious: string | null;
}

/** An enabled webhook. @param now ISO 8601 */
export async function findDueWebhook(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<DueWebhook | undefined> {
  return (await db.query<DueWebhook>(byId, [org, id, now]))[0];
}

const next: Statement = {
  name: 'webhook-delivery-next',
  text: `select w.failed_at is not null as failing, d.due_at as "dueAt"
    from webhooks w cross join lateral (
      select due_at from webhook_deliveries
      where org_id = w.org_id and webhook_id = w.id and state = 'waiting' order by due_at limit 1
    ) as d
    where w.org_id = $1 and w.id = $2 and w.disabled_at is null`,
};

/** When the next delivery of a webhook is due, and whether its last attempt failed. */
export interface NextDelivery {
  readonly failing: boolean;
  readonly dueAt: string;
}

/** @returns undefined if nothing waits or the webhook is disabled */
export async function findNextDelivery(
  db: Executor,
  org: OrgId,
  webhook: string,
): Promise<NextDelivery | undefined> {
  return (await db.query<NextDelivery>(next, [org, webhook]))[0];
}

/** Only the job of the webhook sends its deliveries: what another lease was sending is due again. */
const begin: Statement = {
  name: 'webhook-delivery-begin',
  text: `with chosen as (
      select d.event_id from webhook_deliveries d
      where d.org_id = $1 and d.webhook_id = $2 and d.state = 'waiting' and d.due_at <= $3
        and d.sending_by is distinct from $4
      order by d.due_at, d.event_id limit $5 for update
    ), begun as (
      update webhook_deliveries d set sending_by = $4, attempts = d.attempts + 1, attempted_at = $3
      from chosen where d.org_id = $1 and d.webhook_id = $2 and d.event_id = chosen.event_id
      returning d.event_id, d.event_at, d.type, d.attempts
    )
    select b.event_id as "eventId", b.event_at as "eventAt", b.type, b.attempts, ${eventColumns}
    from begun b left join events e on e.org_id = $1 and e.id = b.event_id and e.at = b.event_at`,
};

/** A delivery that is being sent, with its event; `action` is null if that is gone. */
export interface BegunDelivery extends DeliveredEvent {
  /** This one included. */
  readonly attempts: number;
}

/** Begins to send deliveries of a webhook that are due, the oldest first. Times are ISO 8601. */
export function beginDeliveries(
  db: Executor,
  org: OrgId,
  webhook: string,
  { now, lease, limit }: { readonly now: string; readonly lease: string; readonly limit: number },
): Promise<BegunDelivery[]> {
  return db.query<BegunDelivery>(begin, [org, webhook, now, lease, limit]);
}

/** A job that has lost its lease to another one writes nothing. */
const settle: Statement = {
  name: 'webhook-delivery-settle',
  text: `with settled as (
      update webhook_deliveries set state = $5, due_at = coalesce($6, due_at), last_status = $7, last_error = $8,
        delivered_at = case when $5 = 'delivered' then $9 else delivered_at end, sending_by = null
      where org_id = $1 and webhook_id = $2 and event_id = $3 and sending_by = $4
      returning state
    )
    update webhooks set failed_at = case when settled.state = 'delivered' then null else $9::timestamptz end
    from settled
    where org_id = $1 and id = $2 and (settled.state <> 'delivered' or failed_at is not null)`,
};

/** What an attempt came to. Times are ISO 8601. */
export interface Settlement {
  readonly state: DeliveryState;
  /** When to try again, of one that waits. */
  readonly dueAt: string | undefined;
  readonly status: number | undefined;
  readonly error: string | undefined;
}

export async function settleDelivery(
  db: Executor,
  org: OrgId,
  webhook: string,
  event: string,
  lease: string,
  { state, dueAt, status, error }: Settlement,
  now: string,
): Promise<void> {
  await db.query(settle, [
    org,
    webhook,
    event,
    lease,
    state,
    dueAt ?? null,
    status ?? null,
    error ?? null,
    now,
  ]);
}

const release: Statement = {
  name: 'webhook-delivery-release',
  text: `update webhook_deliveries set sending_by = null, attempts = attempts - 1
    where org_id = $1 and webhook_id = $2 and event_id = $3 and sending_by = $4`,
};

/** Gives a delivery back whose attempt was broken off by us. */
export async function releaseDelivery(
  db: Executor,
  org: OrgId,
  webhook: string,
  event: string,
  lease: string,
): Promise<void> {
  await db.query(release, [org, webhook, event, lease]);
}
