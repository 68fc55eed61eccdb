import { beginFeed, consumeEvents, consumeInTurns, type FeedEvent } from '../audit/feed.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { smallestUuidv7 } from '../platform/ids.ts';
import { deliveredType } from './rules/subscriptions.ts';
import {
  findListeningOrganizations,
  holdEnabledWebhooks,
  insertDeliveries,
  type NewDelivery,
} from './store/fan-out.ts';

/** How many events one transaction takes. */
const BATCH = 2_000;

/**
 * Builds what makes deliveries of events, apart from the commands, so that no change waits for a webhook. It
 * continues until no event is left, or the signal is aborted.
 */
export function createFanOut({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): (signal: AbortSignal) => Promise<void> {
  const fanOutBatch = (org: OrgId): Promise<number> =>
    consumeEvents(db, org, 'webhooks', BATCH, async (tx, events) =>
      insertDeliveries(tx, org, await deliveriesOf(tx, org, events), now().toISOString()),
    );

  return async (signal) => {
    const listening = await findListeningOrganizations(db);
    for (const { org, since, unread } of listening) {
      if (unread) await beginFeed(db, org, 'webhooks', smallestUuidv7(Date.parse(since)));
    }
    await consumeInTurns(
      listening.map(({ org }) => org),
      BATCH,
      fanOutBatch,
      signal,
    );
  };
}

/** Which webhooks get which of some events, and under which name. */
async function deliveriesOf(
  tx: Executor,
  org: OrgId,
  events: readonly FeedEvent[],
): Promise<readonly NewDelivery[]> {
  const webhooks = await holdEnabledWebhooks(tx, org);
  return webhooks.flatMap(({ id: webhook, events: wanted, since }) => {
    const typeOf = deliveredType(wanted);
    return events.flatMap(({ id: event, at, action, changes }) => {
      const type = at > since ? typeOf({ action, changes }) : undefined;
      return type === undefined ? [] : [{ webhook, event, type, at }];
    });
  });
}
