import { setTimeout as delay } from 'node:timers/promises';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import {
  advanceCursor,
  advanceCursorForward,
  type FeedEvent,
  findHorizon,
  insertMissingCursor,
  isBeforeHorizon,
  readFeed,
} from './store/feed.ts';

export {
  countWaiting as countWaitingEvents,
  removeCursor as endFeed,
  startAtHorizon as startFeed,
} from './store/feed.ts';
export type { FeedEvent };

/** Who reads all events of an organization, once each. */
export type FeedConsumer = 'webhooks' | 'seals' | 'alerts' | 'patterns' | `stream:${string}`;

/** How long `feedIsCurrent` waits: longer than a transaction of ours may take, on a server that others use as well. */
const SETTLE_MS = 45_000;
const POLL_MS = 20;

/**
 * Has a consumer handle its next events, in the order of the feed, and advances its cursor in the same transaction:
 * what `handle` writes in that transaction is written once for each event, whatever dies in between. Another worker that
 * handles the same consumer's events at the moment is not waited for. `handle` must be brief, since events that others
 * record meanwhile come after it (ADR 0031).
 * @returns how many events were handled; fewer than `limit` if no more are ready
 * @throws what `handle` throws; then the cursor stays
 */
export function consumeEvents(
  db: Database,
  org: OrgId,
  consumer: FeedConsumer,
  limit: number,
  handle: (tx: Executor, events: readonly FeedEvent[]) => Promise<void>,
): Promise<number> {
  return db.transaction(org, (tx) =>
    consumeEventsWithin(tx, org, consumer, limit, (events) => handle(tx, events)),
  );
}

/**
 * The same in a transaction of the caller's: for what has to take the organization's lock before the cursor is held.
 * @returns how many events were handled
 */
export async function consumeEventsWithin(
  tx: Executor,
  org: OrgId,
  consumer: FeedConsumer,
  limit: number,
  handle: (events: readonly FeedEvent[]) => Promise<void>,
): Promise<number> {
  const events = await readFeed(tx, org, consumer, limit);
  const last = events.at(-1);
  if (last === undefined) return 0;
  await handle(events);
  await advanceCursor(tx, org, consumer, last);
  return events.length;
}

/**
 * The next events of a consumer, whose cursor stays: for who cannot handle them in a transaction, such as one that sends
 * them over a network. Once they are handled, {@link confirmEvents} advances the cursor, so whatever dies in between,
 * every event is handled at least once.
 */
export const peekEvents = (
  db: Database,
  org: OrgId,
  consumer: FeedConsumer,
  limit: number,
): Promise<readonly FeedEvent[]> => db.transaction(org, (tx) => readFeed(tx, org, consumer, limit));

/** Advances a cursor behind the last of the events that were handled; never back, where another worker is further. */
export const confirmEvents = (
  tx: Executor,
  org: OrgId,
  consumer: FeedConsumer,
  last: FeedEvent,
): Promise<void> => advanceCursorForward(tx, org, consumer, last);

/** Lets a consumer begin at a time, unless it has begun: for who had none of a cursor. @param fromId a UUIDv7 of that time */
export const beginFeed = (db: Executor, org: OrgId, consumer: FeedConsumer, fromId: string): Promise<void> =>
  insertMissingCursor(db, org, consumer, fromId);

/** Waits until the feed has all that is committed at this moment, for at most 45 seconds or as long as is given. */
export async function feedIsCurrent(db: Executor, mostMs = SETTLE_MS): Promise<void> {
  const horizon = await findHorizon(db);
  for (const until = Date.now() + mostMs; Date.now() < until; await delay(POLL_MS)) {
    if (await isBeforeHorizon(db, horizon)) return;
  }
}

/** Batches for one organization before another gets its turn. */
const TURN = 5;

/**
 * Has a consumer handle the events of several organizations, some batches at a time, until none is left: no organization
 * waits for all of another's, nor for one whose events fail.
 * @param consumeBatch returns how many events it handled
 * @throws what the first organization that failed threw, once the others are done; the reason of `signal` once it is aborted
 */
export async function consumeInTurns(
  orgs: readonly OrgId[],
  batch: number,
  consumeBatch: (org: OrgId) => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  const left: OrgId[] = [];
  const consumeTurn = async (org: OrgId): Promise<void> => {
    for (let round = 0; round < TURN; round += 1) {
      signal.throwIfAborted();
      if ((await consumeBatch(org)) < batch) return;
    }
    left.push(org);
  };
  try {
    await attemptEach(orgs, consumeTurn, signal);
  } finally {
    if (left.length > 0 && !signal.aborted) await consumeInTurns(left, batch, consumeBatch, signal);
  }
}
