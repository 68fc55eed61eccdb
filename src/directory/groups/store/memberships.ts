import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { count, historyTime } from '../../store/fragments.ts';
import type { GroupHead } from '../group.ts';
import { insertMemberships, removeMembershipsSql, removeSourceSql } from './membership-sql.ts';

/** The source that granted a membership (docs/roles.md §4). */
export type MembershipSource = 'manual' | 'csv' | 'scim' | 'jit' | 'pattern';
export type InGroupRole = 'member' | 'manager';

/** A user in a group. */
export interface Membership {
  readonly group: GroupId;
  readonly user: UserId;
}

/** Counts a change of each group in `memberships`, and returns them. */
export const countMembershipChanges = (memberships: string) => `n as (
      ${count('$1', 'group', `(select distinct group_id as subject from ${memberships}) as s`, 1, '$2')}
    )
    select group_id as "group", user_id as "user" from ${memberships}`;

const add: Statement = {
  name: 'memberships-add',
  text: `with shared as (
      ${insertMemberships({
        group: 'g',
        user: 'u',
        at: '$2',
        source: '$5::text',
        inGroupRole: '$6',
        from: 'unnest($3::uuid[]) as g, unnest($4::uuid[]) as u',
      })}
    ), added as (select group_id, user_id from shared where fresh), ${countMembershipChanges('added')}`,
};

/** Users to put into groups, each into every one, and what grants the memberships. */
export interface NewMembers {
  readonly groups: readonly GroupId[];
  readonly users: readonly UserId[];
  readonly source: MembershipSource;
  readonly inGroupRole?: InGroupRole;
}

/** Puts users into groups that the transaction holds. @returns the memberships that were not there */
export async function addMemberships(
  tx: Executor,
  org: OrgId,
  { groups, users, source, inGroupRole = 'member' }: NewMembers,
  at: string,
): Promise<Membership[]> {
  if (groups.length === 0 || users.length === 0) return [];
  return tx.query<Membership>(add, [org, at, groups, users, source, inGroupRole]);
}

export const removal = (name: string, removed: string, leaving: string): Statement => ({
  name,
  text: `with leaving as materialized (${leaving}), ${removed}, ${countMembershipChanges('removed')}`,
});

const ofUsers = (condition: string) =>
  `select m.group_id, u.id as user_id from unnest((select $3::uuid[])) as u (id) cross join lateral (
      select group_id from group_members where org_id = $1 and user_id = u.id${condition} offset 0
    ) m`;

const removeFromAll = removal('memberships-remove-all', removeMembershipsSql('$2'), ofUsers(''));

const removeFromSome = removal(
  'memberships-remove',
  removeMembershipsSql('$2'),
  `select g.id as group_id, u.id as user_id from unnest((select $4::uuid[])) as g (id), unnest((select $3::uuid[])) as u (id)
    limit (select cardinality($4::uuid[]) * cardinality($3::uuid[]))`,
);

const removeSource = removal(
  'memberships-remove-source',
  removeSourceSql('$4::text', '$2'),
  ofUsers(' and $4::text = any (sources) and group_id <> all ($5::uuid[])'),
);

/** Memberships to end: in some groups or all of them; or those that nothing but one source grants, some groups excepted. */
export type LeavingMembers = { readonly users: readonly UserId[] } & (
  | { readonly groups: readonly GroupId[] | 'all' }
  | { readonly source: MembershipSource; readonly except: readonly GroupId[] }
);

/** Takes users out of groups. @returns the memberships that ended */
export async function removeMemberships(
  tx: Executor,
  org: OrgId,
  leaving: LeavingMembers,
  at: string,
): Promise<Membership[]> {
  const values = [org, at, leaving.users];
  if ('source' in leaving) {
    return tx.query<Membership>(removeSource, [...values, leaving.source, leaving.except]);
  }
  if (leaving.groups === 'all') return tx.query<Membership>(removeFromAll, values);
  if (leaving.groups.length === 0) return [];
  return tx.query<Membership>(removeFromSome, [...values, leaving.groups]);
}

const setInGroupRole: Statement = {
  name: 'membership-set-role',
  text: `update group_members set in_group_role = $4 where org_id = $1 and group_id = $2 and user_id = $3
    and in_group_role <> $4 returning user_id, ${historyTime('$5')}`,
};

/** @returns false if the user is not in the group or has that role there already */
export async function writeInGroupRole(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
  role: InGroupRole,
  at: string,
): Promise<boolean> {
  return (await tx.query(setInGroupRole, [org, group, user, role, at])).length > 0;
}

const resolveText = `select id, display_name as name, display_name_key as "nameKey", role, source from groups
    where org_id = $1 and (id = any($2::uuid[]) or display_name_key = any($3::text[]))`;
const resolve: Statement = { name: 'groups-resolve', text: resolveText };
const hold: Statement = { name: 'groups-hold', text: `${resolveText} for key share` };

/** The groups with these ids or these lower-cased names. */
export function findGroupHeads(
  tx: Executor,
  org: OrgId,
  ids: readonly string[],
  nameKeys: readonly string[],
): Promise<GroupHead[]> {
  return tx.query<GroupHead>(resolve, [org, ids, nameKeys]);
}

/** The same, none of which is deleted or renamed until the transaction ends. */
export function holdGroupHeads(
  tx: Executor,
  org: OrgId,
  ids: readonly string[],
  nameKeys: readonly string[],
): Promise<GroupHead[]> {
  return tx.query<GroupHead>(hold, [org, ids, nameKeys]);
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
