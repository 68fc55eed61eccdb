import { createHmac } from 'node:crypto';
import { type Outbound, OutboundError, type OutboundMessage } from '../platform/http-client/http-client.ts';
import type { Attempt, Outgoing, OutgoingDelivery } from './outgoing.ts';
import { composeWebhookBody } from './rules/body.ts';

interface SendDependencies {
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

/**
 * Writes a delivery as Standard Webhooks 1.0 has it: `{type, timestamp, data}` with ids and no names, signed for the
 * time at which it is sent.
 *
 * @param keys the newest first
 */
export function composeMessage(
  delivery: OutgoingDelivery,
  keys: readonly Buffer[],
  now: Date,
): OutboundMessage {
  const timestamp = Math.floor(now.getTime() / 1_000);
  const body = composeWebhookBody(delivery);
  return {
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'Rollcall-Webhooks/1.0',
      'webhook-id': delivery.eventId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signMessage(keys, delivery.eventId, timestamp, body),
    },
    body,
  };
}

/**
 * Signs a message as Standard Webhooks 1.0 defines: HMAC-SHA256 of `id.timestamp.body`, a signature for each key, so
 * that a receiver may have either key during a rotation.
 *
 * @param timestamp of the sending, in seconds
 * @returns the value of `webhook-signature`
 */
export function signMessage(keys: readonly Buffer[], id: string, timestamp: number, body: string): string {
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    .join(' ');
}
