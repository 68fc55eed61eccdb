import { setTimeout as delay } from 'node:timers/promises';
import type { DueWebhook, Outgoing } from '../../directory/webhooks/outgoing.ts';
import type { JobHandler } from '../../jobs/queue.ts';
import type { Send } from './send.ts';

/** Its own worker runs it, because a receiver may take its time. */
export const WEBHOOK_DELIVERY_JOB = 'deliver_webhooks';
export const WEBHOOK_DELIVERY_SECONDS = 2;

/** How many webhooks are served at once, how many deliveries of each, and for how long new ones are begun. */
interface Desk {
  readonly failing: boolean;
  readonly webhooks: number;
  readonly deliveries: number;
  readonly forMs: number;
}

/**
 * Webhooks whose last attempt failed have a desk of their own: however many hang until their time is up, the others
 * are served. Both end before the lease of the job does, with what is then on its way.
 */
const DESKS: readonly Desk[] = [
  { failing: false, webhooks: 12, deliveries: 4, forMs: 40_000 },
  { failing: true, webhooks: 6, deliveries: 1, forMs: 25_000 },
];

/** How often a desk that waits for slow receivers looks for others. */
const LOOK_MS = 500;

export interface Delivering {
  readonly handler: JobHandler;
  /** Breaks off what is on its way and gives it back: it is sent again later. */
  stop(): void;
}

/** Builds the job that sends what is due. */
export function createDelivering(outgoing: Outgoing, send: Send): Delivering {
  const stopping = new AbortController();
  const { signal } = stopping;

  const serve = async (webhook: DueWebhook, deliveries: number): Promise<void> => {
    const claimed = await outgoing.claim(webhook, deliveries);
    await Promise.all(claimed.map((delivery) => send(delivery, signal)));
  };

  const open = async ({ failing, webhooks, deliveries, forMs }: Desk): Promise<void> => {
    const closesAt = performance.now() + forMs;
    const served = new Map<string, Promise<void>>();
    const errors: unknown[] = [];
    for (;;) {
      const accepts = performance.now() < closesAt && !signal.aborted && errors.length === 0;
      const limit = webhooks - served.size;
      if (accepts && limit > 0) {
        for (const webhook of await outgoing.due({ failing, except: [...served.keys()], limit })) {
          const serving = serve(webhook, deliveries)
            .catch((error: unknown) => void errors.push(error))
            .finally(() => served.delete(webhook.id));
          served.set(webhook.id, serving);
        }
      }
      if (served.size === 0) break;
      await Promise.race([...served.values(), delay(LOOK_MS, undefined, { ref: false })]);
    }
    if (errors.length > 0) throw errors[0];
  };

  return {
    handler: async () => {
      await Promise.all(DESKS.map(open));
    },
    stop: () => stopping.abort(),
  };
}
