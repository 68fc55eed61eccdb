/** What Standard Webhooks recommends not to go beyond. */
const MAX_BODY = 20_000;

/** A delivery with its event. */
export interface DeliveredEvent {
  readonly eventId: string;
  readonly eventAt: string;
  readonly type: string;
  readonly action: string | null;
  readonly actorType: string;
  readonly actorId: string;
  readonly via: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly memberId: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
  readonly reason: string | null;
}

/** Writes the body of a delivery as Standard Webhooks 1.0 has it: `{type, timestamp, data}` with ids and no names. */
export function composeWebhookBody(delivery: DeliveredEvent): string {
  const { type, action, eventId, eventAt, targetType, targetId, memberId, reason } = delivery;
  const data = {
    id: eventId,
    // An event under a derived name names the original event.
    ...(type === action ? {} : { cause: action }),
    actor: { type: delivery.actorType, id: delivery.actorId, via: delivery.via },
    target: { type: targetType, id: targetId },
    ...(memberId === null ? {} : { memberId }),
  };
  const write = (more: object): string =>
    JSON.stringify({ type, timestamp: eventAt, data: { ...data, ...more } });
  const changes = { ...delivery.changes, ...(reason === null ? {} : { reason }) };
  const whole = write(Object.keys(changes).length === 0 ? {} : { changes });
  return Buffer.byteLength(whole) <= MAX_BODY ? whole : write({ changesOmitted: true });
}
