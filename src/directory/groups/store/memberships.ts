import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { count } from '../../store/fragments.ts';
import type { Role } from '../../users/user.ts';

/** The source that granted a membership (docs/roles.md §4). */
export type MembershipSource = 'manual' | 'csv' | 'scim' | 'jit' | 'rule';
export type InGroupRole = 'member' | 'manager';

const add: Statement = {
  name: 'memberships-add',
  text: `with shared as (
      insert into group_members (org_id, group_id, user_id, added_at, in_group_role, sources)
      select $1, g, u, $4, $5, array[$6::text] from unnest($2::uuid[]) as g, unnest($3::uuid[]) as u
      on conflict (org_id, group_id, user_id)
      do update set sources = array_append(group_members.sources, $6::text) where $6::text <> all (group_members.sources)
      returning group_id, user_id, xmax = 0 as fresh
    ), n as (
      ${count('$1', 'group', '(select distinct group_id as subject from shared where fresh) as s', 1, '$4')}
    )
    select group_id, user_id from shared where fresh`,
};

/** A user in a group. */
export interface Membership {
  readonly group_id: GroupId;
  readonly user_id: UserId;
}

/** Puts every one of some users into every one of some groups. @returns the memberships that were not there */
export function addMemberships(
  tx: Executor,
  org: OrgId,
  groups: readonly GroupId[],
  users: readonly UserId[],
  share: { readonly source: MembershipSource; readonly inGroupRole: InGroupRole },
  at: string,
): Promise<Membership[]> {
  return tx.query<Membership>(add, [org, groups, users, at, share.inGroupRole, share.source]);
}

/**
 * Memberships are deleted by their whole key, which a materialized table brings: beside an array a planner without
 * statistics would read all members of a group to find one (group-write-sql.ts, ADR 0021).
 */
const removal = (name: string, leaving: string): Statement => ({
  name,
  text: `with leaving as materialized (${leaving}), gone as (
      delete from group_members m using leaving
      where m.org_id = $1 and m.group_id = leaving.group_id and m.user_id = leaving.user_id
      returning m.group_id, m.user_id
    ), n as (
      ${count('$1', 'group', '(select distinct group_id as subject from gone) as s', 1, '$3')}
    )
    select group_id, user_id from gone`,
});

const removeFromAll = removal(
  'memberships-remove-all',
  `select m.group_id, u.id as user_id from unnest((select $2::uuid[])) as u (id) cross join lateral (
      select group_id from group_members where org_id = $1 and user_id = u.id offset 0
    ) m`,
);

const removeFromSome = removal(
  'memberships-remove',
  `select g.id as group_id, u.id as user_id from unnest((select $4::uuid[])) as g (id), unnest((select $2::uuid[])) as u (id)
    limit (select cardinality($4::uuid[]) * cardinality($2::uuid[]))`,
);

/** Takes users out of groups, or out of all, whatever source granted the membership. @returns the memberships that ended */
export function removeMemberships(
  tx: Executor,
  org: OrgId,
  groups: readonly GroupId[] | undefined,
  users: readonly UserId[],
  at: string,
): Promise<Membership[]> {
  return groups === undefined
    ? tx.query<Membership>(removeFromAll, [org, users, at])
    : tx.query<Membership>(removeFromSome, [org, users, at, groups]);
}

const setInGroupRole: Statement = {
  name: 'membership-set-role',
  text: `update group_members set in_group_role = $4 where org_id = $1 and group_id = $2 and user_id = $3
    and in_group_role <> $4 returning user_id`,
};

/** @returns false if the user is not in the group or has that role there already */
export async function writeInGroupRole(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
  role: InGroupRole,
): Promise<boolean> {
  return (await tx.query(setInGroupRole, [org, group, user, role])).length > 0;
}

const resolve: Statement = {
  name: 'groups-resolve',
  text: `select id, display_name, display_name_key, role, source from groups
    where org_id = $1 and (id = any($2::uuid[]) or display_name_key = any($3::text[]))`,
};

/** A group as a rule about memberships sees it. */
export interface GroupHead {
  readonly id: GroupId;
  readonly display_name: string;
  readonly display_name_key: string;
  readonly role: Role | null;
  readonly source: 'manual' | 'scim' | 'sso';
}

/** The groups with these ids or these lower-cased names. */
export function findGroupHeads(
  tx: Executor,
  org: OrgId,
  ids: readonly string[],
  nameKeys: readonly string[],
): Promise<GroupHead[]> {
  return tx.query<GroupHead>(resolve, [org, ids, nameKeys]);
}

const ofUser: Statement = {
  name: 'memberships-of-user',
  text: `select m.group_id, g.display_name, m.in_group_role, g.role from group_members m
    join groups g on g.org_id = m.org_id and g.id = m.group_id where m.org_id = $1 and m.user_id = $2`,
};

/** All memberships of a user, also those that are suspended because the user is inactive. */
export function findMembershipsOf(
  tx: Executor,
  org: OrgId,
  user: UserId,
): Promise<{ group_id: GroupId; display_name: string; in_group_role: InGroupRole; role: Role | null }[]> {
  return tx.query(ofUser, [org, user]);
}

const takeLost: Statement = {
  name: 'memberships-take-lost',
  text: 'delete from lost_memberships where org_id = $1 and user_id = $2 returning group_id as id, name',
};

/** The groups of an inactive or deleted user that were deleted meanwhile (R84, R94); each is reported once. */
export function takeLostMemberships(
  tx: Executor,
  org: OrgId,
  user: UserId,
): Promise<{ id: string; name: string }[]> {
  return tx.query(takeLost, [org, user]);
}
