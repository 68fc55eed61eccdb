import type { Origin } from './actor.ts';

/** The closed catalogue of what can happen to the directory: `noun.verb_past`. */
export type EventAction =
  | 'organization.created'
  | 'connection.created'
  | 'scim.token_issued'
  | 'user.created'
  | 'user.updated'
  | 'user.adopted'
  | 'user.activated'
  | 'user.deactivated'
  | 'user.deleted'
  | 'group.created'
  | 'group.updated'
  | 'group.deleted'
  | 'group.member_added'
  | 'group.member_removed';

/**
 * What changed. Values only of what is not personal (`status`, `role`); of personal attributes the name is
 * kept and nothing else, since events outlive an erased person (ADR 0006).
 */
export interface EventChanges {
  readonly attributes?: readonly string[];
  readonly values?: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}

export interface DirectoryEvent {
  readonly action: EventAction;
  readonly changes?: EventChanges;
}

/** What every event of one command shares, ready to be bound. */
export interface EventEnvelope {
  /** UUIDv7 whose last 24 bits number the events of one command. */
  readonly idBase: string;
  readonly at: string;
  readonly actor: string;
  readonly context: string;
}

/** Builds the envelope of a command's events. @param at ISO 8601 */
export function envelope(origin: Origin, id: string, at: string): EventEnvelope {
  return {
    idBase: id.slice(0, 30),
    at,
    actor: JSON.stringify(origin.actor),
    context: JSON.stringify({ requestId: origin.requestId }),
  };
}

/** The id of the nth event of a command, as the statements compute it. */
export function eventId(idBase: string, ordinal: number): string {
  return idBase + ordinal.toString(16).padStart(6, '0');
}
