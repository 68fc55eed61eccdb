import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Subscription } from '../rules/subscriptions.ts';
import { DELIVERY_JOB, ONE_JOB_EACH } from './delivery-jobs.ts';

/** Of all organizations: each row names its organization, and later statements use that one. */
const enabled: Statement = {
  name: 'webhook-enabled',
  text: `select org_id, id, events, since, seen_to from webhooks where disabled_at is null order by org_id, id`,
};

export interface EnabledWebhook {
  readonly org_id: OrgId;
  readonly id: string;
  readonly events: string[];
  readonly since: string;
  readonly seen_to: string;
}

export function findEnabledWebhooks(db: Executor): Promise<EnabledWebhook[]> {
  return db.query<EnabledWebhook>(enabled, []);
}

/**
 * `$3` and `$4` are one time as an id and as itself: the first finds the rows in the primary key, the second leaves
 * whole months out. A webhook that was disabled or removed meanwhile gets nothing.
 */
const fanOut: Statement = {
  name: 'webhook-fan-out',
  text: `with hook as (
      select id, since from webhooks where org_id = $1 and id = $2 and disabled_at is null for no key update
    ), fresh as (
      select e.id, e.at, case when $5 or e.action = any($6::text[]) then e.action else $9 end as type
      from hook, events e
      where e.org_id = $1 and e.id >= $3 and e.at >= $4 and e.at > hook.since
        and ($5 or e.action = any($6::text[]) or e.action = any($7::text[])
          or (e.action = any($8::text[]) and e.changes -> 'values' ? 'role'))
        and not exists (
          select from webhook_deliveries d where d.org_id = $1 and d.webhook_id = $2 and d.event_id = e.id)
      order by e.id limit $10
    ), added as (
      insert into webhook_deliveries (org_id, webhook_id, event_id, type, event_at, state, due_at)
      select $1, $2, id, type, at, 'waiting', $11 from fresh
      on conflict (org_id, webhook_id, event_id) do nothing
    ), requested as (
      insert into jobs (id, org_id, kind, payload, subject_id, due_at, created_at, queued_at)
      select gen_random_uuid(), $1, '${DELIVERY_JOB}', jsonb_build_object('org', $1::uuid, 'webhook', $2::uuid), $2,
        $11, $11, $11
      where exists (select from fresh)
      ${ONE_JOB_EACH}
    )
    update webhooks w set seen_to = greatest(w.seen_to,
      case when count < $10 then $11 else last end)
    from hook, (select count(*) as count, max(at) as last from fresh) as seen
    where w.org_id = $1 and w.id = hook.id
    returning count, (select id from fresh order by id desc limit 1) as last_id`,
};

export interface FanOut {
  readonly subscription: Subscription;
  /** The name of what is derived. */
  readonly derivedType: string;
  /** ISO 8601, and the smallest id that an event of this time can have. */
  readonly from: string;
  readonly fromId: string;
  readonly limit: number;
  /** ISO 8601 */
  readonly now: string;
}

/** How many deliveries were made, and of which event the last one is. */
export interface FannedOut {
  readonly count: number;
  readonly last_id: string | null;
}

/** Makes deliveries of the events that a webhook has not got, the oldest first. */
export async function fanOutEvents(
  db: Executor,
  org: OrgId,
  webhook: string,
  { subscription, derivedType, from, fromId, limit, now }: FanOut,
): Promise<FannedOut> {
  const { everything, named, derived, derivedByRole } = subscription;
  const [row] = await db.query<FannedOut>(fanOut, [
    org,
    webhook,
    fromId,
    from,
    everything,
    named,
    derived,
    derivedByRole,
    derivedType,
    limit,
    now,
  ]);
  return row ?? { count: 0, last_id: null };
}
