import type { CommandRunner } from '../directory/command-runner.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { truncate } from '../platform/truncate.ts';
import { nextAttempt } from './rules/retries.ts';
import { openWebhookKey } from './secrets.ts';
import { requestMissingDeliveryJobs } from './store/delivery-jobs.ts';
import {
  type BegunDelivery,
  beginDeliveries,
  type DueWebhook,
  findDueWebhook,
  findNextDelivery,
  type NextDelivery,
  releaseDelivery,
  type Settlement,
  settleDelivery,
} from './store/outgoing.ts';
import { disableWebhook } from './store/webhooks.ts';

export type { DueWebhook };

/** A delivery in the hands of who sends it; `action` is null if its event is no longer kept. */
export interface OutgoingDelivery extends BegunDelivery {
  readonly webhook: DueWebhook;
  /** Of the job that sends it. */
  readonly lease: string;
}

/** A receiver's answer, or why there is none. */
export interface Attempt {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** A sentence; undefined if the delivery succeeded. */
  readonly error: string | undefined;
}

export interface Outgoing {
  /** @returns undefined if the webhook is disabled or gone */
  find(org: OrgId, webhook: string): Promise<DueWebhook | undefined>;
  /** Begins to send what is due for a webhook. @param lease of the webhook's job, which alone sends its deliveries */
  begin(webhook: DueWebhook, lease: string, limit: number): Promise<OutgoingDelivery[]>;
  /** Has what waits without a job delivered. */
  requestMissing(): Promise<void>;
  /** When the next delivery is due; undefined if none waits. */
  next(webhook: DueWebhook): Promise<NextDelivery | undefined>;
  /** The keys that sign for a webhook, the newest first. @throws Error if the secret key is another now */
  keys(webhook: DueWebhook): Buffer[];
  /** Writes down what an attempt came to, and when the next one is due. */
  settle(delivery: OutgoingDelivery, attempt: Attempt): Promise<void>;
  /** Gives back a delivery whose attempt was broken off, which is no attempt. */
  release(delivery: OutgoingDelivery): Promise<void>;
}

const MAX_ERROR = 200;
/** The receiver wants nothing any more (Standard Webhooks 1.0). */
const GONE = 410;

export interface OutgoingDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
}

/** Builds the queue of deliveries as who sends them sees it. */
export function createOutgoing({ db, now, runner, seal }: OutgoingDependencies): Outgoing {
  const disable = ({ org, id }: DueWebhook): Promise<void> =>
    runner.withOrganization(
      org,
      { actor: { type: 'system', id: 'worker', via: 'schedule' }, requestId: 'webhooks' },
      async ({ tx, org, at, recordEvent }) => {
        if (!(await disableWebhook(tx, org, id, 'The receiver answered 410 Gone.', at))) return;
        recordEvent({ action: 'webhook.disabled', target: ['webhook', id] });
      },
    );

  return {
    find: (org, webhook) => findDueWebhook(db, org, webhook, now().toISOString()),

    begin: async (webhook, lease, limit) => {
      const begin = { now: now().toISOString(), lease, limit };
      const begun = await beginDeliveries(db, webhook.org, webhook.id, begin);
      return begun.map((delivery) => ({ ...delivery, webhook, lease }));
    },

    requestMissing: () => requestMissingDeliveryJobs(db, now().toISOString()),

    next: ({ org, id }) => findNextDelivery(db, org, id),

    keys: ({ id, sealedSecret, sealedPrevious }) =>
      [sealedSecret, ...(sealedPrevious === null ? [] : [sealedPrevious])].map((sealed) =>
        openWebhookKey(seal, id, sealed),
      ),

    settle: async ({ webhook, eventId, lease, attempts }, attempt) => {
      const time = now();
      if (attempt.status === GONE) await disable(webhook);
      const settlement = outcomeOf(attempt, attempts, time);
      await settleDelivery(db, webhook.org, webhook.id, eventId, lease, settlement, time.toISOString());
    },

    release: ({ webhook, eventId, lease }) => releaseDelivery(db, webhook.org, webhook.id, eventId, lease),
  };
}

function outcomeOf({ status, retryAfter, error }: Attempt, attempts: number, now: Date): Settlement {
  if (error === undefined) return { state: 'delivered', dueAt: undefined, status, error };
  const next = status === GONE ? undefined : nextAttempt(attempts, now, Math.random(), retryAfter);
  return {
    state: next === undefined ? 'failed' : 'waiting',
    dueAt: next?.toISOString(),
    status,
    error: truncate(error, MAX_ERROR),
  };
}
