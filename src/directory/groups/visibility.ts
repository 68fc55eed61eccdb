import type { Executor } from '../../platform/db/statement.ts';
import type { Refusal } from '../errors.ts';
import type { GroupId } from '../ids.ts';
import { notFound } from '../not-found.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import { type AdministeredGroup, findAdministeredGroup } from './store/administration.ts';

/** Whether the one who asks may see a group at all. */
export function inSight(by: Authority, id: GroupId): boolean {
  const scope = scopeOf(by, 'groups:members');
  return scope === 'all' || (scope === 'group' && managedGroups(by.rights).has(id));
}

/** @throws Refusal `not_found`, also of a group that is out of sight */
export async function demandVisible(db: Executor, by: Authority, id: GroupId): Promise<AdministeredGroup> {
  const group = inSight(by, id) ? await findAdministeredGroup(db, by.org, id) : undefined;
  if (group === undefined) throw noSuchGroup();
  return group;
}

export const noSuchGroup = (): Refusal => notFound('group');
