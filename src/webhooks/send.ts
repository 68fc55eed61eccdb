import { type Outbound, OutboundError } from '../platform/http-client/http-client.ts';
import { composeMessage } from './message.ts';
import type { Attempt, Outgoing, OutgoingDelivery } from './outgoing.ts';

export interface SendDependencies {
  readonly outgoing: Outgoing;
  readonly outbound: Outbound;
  readonly now: () => Date;
}

/** Sends one claimed delivery and writes down what came of it. */
export type Send = (delivery: OutgoingDelivery, signal: AbortSignal) => Promise<void>;

/** Builds what sends a delivery: only 2xx is success, a redirect is not followed (Standard Webhooks 1.0). */
export function createSend({ outgoing, outbound, now }: SendDependencies): Send {
  const attempt = async (delivery: OutgoingDelivery, signal: AbortSignal): Promise<Attempt> => {
    if (delivery.action === null) return failure('The event is no longer kept.');
    let keys: Buffer[];
    try {
      keys = outgoing.keys(delivery.webhook);
    } catch {
      return failure('The secret cannot be opened: rotate it.');
    }
    const answer = await outbound.post(delivery.webhook.url, composeMessage(delivery, keys, now()), signal);
    return { ...answer, error: complaint(answer.status) };
  };

  return async (delivery, signal) => {
    let result: Attempt;
    try {
      result = await attempt(delivery, signal);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      if (error.reason === 'stopped') return outgoing.release(delivery);
      result = failure(error.message);
    }
    await outgoing.settle(delivery, result);
  };
}

const failure = (error: string): Attempt => ({ status: undefined, retryAfter: undefined, error });

function complaint(status: number): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return `The receiver answered ${status}: redirects are not followed.`;
  return `The receiver answered ${status}.`;
}
