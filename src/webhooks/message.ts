import type { OutboundMessage } from '../platform/http-client/http-client.ts';
import type { OutgoingDelivery } from './outgoing.ts';
import { composeWebhookBody } from './rules/body.ts';
import { signMessage } from './signature.ts';

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
      'webhook-id': delivery.event_id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signMessage(keys, delivery.event_id, timestamp, body),
    },
    body,
  };
}
