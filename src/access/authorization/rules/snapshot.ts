import { createHash } from 'node:crypto';
import type { GroupGrant } from '../../../directory/groups/store/grants.ts';
import type { GroupId } from '../../../directory/ids.ts';
import { effectiveRole, type Rights, reach } from '../../../directory/roles/authority.ts';
import { PERMISSION_NAMES, type Permission, type Scope } from '../../../directory/roles/rules/permissions.ts';
import { type AccessTier, accessTier } from '../../../directory/roles/rules/roles.ts';
import type { Role } from '../../../directory/users/user.ts';

/** How long a consumer may keep what a user may do (R145). */
const SECONDS_KEPT = 300;

/** Where a role comes from. Times are ISO 8601. */
export type RoleSource =
  | { readonly kind: 'direct'; readonly role: Role }
  | {
      readonly kind: 'group';
      readonly role: Role;
      readonly id: GroupId;
      readonly name: string;
      /** Where the group has added the user by their address, and where that was asked for. */
      readonly autoAssignPattern?: string;
    }
  | { readonly kind: 'elevation'; readonly role: Role; readonly id: string; readonly expiresAt: string };

/** All that a user may do, and why, at one moment. */
export interface Snapshot {
  readonly effectiveRole: Role;
  readonly accessTier: AccessTier;
  readonly owner: boolean;
  /** Those that reach anything. */
  readonly permissions: readonly { readonly key: Permission; readonly scope: Scope }[];
  readonly grants: readonly GroupGrant[];
  readonly sources: readonly RoleSource[];
}

/** Where the roles of a user come from, each a part of max(…) (docs/roles.md §4). */
export function roleSources({ role, groupRoles, elevations }: Rights): RoleSource[] {
  const groups = groupRoles.flatMap(({ group, name, role: carried }): RoleSource[] =>
    carried === undefined ? [] : [{ kind: 'group', role: carried, id: group, name }],
  );
  const temporary = elevations.map(
    ({ id, role: given, expiresAt }): RoleSource => ({ kind: 'elevation', role: given, id, expiresAt }),
  );
  const byId = (left: RoleSource, right: RoleSource) =>
    'id' in left && 'id' in right && left.id < right.id ? -1 : 1;
  return [{ kind: 'direct', role }, ...groups.sort(byId), ...temporary.sort(byId)];
}

/**
 * Sums up what a user may do.
 * @param limit the scopes of a key, if it is a key that asks about its owner
 */
export function snapshotOf(
  rights: Rights,
  grants: readonly GroupGrant[],
  limit?: ReadonlySet<Permission>,
): Snapshot {
  const role = effectiveRole(rights);
  const permissions = PERMISSION_NAMES.flatMap((key) => {
    const scope = limit === undefined || limit.has(key) ? reach(rights, key) : 'none';
    return scope === 'none' ? [] : [{ key, scope }];
  });
  return {
    effectiveRole: role,
    accessTier: accessTier(role, rights.owner),
    owner: rights.owner,
    permissions,
    grants: rights.status === 'active' ? grants : [],
    sources: roleSources(rights),
  };
}

/** Returns which snapshot it is: the same content has the same version, so none is kept anywhere. */
export function snapshotVersion(snapshot: Snapshot): string {
  return createHash('sha256').update(JSON.stringify(snapshot)).digest('base64url');
}

/** Until when a snapshot may be kept: 5 minutes, and never longer than an elevation in it. @returns ISO 8601 */
export function validUntil({ elevations }: Rights, now: Date): string {
  const ends = elevations.map(({ expiresAt }) => Date.parse(expiresAt));
  return new Date(Math.min(now.getTime() + SECONDS_KEPT * 1_000, ...ends)).toISOString();
}
