import type { Origin } from '../directory/actor.ts';

/** The closed catalogue of what can happen to the directory: `noun.verb_past`. */
export const EVENT_ACTIONS = [
  'organization.created',
  'settings.updated',
  'connection.created',
  'connection.updated',
  'scim.token_issued',
  'scim.token_rotated',
  'scim.token_revoked',
  'user.created',
  'user.updated',
  'user.adopted',
  'user.invited',
  'user.role_changed',
  'user.owner_granted',
  'user.owner_revoked',
  'user.activated',
  'user.deactivated',
  'user.offboarded',
  'user.email_change_requested',
  'user.email_change_cancelled',
  'user.email_changed',
  'user.locked',
  'user.unlocked',
  'user.deleted',
  'user.restored',
  'user.erased',
  'user.exported',
  'user.checklist_updated',
  'group.created',
  'group.updated',
  'group.deleted',
  'group.member_added',
  'group.member_removed',
  'group.member_changed',
  'group.grants_changed',
  'invitation.resent',
  'invitation.revoked',
  'invitation.accepted',
  'session.started',
  'session.ended',
  'auth.failed',
  'password.changed',
  'password.reset_requested',
  'second_factor.enabled',
  'second_factor.disabled',
  'api_key.created',
  'api_key.enabled',
  'api_key.disabled',
  'api_key.revoked',
  'service_account.created',
  'service_account.updated',
  'service_account.transferred',
  'service_account.deleted',
  'elevation.requested',
  'elevation.granted',
  'elevation.rejected',
  'elevation.cancelled',
  'elevation.revoked',
  'elevation.expired',
  'resource.created',
  'resource.updated',
  'resource.deleted',
  'resource.transferred',
  'job.retried',
  'job.discarded',
  'import.created',
  'import.confirmed',
  'import.finished',
  'import.discarded',
  'job_function.updated',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.secret_rotated',
  'webhook.disabled',
  'webhook.tested',
  'sso_connection.created',
  'sso_connection.updated',
  'sso_connection.tested',
  'sso_connection.activated',
  'sso_connection.switched_off',
  'sso_connection.deleted',
  'sso_certificate.added',
  'sso_certificate.removed',
  'sso_key.added',
  'sso_key.retired',
  'sso_metadata.staged',
  'sso_metadata.applied',
  'sso_domain.added',
  'sso_domain.verified',
  'sso_domain.updated',
  'sso_domain.removed',
  'identity.linked',
  'identity.unlinked',
  'identity.confirmation_requested',
] as const;

export type EventAction = (typeof EVENT_ACTIONS)[number];

/** What an event is about. */
export type TargetType =
  | 'organization'
  | 'connection'
  | 'scim_token'
  | 'user'
  | 'group'
  | 'invitation'
  | 'session'
  | 'api_key'
  | 'service_account'
  | 'elevation'
  | 'resource'
  | 'job'
  | 'import'
  | 'job_function'
  | 'webhook';

/** An event of a command that is several statements. */
export interface TargetedEvent extends DirectoryEvent {
  readonly target: readonly [type: TargetType, id: string];
  /** The other party: the member of a group. */
  readonly member?: string;
}

/**
 * What changed. Values only of what is not personal (`status`, `role`); of personal attributes the name is
 * kept and nothing else, since events outlive an erased user (ADR 0006).
 */
export interface EventChanges {
  readonly attributes?: readonly string[];
  readonly values?: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
  /** The reason, as the actor gave it. */
  readonly reason?: string;
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
