import { createHmac } from 'node:crypto';
import type { OutgoingDelivery } from '../../directory/webhooks/outgoing.ts';
import type { OutboundMessage } from '../../platform/outbound.ts';

/** A payload stays below what Standard Webhooks 1.0 asks for; a change that would not is left out. */
const MAX_CHANGES = 16_000;

/**
 * The message of a delivery, signed at the moment it is sent (Standard Webhooks 1.0).
 * @param keys those that sign, the newest first
 */
export function signedMessage(
  delivery: OutgoingDelivery,
  keys: readonly Buffer[],
  now: Date,
): OutboundMessage {
  const body = JSON.stringify(payloadOf(delivery));
  const timestamp = Math.floor(now.getTime() / 1_000);
  const signed = `${delivery.event_id}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'Rollcall-Webhooks/1.0',
      'webhook-id': delivery.event_id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
    },
  };
}

/** Thin: ids, and what changed by name or value; whoever wants more asks the API. */
function payloadOf(delivery: OutgoingDelivery): object {
  const { type, event_id, event_at, action, actor, target_type, target_id, member_id, changes } = delivery;
  const small = changes !== null && JSON.stringify(changes).length <= MAX_CHANGES;
  return {
    type,
    timestamp: event_at,
    data: {
      id: event_id,
      action,
      actor,
      target: { type: target_type, id: target_id },
      ...(member_id === null ? {} : { memberId: member_id }),
      ...(small ? { changes } : {}),
    },
  };
}
