import type { OrgId } from '../../directory/ids.ts';
import { isReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { DELIVERY_JOB, ONE_JOB_EACH } from './delivery-jobs.ts';

/** Of all organizations: each line says whose it is, and whatever follows is asked for that one. */
const organizations: Statement = {
  name: 'webhook-organizations',
  text: `select w.org_id as org, min(w.since) as since,
      not exists (select from event_cursors c where c.org_id = w.org_id and c.consumer = 'webhooks') as unread
    from webhooks w where w.disabled_at is null and ${isReal('w.org_id')} group by w.org_id order by w.org_id`,
};

/** An organization that has a webhook which is enabled. */
export interface ListeningOrganization {
  readonly org: OrgId;
  /** When the first of them was added or enabled, ISO 8601. */
  readonly since: string;
  /** Whether no event was ever read for them. */
  readonly unread: boolean;
}

export function findListeningOrganizations(db: Executor): Promise<ListeningOrganization[]> {
  return db.query<ListeningOrganization>(organizations, []);
}

/** Held to the end of the transaction: a webhook that is disabled or removed meanwhile gets nothing after that. */
const enabled: Statement = {
  name: 'webhook-hold-enabled',
  text: `select id, events, since from webhooks where org_id = $1 and disabled_at is null order by id for no key update`,
};

export interface EnabledWebhook {
  readonly id: string;
  readonly events: string[];
  readonly since: string;
}

export function holdEnabledWebhooks(tx: Executor, org: OrgId): Promise<EnabledWebhook[]> {
  return tx.query<EnabledWebhook>(enabled, [org]);
}

const insert: Statement = {
  name: 'webhook-delivery-insert-many',
  text: `with added as (
      insert into webhook_deliveries (org_id, webhook_id, event_id, type, event_at, state, due_at)
      select $1, webhook, event, type, at, 'waiting', $6
      from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) as d (webhook, event, type, at)
      on conflict (org_id, webhook_id, event_id) do nothing
      returning webhook_id
    )
    insert into jobs (id, org_id, kind, payload, subject_id, due_at, created_at, queued_at)
    select gen_random_uuid(), $1, '${DELIVERY_JOB}', jsonb_build_object('org', $1::uuid, 'webhook', webhook_id),
      webhook_id, $6, $6, $6
    from (select distinct webhook_id from added order by webhook_id) as hooks
    ${ONE_JOB_EACH}`,
};

/** A delivery to be. */
export interface NewDelivery {
  readonly webhook: string;
  readonly event: string;
  /** The name under which the event is sent. */
  readonly type: string;
  /** Of the event, ISO 8601. */
  readonly at: string;
}

/** Makes deliveries, and has them sent. An event that a webhook has got already is left out. @param now ISO 8601 */
export async function insertDeliveries(
  tx: Executor,
  org: OrgId,
  deliveries: readonly NewDelivery[],
  now: string,
): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.query(insert, [
    org,
    deliveries.map(({ webhook }) => webhook),
    deliveries.map(({ event }) => event),
    deliveries.map(({ type }) => type),
    deliveries.map(({ at }) => at),
    now,
  ]);
}
