import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { CommandContext } from '../../command-runner.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import { translateConstraints } from '../../store/constraint-errors.ts';
import { count, historyTime, provisions } from '../../store/fragments.ts';
import type { Group } from '../group.ts';
import type { Grant } from './grants.ts';
import type { InGroupRole, MembershipSource } from './memberships.ts';

/** A membership as it was before it ended. */
export interface EndedMembership {
  readonly sources: readonly MembershipSource[];
  readonly inGroupRole: InGroupRole;
  readonly addedAt: string;
}

const restore: Statement = {
  name: 'membership-restore',
  text: `with added as (
      insert into group_members (org_id, group_id, user_id, added_at, in_group_role, sources)
      values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning group_id, ${historyTime('$7')}
    ), n as (
      ${count('$1', 'group', '(select group_id as subject from added) as s', 1, '$7')}
    )
    select group_id from added`,
};

/** Restores a membership with its sources and the role in the group. @returns false if the user is in the group */
export async function restoreMembership(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
  { sources, inGroupRole, addedAt }: EndedMembership,
  at: string,
): Promise<boolean> {
  const values = [org, group, user, addedAt, inGroupRole, sources, at];
  return (await translateConstraints(tx.query(restore, values))).length > 0;
}

const sourcesOf: Statement = {
  name: 'membership-sources',
  text: `select sources, in_group_role as "inGroupRole" from group_members
    where org_id = $1 and group_id = $2 and user_id = $3 for no key update`,
};

/** What grants a membership, which no one changes until the transaction ends; undefined if the user is no member. */
export async function holdMembership(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
): Promise<Omit<EndedMembership, 'addedAt'> | undefined> {
  return (await tx.query<Omit<EndedMembership, 'addedAt'>>(sourcesOf, [org, group, user]))[0];
}

/** A group as it was before it was deleted. */
export interface DeletedGroup
  extends Pick<Group, 'name' | 'description' | 'role' | 'source' | 'autoAssignPattern' | 'createdAt'> {
  readonly grants: readonly Grant[];
  readonly members: readonly (EndedMembership & { readonly user: UserId })[];
}

const restoreGroupText: Statement = {
  name: 'group-restore',
  text: `with d as (
      select version, profile, links from deleted_groups where org_id = $1 and group_id = $2 and at = $3
    ), linked as (
      select (x ->> 'connection')::uuid as connection, x ->> 'externalId' as external_id
      from d, jsonb_array_elements(d.links) as x where ${provisions("(x ->> 'connection')::uuid")}
    ), g as (
      insert into groups (org_id, id, display_name, display_name_key, description, role, source, profile, created_at,
        updated_at, version, auto_assign_pattern)
      select $1, $2, $5, $6, $7, $8, case when $9 <> 'scim' or exists (select from linked) then $9 else 'manual' end,
        profile, $10, $4, version + 1, $12 from d returning id
    ), l as (
      insert into group_links (org_id, group_id, connection_id, external_id)
      select $1, g.id, connection, external_id from g, linked on conflict do nothing
    ), r as (
      insert into group_grants (org_id, id, group_id, resource_type, resource_id, tag, level)
      select $1, x.id, g.id, x."resourceType", x."resourceId", x.tag, x.level
      from g, jsonb_to_recordset($11::jsonb)
        as x (id uuid, "resourceType" text, "resourceId" uuid, tag text, level text)
      where x."resourceId" is null
        or exists (select from resources o where o.org_id = $1 and o.id = x."resourceId")
      returning ${historyTime('$4')}
    ), lost as (
      delete from lost_memberships m using g where m.org_id = $1 and m.group_id = g.id
    ), t as (
      ${count('$1', 'groups', '(select $1::uuid as subject from g) as s', 1, '$4')}
    )
    select id from g`,
};

const restoreMembers: Statement = {
  name: 'group-restore-members',
  text: `insert into group_members (org_id, group_id, user_id, added_at, in_group_role, sources)
    select $1, $2, u.id, m."addedAt", m."inGroupRole", m.sources
    from jsonb_to_recordset($3::jsonb) as m ("user" uuid, "addedAt" timestamptz, "inGroupRole" text, sources text[])
    join users u on u.org_id = $1 and u.id = m."user"
    on conflict do nothing returning user_id as "user", ${historyTime('$4')}`,
};

/**
 * Restores a deleted group under its id, with its attributes, links, grants and members. Grants for resources that are
 * gone, and members who were erased, do not come back.
 * @param deletedAt ISO 8601
 * @returns the members who are in it again; undefined if its attributes and links are not kept
 * @throws DomainError `group_name_taken`
 */
export async function restoreGroup(
  { tx, org, at, newId }: Pick<CommandContext, 'tx' | 'org' | 'at' | 'newId'>,
  group: GroupId,
  { name, description, role, source, autoAssignPattern, createdAt, grants, members }: DeletedGroup,
  deletedAt: string,
): Promise<readonly UserId[] | undefined> {
  const named = JSON.stringify(grants.map((grant) => ({ ...grant, id: newId() })));
  const attributes = [name, caseKey(name), description, role, source, createdAt, named, autoAssignPattern];
  const values = [org, group, deletedAt, at, ...attributes];
  const restored = await translateConstraints(tx.query(restoreGroupText, values));
  if (restored.length === 0) return undefined;
  const rows = await tx.query<{ user: UserId }>(restoreMembers, [org, group, JSON.stringify(members), at]);
  return rows.map(({ user }) => user);
}
