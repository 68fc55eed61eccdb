/** What Standard Webhooks recommends not to go beyond. */
const MAX_BODY = 20_000;

/** A delivery with its event. */
export interface DeliveredEvent {
  readonly event_id: string;
  readonly event_at: string;
  readonly type: string;
  readonly action: string | null;
  readonly actor: Readonly<Record<string, unknown>>;
  readonly target_type: string;
  readonly target_id: string;
  readonly member_id: string | null;
  readonly changes: unknown;
}

/** Writes the body of a delivery as Standard Webhooks 1.0 has it: `{type, timestamp, data}` with ids and no names. */
export function composeWebhookBody(delivery: DeliveredEvent): string {
  const { type, action, event_id, event_at, actor, target_type, target_id, member_id, changes } = delivery;
  const data = {
    id: event_id,
    // An event under a derived name names the original event.
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
