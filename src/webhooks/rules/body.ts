/** What Standard Webhooks recommends not to go beyond. */
const MAX_BODY = 20_000;

/** A delivery with its event. */
export interface DeliveredEvent {
  readonly event_id: string;
  readonly event_at: string;
  readonly type: string;
  readonly action: string | null;
  readonly actor_type: string;
  readonly actor_id: string;
  readonly via: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly member_id: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
  readonly reason: string | null;
}

/** Writes the body of a delivery as Standard Webhooks 1.0 has it: `{type, timestamp, data}` with ids and no names. */
export function composeWebhookBody(delivery: DeliveredEvent): string {
  const { type, action, event_id, event_at, target_type, target_id, member_id, reason } = delivery;
  const data = {
    id: event_id,
    // An event under a derived name names the original event.
    ...(type === action ? {} : { cause: action }),
    actor: { type: delivery.actor_type, id: delivery.actor_id, via: delivery.via },
    target: { type: target_type, id: target_id },
    ...(member_id === null ? {} : { memberId: member_id }),
  };
  const write = (more: object): string =>
    JSON.stringify({ type, timestamp: event_at, data: { ...data, ...more } });
  const changes = { ...delivery.changes, ...(reason === null ? {} : { reason }) };
  const whole = write(Object.keys(changes).length === 0 ? {} : { changes });
  return Buffer.byteLength(whole) <= MAX_BODY ? whole : write({ changesOmitted: true });
}
