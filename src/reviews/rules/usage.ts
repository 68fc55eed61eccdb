import { PERMISSION_NAMES, type Permission, scopeFor } from '../../directory/roles/rules/permissions.ts';
import type { Role } from '../../directory/users/user.ts';

/**
 * Which right an event of the audit trail shows in use: names of events, or their nouns. Rights that are not here leave no
 * trace (reading, asking agents), so nothing is said about them (R130).
 */
const SHOWN_BY: Readonly<Partial<Record<Permission, readonly string[]>>> = {
  'users:manage': [
    'user.created',
    'user.invited',
    'user.updated',
    'user.activated',
    'user.deactivated',
    'user.offboarded',
    'user.unlocked',
    'user.email_change_requested',
    'user.checklist_updated',
    'invitation.resent',
    'invitation.revoked',
  ],
  'roles:assign': ['user.role_changed'],
  'users:delete': ['user.deleted', 'user.erased', 'user.restored'],
  'groups:members': ['group.member_added', 'group.member_removed', 'group.member_changed'],
  'groups:manage': ['group.created', 'group.updated', 'group.deleted', 'group.grants_changed'],
  'imports:run': ['import.created', 'import.confirmed'],
  'api_keys:manage': ['service_account.'],
  'elevation:approve': ['elevation.granted', 'elevation.rejected'],
  'reviews:decide': ['review.'],
  'audit:export': ['audit.exported', 'activity.exported'],
  'alerts:manage': ['alert.decided', 'alert_rule.'],
  'sso:manage': [
    'sso_connection.',
    'sso_certificate.',
    'sso_key.',
    'sso_metadata.',
    'sso_domain.',
    'identity.',
  ],
  'scim:manage': ['connection.', 'scim.'],
  'webhooks:manage': ['webhook.'],
  'settings:manage': ['settings.updated', 'job_function.updated', 'job.'],
  'owner:grant': ['user.owner_granted', 'user.owner_revoked'],
};

/** The last event of its name that a user caused in the period. */
export interface CausedEvent {
  readonly action: string;
  readonly at: string;
}

/** What can be said about the use of a role's rights, by what the user did. */
export interface Usage {
  readonly used: readonly { readonly permission: Permission; readonly lastAt: string }[];
  readonly unused: readonly Permission[];
  readonly unknown: readonly Permission[];
}

/** The rights that a role has beyond those of everybody, by whether they were used. */
export function usageOf(role: Role, owner: boolean, events: readonly CausedEvent[]): Usage {
  const held = PERMISSION_NAMES.filter(
    (name) => scopeFor(role, owner, name) !== 'none' && scopeFor('readonly', false, name) === 'none',
  );
  const used: { permission: Permission; lastAt: string }[] = [];
  const unused: Permission[] = [];
  const unknown: Permission[] = [];
  for (const permission of held) {
    const shownBy = SHOWN_BY[permission];
    const last = shownBy === undefined ? undefined : lastOf(events, shownBy);
    if (shownBy === undefined) unknown.push(permission);
    else if (last === undefined) unused.push(permission);
    else used.push({ permission, lastAt: last });
  }
  return { used, unused, unknown };
}

function lastOf(events: readonly CausedEvent[], shownBy: readonly string[]): string | undefined {
  return events
    .filter(({ action }) =>
      shownBy.some((name) => (name.endsWith('.') ? action.startsWith(name) : action === name)),
    )
    .map(({ at }) => at)
    .sort()
    .at(-1);
}
