import type { Database } from '../../platform/db.ts';
import type { Seal } from '../../platform/sealing.ts';
import type { Administer } from '../administer.ts';
import { nextAttempt } from '../rules/webhook-retries.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  type DueFilter,
  type DueWebhook,
  findDueWebhooks,
  releaseDelivery,
  type Settlement,
  settleDelivery,
} from '../store/webhook-outgoing.ts';
import { disableWebhook } from '../store/webhooks.ts';
import { openWebhookKey } from './secrets.ts';

export type { DueWebhook };

/** A delivery in the hands of who sends it; `action` is null if its event is no longer kept. */
export interface OutgoingDelivery extends ClaimedDelivery {
  readonly webhook: DueWebhook;
  /** ISO 8601: until then nobody else sends it. */
  readonly leasedUntil: string;
}

/** What a receiver said, or why it said nothing. */
export interface Attempt {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** A sentence; undefined if the delivery arrived. */
  readonly error: string | undefined;
}

export interface Outgoing {
  due(filter: DueFilter): Promise<DueWebhook[]>;
  /** Claims what is due for a webhook: nobody else sends it for a minute. */
  claim(webhook: DueWebhook, limit: number): Promise<OutgoingDelivery[]>;
  /** The keys that sign for a webhook, the newest first. @throws Error if the secret key is another now */
  keys(webhook: DueWebhook): Buffer[];
  /** Writes down what an attempt came to, and when the next one is due. */
  settle(delivery: OutgoingDelivery, attempt: Attempt): Promise<void>;
  /** Gives back a delivery whose attempt was broken off; it does not count. */
  release(delivery: OutgoingDelivery): Promise<void>;
}

/** Longer than a request may take, so that a delivery is sent twice only if its sender died. */
const LEASE_MS = 60_000;
const MAX_ERROR = 200;
/** The receiver wants nothing any more (Standard Webhooks 1.0). */
const GONE = 410;

export interface OutgoingDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
}

/** Builds the queue of deliveries as who sends them sees it. */
export function createOutgoing({ db, now, administer, seal }: OutgoingDependencies): Outgoing {
  const disable = ({ org_id, id }: DueWebhook): Promise<void> =>
    administer.on(
      org_id,
      { actor: { type: 'system', id: 'worker', via: 'schedule' }, requestId: 'webhooks' },
      async ({ tx, org, at, note }) => {
        if (!(await disableWebhook(tx, org, id, 'The receiver answered 410 Gone.', at))) return;
        note({ action: 'webhook.disabled', target: ['webhook', id] });
      },
    );

  return {
    due: (filter) => findDueWebhooks(db, filter, now().toISOString()),

    claim: async (webhook, limit) => {
      const time = now();
      const leasedUntil = new Date(time.getTime() + LEASE_MS).toISOString();
      const claim = { now: time.toISOString(), leasedUntil, limit };
      const claimed = await claimDeliveries(db, webhook.org_id, webhook.id, claim);
      return claimed.map((delivery) => ({ ...delivery, webhook, leasedUntil }));
    },

    keys: ({ id, sealed_secret, sealed_previous }) =>
      [sealed_secret, ...(sealed_previous === null ? [] : [sealed_previous])].map((sealed) =>
        openWebhookKey(seal, id, sealed),
      ),

    settle: async ({ webhook, event_id, leasedUntil, attempts }, attempt) => {
      const time = now();
      if (attempt.status === GONE) await disable(webhook);
      const settlement = outcomeOf(attempt, attempts, time);
      await settleDelivery(
        db,
        webhook.org_id,
        webhook.id,
        event_id,
        leasedUntil,
        settlement,
        time.toISOString(),
      );
    },

    release: ({ webhook, event_id, leasedUntil }) =>
      releaseDelivery(db, webhook.org_id, webhook.id, event_id, leasedUntil),
  };
}

function outcomeOf({ status, retryAfter, error }: Attempt, attempts: number, now: Date): Settlement {
  if (error === undefined) return { state: 'delivered', dueAt: undefined, status, error };
  const next = status === GONE ? undefined : nextAttempt(attempts, now, Math.random(), retryAfter);
  return {
    state: next === undefined ? 'failed' : 'waiting',
    dueAt: next?.toISOString(),
    status,
    error: error.slice(0, MAX_ERROR),
  };
}
