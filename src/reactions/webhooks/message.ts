import type { OutgoingDelivery } from '../../directory/webhooks/outgoing.ts';
import type { OutboundMessage } from '../../platform/outbound.ts';
import { signMessage } from './signature.ts';

/** What Standard Webhooks recommends not to go beyond. */
const MAX_BODY = 20_000;

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
  const body = composeBody(delivery);
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

function composeBody(delivery: OutgoingDelivery): string {
  const { type, action, event_id, event_at, actor, target_type, target_id, member_id, changes } = delivery;
  const data = {
    id: event_id,
    // What has another name than what happened says what happened.
    ...(type === action ? {} : { cause: action }),
    actor: { type: actor['type'], id: actor['id'], via: actor['via'] },
    target: { type: target_type, id: target_id },
    ...(member_id === null ? {} : { memberId: member_id }),
  };
  const write = (more: object): string =>
    JSON.stringify({ type, timestamp: event_at, data: { ...data, ...more } });
  const whole = write(changes === null ? {} : { changes });
  return Buffer.byteLength(whole) <= MAX_BODY ? whole : write({ changesOmitted: true });
}
