import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const deliveries: Statement = {
  name: 'demonstration-deliveries',
  text: `insert into webhook_deliveries (org_id, webhook_id, event_id, type, event_at, state, due_at, attempts,
      attempted_at, delivered_at, last_status, last_error)
    select $1, $2, id, action, at, case when fails then 'failed' else 'delivered' end, at,
      case when fails then 10 else 1 end, at + case when fails then interval '70 hours' else interval '2 seconds' end,
      case when not fails then at + interval '2 seconds' end, case when fails then 503 else 204 end,
      case when fails then 'The receiver answered 503.' end
    from (
      select id, action, at, row_number() over (order by at) % $4::int = 0 and at < $5::timestamptz as fails from events
      where org_id = $1 and action = any($3::text[]) and at > $6::timestamptz order by at desc limit 150
    ) as chosen
    on conflict do nothing`,
};

/**
 * Writes deliveries of events as a webhook would have had them: nothing is sent for a demonstration.
 * @param every of so many one has failed, if it was long enough ago for all attempts
 */
export async function insertDelivered(
  tx: Executor,
  org: OrgId,
  webhook: string,
  {
    actions,
    every,
    failedBefore,
    since,
  }: {
    readonly actions: readonly string[];
    readonly every: number;
    readonly failedBefore: string;
    readonly since: string;
  },
): Promise<void> {
  await tx.query(deliveries, [org, webhook, actions, every, failedBefore, since]);
}

const keys: Statement = {
  name: 'demonstration-keys-used',
  text: 'update api_keys set last_used_at = $2 where org_id = $1 and id = any($3::uuid[])',
};

/** Notes that keys were used: no request with them is sent. @param at ISO 8601 */
export async function noteKeysUsed(
  tx: Executor,
  org: OrgId,
  ids: readonly string[],
  at: string,
): Promise<void> {
  await tx.query(keys, [org, at, ids]);
}
