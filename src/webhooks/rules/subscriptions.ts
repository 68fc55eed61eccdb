import { EVENT_ACTIONS, type EventAction } from '../../audit/catalogue.ts';

/** Whatever happens. */
const EVERYTHING = '*';

/** Derived from other events: what somebody may do can be another thing now (docs/roles.md §6). */
export const PERMISSIONS_CHANGED = 'permissions.changed';

/** What a webhook can ask for. */
export const WEBHOOK_EVENTS = [EVERYTHING, PERMISSIONS_CHANGED, ...EVENT_ACTIONS] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What changes anybody's permissions, whatever else it changes. */
const CHANGES_PERMISSIONS: readonly EventAction[] = [
  'user.role_changed',
  'user.owner_granted',
  'user.owner_revoked',
  'user.activated',
  'user.deactivated',
  'user.locked',
  'user.unlocked',
  'user.deleted',
  'user.restored',
  'user.erased',
  'group.deleted',
  'group.member_added',
  'group.member_removed',
  'group.member_changed',
  'group.grants_changed',
  'elevation.granted',
  'elevation.revoked',
  'elevation.expired',
  'api_key.created',
  'api_key.enabled',
  'api_key.disabled',
  'api_key.revoked',
];

/** What changes permissions if it touches a role. */
const CHANGES_PERMISSIONS_BY_ROLE: readonly EventAction[] = ['group.updated'];

/** Which events a webhook gets, and under which name. */
export interface Subscription {
  /** All events, each under its own name. */
  readonly everything: boolean;
  /** Events that come under their own name. */
  readonly named: readonly string[];
  /** Events that come as `permissions.changed`, unless they come under their own name. */
  readonly derived: readonly string[];
  /** The same, if they changed a role. */
  readonly derivedByRole: readonly string[];
}

/** What a list of events comes to: an event reaches a webhook once, under its own name if that was asked for. */
export function subscriptionOf(events: readonly string[]): Subscription {
  const derives = events.includes(PERMISSIONS_CHANGED);
  return {
    everything: events.includes(EVERYTHING),
    named: events.filter((event) => event !== EVERYTHING && event !== PERMISSIONS_CHANGED),
    derived: derives ? CHANGES_PERMISSIONS : [],
    derivedByRole: derives ? CHANGES_PERMISSIONS_BY_ROLE : [],
  };
}
