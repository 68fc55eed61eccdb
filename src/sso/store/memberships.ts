import type { Membership } from '../../directory/groups/store/memberships.ts';
import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import { count } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { groupKeys, type KnownGroup } from '../rules/idp-groups.ts';

const known: Statement = {
  name: 'sso-groups-known',
  text: `select id, display_name_key as "nameKey", role, source from groups
    where org_id = $1 and display_name_key = any($2::text[])`,
};

/** The groups that a provider's names may refer to; where its SCIM pushes groups, its assertions are ignored. */
export function findKnownGroups(tx: Executor, org: OrgId, names: readonly string[]): Promise<KnownGroup[]> {
  return tx.query<KnownGroup>(known, [org, names.flatMap(groupKeys)]);
}

const leave: Statement = {
  name: 'sso-memberships-leave',
  text: `with mine as (
      select group_id, sources from group_members
      where org_id = $1 and user_id = $2 and 'jit' = any (sources) and group_id <> all ($3::uuid[])
    ), less as (
      update group_members m set sources = array_remove(m.sources, 'jit') from mine
      where m.org_id = $1 and m.user_id = $2 and m.group_id = mine.group_id and cardinality(mine.sources) > 1
    ), gone as (
      delete from group_members m using mine
      where m.org_id = $1 and m.user_id = $2 and m.group_id = mine.group_id and cardinality(mine.sources) = 1
      returning m.group_id, m.user_id
    ), n as (
      ${count('$1', 'group', '(select group_id as subject from gone) as s', 1, '$4')}
    )
    select group_id, user_id from gone`,
};

/**
 * Removes memberships that earlier logins granted and this one does not; those of other sources stay.
 * @returns what ended
 */
export function leaveProviderGroups(
  tx: Executor,
  org: OrgId,
  user: UserId,
  but: readonly GroupId[],
  at: string,
): Promise<Membership[]> {
  return tx.query<Membership>(leave, [org, user, but, at]);
}
