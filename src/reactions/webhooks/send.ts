import type { Attempt, DueWebhook, Outgoing, OutgoingDelivery } from '../../directory/webhooks/outgoing.ts';
import type { Outbound } from '../../platform/outbound.ts';
import { signedMessage } from './message.ts';

/** Webhooks that are served side by side; those that fail have fewer places, so that they hold nobody up. */
const PLACES = { healthy: 8, failing: 2 } as const;
/** Deliveries of one webhook in a turn, one after another: its events arrive in their order while all goes well. */
const TURN = 20;

export interface SenderDependencies {
  readonly outgoing: Outgoing;
  readonly outbound: Outbound;
  readonly now: () => Date;
}

/** Builds what sends the deliveries that are due; it ends when none is. */
export function createWebhookSender({ outgoing, outbound, now }: SenderDependencies): () => Promise<void> {
  const attempt = async (delivery: OutgoingDelivery, keys: readonly Buffer[]): Promise<Attempt> => {
    // An event that is no longer kept has nothing to say.
    if (delivery.action === null) return { status: undefined, retryAfter: undefined, error: undefined };
    try {
      const { status, retryAfter } = await outbound.post(
        delivery.webhook.url,
        signedMessage(delivery, keys, now()),
      );
      const arrived = status >= 200 && status < 300;
      return { status, retryAfter, error: arrived ? undefined : `The receiver answered ${status}.` };
    } catch (error) {
      const sentence =
        error instanceof Error && error.name === 'OutboundError' ? error.message : 'It could not be sent.';
      return { status: undefined, retryAfter: undefined, error: sentence };
    }
  };

  const serve = async (webhook: DueWebhook): Promise<void> => {
    const keys = outgoing.keys(webhook);
    for (const delivery of await outgoing.claim(webhook, TURN)) {
      await outgoing.settle(delivery, await attempt(delivery, keys));
    }
  };

  return async () => {
    for (const failing of [false, true]) {
      const limit = failing ? PLACES.failing : PLACES.healthy;
      const served: string[] = [];
      for (;;) {
        const due = await outgoing.due({ failing, except: served, limit });
        if (due.length === 0) break;
        served.push(...due.map(({ id }) => id));
        await Promise.all(due.map(serve));
      }
    }
  };
}
