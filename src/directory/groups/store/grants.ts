import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { historyTime } from '../../store/fragments.ts';

/** What a grant lets the members of a group do. */
export type GrantLevel = 'use' | 'edit' | 'manage';

/** What a group may do with one resource, or with all of a type that have a tag. */
export interface Grant {
  readonly resourceType: string;
  readonly resourceId: string | null;
  readonly tag: string | null;
  readonly level: GrantLevel;
}

/** A grant with what its resource is called; null for a grant by tag. */
export interface NamedGrant extends Grant {
  readonly resourceName: string | null;
}

const ofGroup: Statement = {
  name: 'grants-of-group',
  text: `select gg.resource_type as "resourceType", gg.resource_id as "resourceId", r.name as "resourceName", gg.tag, gg.level
    from group_grants gg left join resources r on r.org_id = gg.org_id and r.id = gg.resource_id
    where gg.org_id = $1 and gg.group_id = $2 order by gg.resource_type, gg.tag, gg.resource_id`,
};

export function findGrants(db: Executor, org: OrgId, group: GroupId): Promise<NamedGrant[]> {
  return db.query<NamedGrant>(ofGroup, [org, group]);
}

const ofUser: Statement = {
  name: 'grants-of-user',
  text: `select json_build_object('id', g.id, 'name', g.display_name) as "group", gg.resource_type as "resourceType",
      gg.resource_id as "resourceId", r.name as "resourceName", gg.tag, gg.level
    from group_members m
    join groups g on g.org_id = m.org_id and g.id = m.group_id
    join group_grants gg on gg.org_id = m.org_id and gg.group_id = m.group_id
    left join resources r on r.org_id = gg.org_id and r.id = gg.resource_id
    where m.org_id = $1 and m.user_id = $2 order by g.id, gg.resource_type, gg.tag, gg.resource_id, gg.level`,
};

/** A grant with the group that has it. */
export interface GroupGrant extends NamedGrant {
  readonly group: { readonly id: GroupId; readonly name: string };
}

/** What the groups of a user let them do, in an order that is always the same. */
export function findGrantsOfUser(db: Executor, org: OrgId, user: UserId): Promise<GroupGrant[]> {
  return db.query<GroupGrant>(ofUser, [org, user]);
}

const clear: Statement = {
  name: 'grants-clear',
  text: `delete from group_grants where org_id = $1 and group_id = $2 returning ${historyTime('$3')}`,
};

const insert: Statement = {
  name: 'grants-insert',
  text: `insert into group_grants (org_id, id, group_id, resource_type, resource_id, tag, level)
    select $1, id, $2, resource_type, resource_id, tag, level
    from unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[])
      as g (id, resource_type, resource_id, tag, level)
    returning ${historyTime('$8')}`,
};

/** Makes the grants of a group these and no others. */
export async function replaceGrants(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  grants: readonly Grant[],
  newId: () => string,
  at: string,
): Promise<void> {
  await tx.query(clear, [org, group, at]);
  await tx.query(insert, [
    org,
    group,
    grants.map(newId),
    grants.map((grant) => grant.resourceType),
    grants.map((grant) => grant.resourceId),
    grants.map((grant) => grant.tag),
    grants.map((grant) => grant.level),
    at,
  ]);
}
