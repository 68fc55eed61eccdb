import type { Role } from '../../users/user.ts';

/**
 * How far a permission reaches: `all` the organization, `group` the groups that one manages, `member` the groups
 * that one is in, `own` what one owns, `self` oneself.
 */
export type Scope = 'none' | 'self' | 'own' | 'member' | 'group' | 'all';

/** The columns of the table: the four roles, and the owner flag on top of the last. */
export type Rank = Role | 'owner';
export const RANKS = ['readonly', 'train', 'configure', 'admin', 'owner'] as const satisfies readonly Rank[];

const row = (...scopes: readonly [Scope, Scope, Scope, Scope, Scope]): Readonly<Record<Rank, Scope>> => ({
  readonly: scopes[0],
  train: scopes[1],
  configure: scopes[2],
  admin: scopes[3],
  owner: scopes[4],
});

/** Who may what (docs/roles.md §2): the one table, which the server enforces, the API serves and the console shows. */
export const PERMISSIONS = {
  'agents:use': row('all', 'all', 'all', 'all', 'all'),
  'responses:train': row('none', 'member', 'member', 'all', 'all'),
  'agents:create': row('none', 'none', 'all', 'all', 'all'),
  'agents:edit': row('none', 'none', 'own', 'all', 'all'),
  'data_sources:manage': row('none', 'none', 'own', 'all', 'all'),
  'users:manage': row('none', 'none', 'group', 'all', 'all'),
  'roles:assign': row('none', 'none', 'group', 'all', 'all'),
  'users:read': row('self', 'self', 'group', 'all', 'all'),
  'users:delete': row('none', 'none', 'none', 'all', 'all'),
  'users:export': row('self', 'self', 'self', 'all', 'all'),
  'analytics:view': row('self', 'self', 'group', 'all', 'all'),
  'activity:read': row('self', 'self', 'group', 'all', 'all'),
  'activity:report': row('none', 'none', 'none', 'all', 'all'),
  'groups:members': row('none', 'none', 'group', 'all', 'all'),
  'groups:manage': row('none', 'none', 'none', 'all', 'all'),
  'imports:run': row('none', 'none', 'none', 'all', 'all'),
  'api_keys:own': row('none', 'none', 'self', 'self', 'self'),
  'api_keys:manage': row('none', 'none', 'none', 'all', 'all'),
  'elevation:request': row('self', 'self', 'self', 'self', 'none'),
  'elevation:approve': row('none', 'none', 'none', 'all', 'all'),
  'reviews:decide': row('none', 'none', 'group', 'all', 'all'),
  'audit:read': row('none', 'none', 'none', 'all', 'all'),
  'audit:export': row('none', 'none', 'none', 'all', 'all'),
  'alerts:manage': row('none', 'none', 'none', 'all', 'all'),
  'sso:manage': row('none', 'none', 'none', 'all', 'all'),
  'scim:manage': row('none', 'none', 'none', 'all', 'all'),
  'webhooks:manage': row('none', 'none', 'none', 'all', 'all'),
  'settings:manage': row('none', 'none', 'none', 'all', 'all'),
  'organization:delete': row('none', 'none', 'none', 'none', 'all'),
  'billing:manage': row('none', 'none', 'none', 'none', 'all'),
  'owner:grant': row('none', 'none', 'none', 'none', 'all'),
} as const satisfies Record<string, Readonly<Record<Rank, Scope>>>;

export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

/** @returns undefined if there is no such permission */
export function parsePermission(text: string): Permission | undefined {
  return Object.hasOwn(PERMISSIONS, text) ? (text as Permission) : undefined;
}

/** How far a permission reaches for a user with this effective role. */
export function scopeFor(role: Role, owner: boolean, permission: Permission): Scope {
  return PERMISSIONS[permission][owner && role === 'admin' ? 'owner' : role];
}

const width: Readonly<Record<Scope, number>> = { none: 0, self: 1, own: 2, member: 3, group: 4, all: 5 };

/** @returns a negative number if `left` reaches less far than `right`, 0 if they are equal */
export function compareScopes(left: Scope, right: Scope): number {
  return width[left] - width[right];
}
