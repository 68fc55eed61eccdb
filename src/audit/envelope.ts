import { isIP } from 'node:net';
import type { Actor, Origin } from '../directory/actor.ts';

/** What every event of one command shares, ready to be bound. */
export interface EventEnvelope {
  /** UUIDv7 whose last 24 bits number the events of one command. */
  readonly idBase: string;
  readonly at: string;
  /** Type, id and interface; then the user whose API key acted, or the key with which a service account did. */
  readonly actor: readonly (string | null)[];
  /** The id of the request, the session, the IP address, the user agent, the country of the address. */
  readonly context: readonly (string | null)[];
}

/** Builds the envelope of a command's events. @param at ISO 8601 */
export function envelope(
  { actor, requestId, session, client }: Origin,
  id: string,
  at: string,
): EventEnvelope {
  return {
    idBase: id.slice(0, 30),
    at,
    actor: [actor.type, actor.id, actor.via, ...actorParties(actor)],
    context: [
      requestId,
      session ?? null,
      addressOf(client?.ip),
      client?.userAgent ?? null,
      client?.country ?? null,
    ],
  };
}

function actorParties(actor: Actor): readonly [user: string | null, key: string | null] {
  if (actor.type === 'api_key') return [actor.user, null];
  return [null, actor.type === 'service_account' ? actor.key : null];
}

/** An address that Postgres can read: behind a proxy that passes anything on, it may be any text. */
function addressOf(ip: string | undefined): string | null {
  const [address = ''] = (ip ?? '').split('%');
  return isIP(address) === 0 ? null : address;
}

/** The id of the nth event of a command, as the statements compute it. */
export function eventId(idBase: string, ordinal: number): string {
  return idBase + ordinal.toString(16).padStart(6, '0');
}
