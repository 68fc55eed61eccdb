import { findGrantsOfUser } from '../../directory/groups/store/grants.ts';
import type { OrgId } from '../../directory/ids.ts';
import type { Rights } from '../../directory/roles/authority.ts';
import { findRights } from '../../directory/roles/store.ts';
import type { Executor } from '../../platform/db/statement.ts';
import type { ResourceRow } from '../resources/store.ts';
import type { Target } from './rules/explain.ts';
import type { GroupGrant } from './rules/snapshot.ts';

/** What the groups of a user give; suspended memberships give nothing. */
export async function grantsOf(db: Executor, org: OrgId, { id, status }: Rights): Promise<GroupGrant[]> {
  if (status !== 'active') return [];
  return (await findGrantsOfUser(db, org, id)).map((row) => ({
    group: { id: row.group_id, name: row.display_name },
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    resourceName: row.resource_name,
    tag: row.tag,
    level: row.level,
  }));
}

/** A resource as a rule sees it. @param at ISO 8601 */
export async function targetOf(
  db: Executor,
  org: OrgId,
  { id, type, owner_id, tags }: ResourceRow,
  at: string,
): Promise<Extract<Target, { kind: 'resource' }>> {
  const owner = owner_id === null ? undefined : await findRights(db, org, owner_id, at);
  return {
    kind: 'resource',
    type,
    id,
    owner: owner?.id,
    ownerGroups: owner?.groupRoles.map(({ group }) => group) ?? [],
    tags,
  };
}
