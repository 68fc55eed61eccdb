import type { Database } from '../../platform/db.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import { PERMISSIONS_CHANGED, subscriptionOf } from '../rules/webhook-subscriptions.ts';
import { type EnabledWebhook, fanOutEvents, findEnabledWebhooks } from '../store/webhook-fan-out.ts';

/**
 * Events become visible when their commands commit, which is not the order of their times: a command has its time
 * before its statements, and each of those may take 15 seconds. So each look begins this much before the last one;
 * what was found before is not found again.
 */
const OVERLAP_MS = 120_000;
/** How many deliveries one statement makes; what is left is for the next one. */
const BATCH = 1_000;

/** Builds what makes deliveries of events, apart from the commands, so that no change waits for a webhook. */
export function createFanOut({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): () => Promise<void> {
  const fanOut = (webhook: EnabledWebhook): Promise<number> => {
    const from = Math.max(Date.parse(webhook.since), Date.parse(webhook.seen_to) - OVERLAP_MS);
    const intent = {
      subscription: subscriptionOf(webhook.events),
      derivedType: PERMISSIONS_CHANGED,
      from: new Date(from).toISOString(),
      fromId: smallestUuidv7(from),
      limit: BATCH,
      now: now().toISOString(),
    };
    // On a connection of its own: a long look must not hold up what is pipelined behind it (ADR 0007).
    return db.transaction(webhook.org_id, (tx) => fanOutEvents(tx, webhook.org_id, webhook.id, intent));
  };

  return async () => {
    for (const webhook of await findEnabledWebhooks(db)) await fanOut(webhook);
  };
}
