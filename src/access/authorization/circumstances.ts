import type { GroupGrant } from '../../directory/groups/store/grants.ts';
import { findGrantsOfUser } from '../../directory/groups/store/grants.ts';
import type { OrgId } from '../../directory/ids.ts';
import type { Rights } from '../../directory/roles/authority.ts';
import { findRights } from '../../directory/roles/store.ts';
import type { Executor } from '../../platform/db/statement.ts';
import type { Resource } from '../resources/store.ts';
import type { Target } from './rules/explain.ts';

/** What the groups of a user give; suspended memberships give nothing. */
export async function grantsOf(db: Executor, org: OrgId, { id, status }: Rights): Promise<GroupGrant[]> {
  if (status !== 'active') return [];
  return findGrantsOfUser(db, org, id);
}

/** A resource as a rule sees it. @param at ISO 8601 */
export async function targetOf(
  db: Executor,
  org: OrgId,
  { id, type, ownerId, tags }: Resource,
  at: string,
): Promise<Extract<Target, { kind: 'resource' }>> {
  const owner = ownerId === null ? undefined : await findRights(db, org, ownerId, at);
  return {
    kind: 'resource',
    type,
    id,
    owner: owner?.id,
    ownerGroups: owner?.groupRoles.map(({ group }) => group) ?? [],
    tags,
  };
}
