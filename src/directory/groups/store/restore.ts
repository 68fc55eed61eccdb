import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import { translateConstraints } from '../../store/constraint-errors.ts';
import { count } from '../../store/fragments.ts';
import type { Role } from '../../users/user.ts';
import type { InGroupRole, MembershipSource } from './memberships.ts';

/** A membership that ended, as it was. */
export interface EndedMembership {
  readonly sources: readonly MembershipSource[];
  readonly inGroupRole: InGroupRole;
  readonly addedAt: string;
}

const ended: Statement = {
  name: 'membership-ended',
  text: `select sources, in_group_role as "inGroupRole", added_at as "addedAt" from ended_memberships
    where org_id = $1 and group_id = $2 and user_id = $3 and at = $4`,
};

/** What a membership was when it ended. @param at ISO 8601, when it did */
export async function findEndedMembership(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
  at: string,
): Promise<EndedMembership | undefined> {
  return (await tx.query<EndedMembership>(ended, [org, group, user, at]))[0];
}

const restore: Statement = {
  name: 'membership-restore',
  text: `with added as (
      insert into group_members (org_id, group_id, user_id, added_at, in_group_role, sources)
      values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning group_id
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
  text: `select sources, in_group_role as "inGroupRole" from group_members where org_id = $1 and group_id = $2 and user_id = $3`,
};

/** What grants a membership at this moment; undefined if there is none. */
export async function findMembership(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
): Promise<Omit<EndedMembership, 'addedAt'> | undefined> {
  return (await tx.query<Omit<EndedMembership, 'addedAt'>>(sourcesOf, [org, group, user]))[0];
}

/** A group that was deleted, as it was. */
export interface DeletedGroup {
  readonly name: string;
  readonly role: Role | null;
}

const deleted: Statement = {
  name: 'group-deleted',
  text: `select fields ->> 'display_name' as name, fields ->> 'role' as role from deleted_groups
    where org_id = $1 and group_id = $2 and at = $3`,
};

/** @param at ISO 8601, when it was deleted */
export async function findDeletedGroup(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  at: string,
): Promise<DeletedGroup | undefined> {
  return (await tx.query<DeletedGroup>(deleted, [org, group, at]))[0];
}

const restoreGroupText: Statement = {
  name: 'group-restore',
  text: `with d as (
      select fields as f, links, grants from deleted_groups where org_id = $1 and group_id = $2 and at = $3
    ), g as (
      insert into groups (org_id, id, display_name, display_name_key, description, role, source, profile, created_at,
        updated_at, version)
      select $1, $2, f ->> 'display_name', $5, f ->> 'description', f ->> 'role', f ->> 'source', f -> 'profile',
        (f ->> 'created_at')::timestamptz, $4, (f ->> 'version')::bigint + 1 from d
      returning id
    ), l as (
      insert into group_links (org_id, group_id, connection_id, external_id)
      select $1, g.id, (x ->> 'connection')::uuid, x ->> 'externalId'
      from g, d, jsonb_array_elements(d.links) as x on conflict do nothing
    ), r as (
      insert into group_grants (org_id, id, group_id, resource_type, resource_id, tag, level)
      select $1, (x ->> 'id')::uuid, g.id, x ->> 'resource_type', (x ->> 'resource_id')::uuid, x ->> 'tag', x ->> 'level'
      from g, d, jsonb_array_elements(d.grants) as x
      where x ->> 'resource_id' is null
        or exists (select from resources o where o.org_id = $1 and o.id = (x ->> 'resource_id')::uuid)
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
    select $1, m.group_id, m.user_id, m.added_at, m.in_group_role, m.sources from ended_memberships m
    join users u on u.org_id = $1 and u.id = m.user_id
    where m.org_id = $1 and m.group_id = $2 and m.at = $3
    on conflict do nothing returning user_id as user`,
};

/**
 * Restores a deleted group under its id, with its links, grants and members. Grants for resources that are gone, and
 * members who were erased, do not come back.
 * @param deletedAt ISO 8601 @param at ISO 8601, now
 * @returns the members who are in it again
 * @throws DomainError `group_name_taken`
 */
export async function restoreGroup(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  { name }: DeletedGroup,
  deletedAt: string,
  at: string,
): Promise<readonly UserId[]> {
  await translateConstraints(tx.query(restoreGroupText, [org, group, deletedAt, at, caseKey(name)]));
  const rows = await tx.query<{ user: UserId }>(restoreMembers, [org, group, deletedAt]);
  return rows.map(({ user }) => user);
}
