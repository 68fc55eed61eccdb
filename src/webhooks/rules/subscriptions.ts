import { EVENT_ACTIONS, type EventAction } from '../../audit/catalogue.ts';

/** Whatever happens. */
const EVERYTHING = '*';

/** Derived from other events: a user's permissions may have changed (docs/roles.md §6). */
const PERMISSIONS_CHANGED = 'permissions.changed';

/** What a webhook can ask for. */
export const WEBHOOK_EVENTS = [EVERYTHING, PERMISSIONS_CHANGED, ...EVENT_ACTIONS] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What changes anybody's permissions, whatever else it changes. */
const CHANGES_PERMISSIONS: ReadonlySet<EventAction> = new Set<EventAction>([
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
]);

/** What changes permissions if it touches a role. */
const CHANGES_PERMISSIONS_BY_ROLE: ReadonlySet<EventAction> = new Set<EventAction>(['group.updated']);

/** What decides under which name an event is sent. */
export interface HappenedEvent {
  readonly action: EventAction;
  readonly changes: { readonly values?: Readonly<Record<string, unknown>> } | null;
}

/**
 * Under which name a webhook gets an event: its own if that was asked for, else `permissions.changed` if it changes what
 * a user may do; undefined if the webhook does not get it.
 * @param wanted what the webhook asks for
 */
export function deliveredType(wanted: readonly string[]): (event: HappenedEvent) => string | undefined {
  const names = new Set(wanted);
  const everything = names.has(EVERYTHING);
  const derives = names.has(PERMISSIONS_CHANGED);
  return ({ action, changes }) => {
    if (everything || names.has(action)) return action;
    return derives && changesPermissions(action, changes) ? PERMISSIONS_CHANGED : undefined;
  };
}

const changesPermissions = (action: EventAction, changes: HappenedEvent['changes']): boolean =>
  CHANGES_PERMISSIONS.has(action) ||
  (CHANGES_PERMISSIONS_BY_ROLE.has(action) && changes?.values?.['role'] !== undefined);
