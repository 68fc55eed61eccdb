import type { Executor } from '../../platform/db/statement.ts';
import type { DomainError } from '../errors.ts';
import type { GroupId } from '../ids.ts';
import { notFound } from '../not-found.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import type { AdministeredGroup } from './group.ts';
import { findAdministeredGroup } from './store/administration.ts';

/** Whether the caller may see a group at all. */
export function isVisible(by: Authority, id: GroupId): boolean {
  const scope = scopeOf(by, 'groups:members');
  return scope === 'all' || (scope === 'group' && managedGroups(by.rights).has(id));
}

/** @throws DomainError `not_found`, also for a group that the caller may not see */
export async function requireVisible(db: Executor, by: Authority, id: GroupId): Promise<AdministeredGroup> {
  const group = isVisible(by, id) ? await findAdministeredGroup(db, by.org, id) : undefined;
  if (group === undefined) throw groupNotFound();
  return group;
}

export const groupNotFound = (): DomainError => notFound('group');
