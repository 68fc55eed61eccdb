import type { Database } from '../platform/db/database.ts';
import { smallestUuidv7 } from '../platform/ids.ts';
import { PERMISSIONS_CHANGED, subscriptionOf } from './rules/subscriptions.ts';
import { type EnabledWebhook, type FannedOut, fanOutEvents, findEnabledWebhooks } from './store/fan-out.ts';

/**
 * Events become visible when their commands commit, which is not the order of their times: a command has its time
 * before its statements, and each of those may take 15 seconds. So each look begins this much before the last one;
 * what was found before is not found again.
 */
const OVERLAP_MS = 120_000;
/** How many deliveries one statement makes. */
const BATCH = 2_000;
/** Statements for one webhook before another gets its turn. */
const BATCHES = 5;

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
  /** @param after the last event of the batch before: those up to it were looked at */
  const fanOutBatch = (webhook: EnabledWebhook, after: string | null): Promise<FannedOut> => {
    const from = Math.max(Date.parse(webhook.since), Date.parse(webhook.seen_to) - OVERLAP_MS);
    const intent = {
      subscription: subscriptionOf(webhook.events),
      derivedType: PERMISSIONS_CHANGED,
      from: new Date(from).toISOString(),
      fromId: after ?? smallestUuidv7(from),
      limit: BATCH,
      now: now().toISOString(),
    };
    // On a connection of its own: a long look must not hold up what is pipelined behind it (ADR 0007).
    return db.transaction(webhook.org_id, (tx) => fanOutEvents(tx, webhook.org_id, webhook.id, intent));
  };

  /** @returns the last event of a webhook that has more; undefined if it has all */
  const fanOut = async (webhook: EnabledWebhook, after: string | null): Promise<string | undefined> => {
    let last = after;
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const made = await fanOutBatch(webhook, last);
      if (made.count < BATCH || made.last_id === null) return undefined;
      last = made.last_id;
    }
    return last ?? undefined;
  };

  return async (signal) => {
    let waiting = (await findEnabledWebhooks(db)).map((webhook) => ({
      webhook,
      after: null as string | null,
    }));
    while (waiting.length > 0) {
      const left: typeof waiting = [];
      for (const { webhook, after } of waiting) {
        signal.throwIfAborted();
        const last = await fanOut(webhook, after);
        if (last !== undefined) left.push({ webhook, after: last });
      }
      waiting = left;
    }
  };
}
