import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId } from '../ids.ts';
import type { DeliveryState } from './webhook-deliveries.ts';

/** What is due at `$1` and nobody works on; `d` is webhook_deliveries. */
const due = (now: string) => `d.state = 'waiting' and d.due_at <= ${now}
  and (d.leased_until is null or d.leased_until <= ${now}::timestamptz)`;

/**
 * Of all organizations, and one look into an index for each webhook, so that a long queue of one costs the others
 * nothing. Among those that fail, the one that was tried longest ago is first.
 */
const dueWebhooks: Statement = {
  name: 'webhook-due',
  text: `select w.org_id, w.id, w.url, w.sealed_secret,
      case when w.previous_until > $1::timestamptz then w.sealed_previous end as sealed_previous
    from webhooks w cross join lateral (
      select d.due_at from webhook_deliveries d
      where d.org_id = w.org_id and d.webhook_id = w.id and ${due('$1')}
      order by d.due_at limit 1
    ) as first
    where w.disabled_at is null and (w.failed_at is not null) = $2 and not w.id = any($3::uuid[])
    order by w.failed_at nulls first, first.due_at limit $4`,
};

export interface DueWebhook {
  readonly org_id: OrgId;
  readonly id: string;
  readonly url: string;
  readonly sealed_secret: string;
  /** Null unless it still signs along. */
  readonly sealed_previous: string | null;
}

export interface DueFilter {
  /** Those whose last attempt failed, or the others. */
  readonly failing: boolean;
  readonly except: readonly string[];
  readonly limit: number;
}

/** Webhooks for which something is due. @param now ISO 8601 */
export function findDueWebhooks(
  db: Executor,
  { failing, except, limit }: DueFilter,
  now: string,
): Promise<DueWebhook[]> {
  return db.query<DueWebhook>(dueWebhooks, [now, failing, except, limit]);
}

const claim: Statement = {
  name: 'webhook-delivery-claim',
  text: `with chosen as (
      select d.event_id from webhook_deliveries d
      where d.org_id = $1 and d.webhook_id = $2 and ${due('$3')}
      order by d.due_at, d.event_id limit $5 for update skip locked
    ), claimed as (
      update webhook_deliveries d set leased_until = $4, attempts = d.attempts + 1, attempted_at = $3
      from chosen where d.org_id = $1 and d.webhook_id = $2 and d.event_id = chosen.event_id
      returning d.event_id, d.event_at, d.type, d.attempts
    )
    select c.event_id, c.event_at, c.type, c.attempts, e.action, e.actor, e.target_type, e.target_id, e.member_id,
      e.changes
    from claimed c left join events e on e.org_id = $1 and e.id = c.event_id and e.at = c.event_at`,
};

/** A delivery that nobody else sends until the lease ends, with its event; `action` is null if that is gone. */
export interface ClaimedDelivery {
  readonly event_id: string;
  readonly event_at: string;
  readonly type: string;
  /** This one included. */
  readonly attempts: number;
  readonly action: string | null;
  readonly actor: Readonly<Record<string, unknown>>;
  readonly target_type: string;
  readonly target_id: string;
  readonly member_id: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
}

/** Claims deliveries of a webhook that are due, the oldest first. Times are ISO 8601. */
export function claimDeliveries(
  db: Executor,
  org: OrgId,
  webhook: string,
  { now, leasedUntil, limit }: { readonly now: string; readonly leasedUntil: string; readonly limit: number },
): Promise<ClaimedDelivery[]> {
  return db.query<ClaimedDelivery>(claim, [org, webhook, now, leasedUntil, limit]);
}

/** The lease tells whose delivery it is: who lost it, because it ran out, writes nothing. */
const settle: Statement = {
  name: 'webhook-delivery-settle',
  text: `with settled as (
      update webhook_deliveries set state = $5, due_at = coalesce($6, due_at), last_status = $7, last_error = $8,
        delivered_at = case when $5 = 'delivered' then $9 else delivered_at end, leased_until = null
      where org_id = $1 and webhook_id = $2 and event_id = $3 and leased_until = $4
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
  leasedUntil: string,
  { state, dueAt, status, error }: Settlement,
  now: string,
): Promise<void> {
  await db.query(settle, [
    org,
    webhook,
    event,
    leasedUntil,
    state,
    dueAt ?? null,
    status ?? null,
    error ?? null,
    now,
  ]);
}

const release: Statement = {
  name: 'webhook-delivery-release',
  text: `update webhook_deliveries set leased_until = null, attempts = attempts - 1
    where org_id = $1 and webhook_id = $2 and event_id = $3 and leased_until = $4`,
};

/** Gives a delivery back whose attempt was broken off by us. */
export async function releaseDelivery(
  db: Executor,
  org: OrgId,
  webhook: string,
  event: string,
  leasedUntil: string,
): Promise<void> {
  await db.query(release, [org, webhook, event, leasedUntil]);
}
