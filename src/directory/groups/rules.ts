import { isAbout, type Subject } from '../roles/rules/permission-meanings.ts';
import type { Permission } from '../roles/rules/permissions.ts';
import type { GrantLevel, GroupGrant } from './store/grants.ts';

/** The lowest level of a grant that gives a permission on what it names. */
const GRANTED_FROM: Partial<Record<Permission, GrantLevel>> = {
  'agents:use': 'use',
  'responses:train': 'edit',
  'agents:edit': 'edit',
  'data_sources:manage': 'edit',
  'analytics:view': 'manage',
};
const LEVELS: readonly GrantLevel[] = ['use', 'edit', 'manage'];

/** How a resource of the host product is classified: data sources have their own row in the table. */
export const subjectOfType = (type: string): Subject => (type === 'data_source' ? 'data_source' : 'agent');

/** The level that a permission on one resource needs; undefined if no grant gives it (docs/roles.md §4). */
export function levelFor(permission: Permission, type: string): GrantLevel | undefined {
  return isAbout(permission, subjectOfType(type)) ? GRANTED_FROM[permission] : undefined;
}

/** Whether a grant gives a permission on what it names. */
export function gives({ level, resourceType }: GroupGrant, permission: Permission): boolean {
  const from = levelFor(permission, resourceType);
  return from !== undefined && LEVELS.indexOf(level) >= LEVELS.indexOf(from);
}

/** Whether a grant is on this resource, by its id or by a tag of it. */
export function grantCovers(
  { resourceType, resourceId, tag }: GroupGrant,
  resource: { readonly type: string; readonly id: string; readonly tags: readonly string[] },
): boolean {
  return (
    resourceType === resource.type &&
    (resourceId === resource.id || (tag !== null && resource.tags.includes(tag)))
  );
}
