import type { Database } from '../../platform/db.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import type { OrgId } from '../ids.ts';
import { PERMISSIONS_CHANGED, subscriptionOf } from '../rules/webhook-subscriptions.ts';
import {
  type EnabledWebhook,
  fanOutEvents,
  findEnabledWebhook,
  findEnabledWebhooks,
} from '../store/webhook-fan-out.ts';

/**
 * Events become visible when their commands commit, which is not the order of their times: a command has its time
 * before its statements, and each of those may take 15 seconds. So each look begins this much before the last one;
 * what was found before is not found again.
 */
const OVERLAP_MS = 120_000;
/** How many deliveries one statement makes. */
const BATCH = 1_000;
/** Statements for one webhook before another gets its turn. */
const BATCHES = 10;

/**
 * Builds what makes deliveries of events, apart from the commands, so that no change waits for a webhook. It goes on
 * until no event is left, or the signal is aborted.
 */
export function createFanOut({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): (signal: AbortSignal) => Promise<void> {
  const fanOutBatch = (webhook: EnabledWebhook): Promise<number> => {
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

  /** @returns whether events may be left */
  const fanOut = async (org: OrgId, id: string): Promise<boolean> => {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const webhook = await findEnabledWebhook(db, org, id);
      if (webhook === undefined || (await fanOutBatch(webhook)) < BATCH) return false;
    }
    return true;
  };

  return async (signal) => {
    let waiting = await findEnabledWebhooks(db);
    while (waiting.length > 0) {
      const left: EnabledWebhook[] = [];
      for (const webhook of waiting) {
        signal.throwIfAborted();
        if (await fanOut(webhook.org_id, webhook.id)) left.push(webhook);
      }
      waiting = left;
    }
  };
}
