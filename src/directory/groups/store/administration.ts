import type { Database } from '../../../platform/db/database.ts';
import { builder, type IdPage, pageById, parameters, runQuery } from '../../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import { beginsWith, contains, findTextHits, pattern } from '../../search/store/text-search.ts';
import { translateConstraints } from '../../store/constraint-errors.ts';
import { count, displayNameOf } from '../../store/fragments.ts';
import type { Role, UserStatus } from '../../users/user.ts';
import type { AdministeredGroup, GroupInput } from '../group.ts';
import type { InGroupRole, MembershipSource } from './memberships.ts';
import { changesOfGroup, groupVersionColumns } from './rows.ts';

const columns = `g.id, g.display_name as name, g.description, g.role, g.source, g.auto_assign_pattern as "autoAssignPattern",
  ${groupVersionColumns},
  n.members as "memberCount",
  n.suspended as "suspendedMemberCount",
  n.read < n.most as "isCounted", coalesce((
    select json_agg(json_build_object('connectionId', l.connection_id, 'connectionName', c.name,
      'externalId', l.external_id) order by l.connection_id)
    from group_links l join connections c on c.org_id = l.org_id and c.id = l.connection_id
    where l.org_id = g.org_id and l.group_id = g.id
  ), '[]') as "externalIds"`;

/** So many members of one group are counted, and so many of each group of a list: 200 groups are 200,000 members. */
const MOST_COUNTED = 10_000;
const MOST_COUNTED_IN_LISTS = 1_000;

/**
 * From-clause of an AdministeredGroup. The inner limit keeps the join to one look-up of a user for each member that is
 * counted (ADR 0021).
 */
const source = (most: number) => `groups g cross join lateral (
    select ${most} as most, count(*) as read, count(*) filter (where u.status <> 'inactive') as members,
      count(*) filter (where u.status = 'inactive') as suspended
    from (
      select user_id from group_members where org_id = g.org_id and group_id = g.id order by user_id limit ${most}
    ) m left join lateral (
      select p.status from users p where p.org_id = g.org_id and p.id = m.user_id and p.deleted_at is null limit 1
    ) u on true
  ) n
  ${changesOfGroup}`;

const byId: Statement = {
  name: 'group-administered-by-id',
  text: `select ${columns} from ${source(MOST_COUNTED)} where g.org_id = $1 and g.id = $2`,
};

export async function findAdministeredGroup(
  db: Executor,
  org: OrgId,
  id: GroupId,
): Promise<AdministeredGroup | undefined> {
  return (await db.query<AdministeredGroup>(byId, [org, id]))[0];
}

/** Filters of the list of groups. */
export interface GroupFilter {
  /** Beginning of the name. */
  readonly text?: string | undefined;
  readonly source?: string | undefined;
  readonly role?: Role | undefined;
  /** Only these. */
  readonly among?: readonly GroupId[] | undefined;
}

/** Groups by name, behind the one with this name; names are unique. */
export function searchGroups(
  db: Database,
  org: OrgId,
  filter: GroupFilter,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<AdministeredGroup[]> {
  const query = builder
    .select(builder.raw(columns))
    .fromRaw(source(MOST_COUNTED_IN_LISTS))
    .whereRaw('g.org_id = $1');
  const { text, among } = filter;
  if (text !== undefined) query.where('g.display_name_key', 'like', pattern(text, ''));
  if (filter.source !== undefined) query.where('g.source', filter.source);
  if (filter.role !== undefined) query.where('g.role', filter.role);
  if (among !== undefined) query.whereRaw('g.id = any(?::uuid[])', [[...among]]);
  if (page.after !== undefined) query.where('g.display_name_key', '>', caseKey(page.after));
  query.orderBy('g.display_name_key').limit(page.limit);
  return runQuery<AdministeredGroup>(db, [org], query);
}

const insert: Statement = {
  name: 'group-administered-insert',
  text: `with g as (
      insert into groups (org_id, id, display_name, display_name_key, description, role, source, auto_assign_pattern,
        profile, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $8, $9, '{}', $7, $7) returning id
    )
    ${count('$1', 'groups', '(select $1::uuid as subject from g) as s', 1, '$7')}`,
};

/**
 * A group that no SCIM connection pushes: made by a user, or brought by a sign-in.
 * @throws DomainError `group_name_taken`
 */
export async function insertLocalGroup(
  tx: Executor,
  org: OrgId,
  id: GroupId,
  { name, description, role, autoAssignPattern }: GroupInput,
  source: 'manual' | 'sso',
  at: string,
): Promise<void> {
  const values = [org, id, name, caseKey(name), description, role, at, source, autoAssignPattern];
  await translateConstraints(tx.query(insert, values));
}

const update: Statement = {
  name: 'group-administered-update',
  text: `update groups set display_name = $3, display_name_key = $4, description = $5, role = $6,
      auto_assign_pattern = $8, version = version + 1, updated_at = $7 where org_id = $1 and id = $2`,
};

/** @throws DomainError `group_name_taken` */
export async function updateGroupFields(
  tx: Executor,
  org: OrgId,
  id: GroupId,
  { name, description, role, autoAssignPattern }: GroupInput,
  at: string,
): Promise<void> {
  const values = [org, id, name, caseKey(name), description, role, at, autoAssignPattern];
  await translateConstraints(tx.query(update, values));
}

export interface AdministeredMember {
  readonly id: UserId;
  readonly email: string;
  readonly name: string | null;
  readonly status: UserStatus;
  readonly inGroupRole: InGroupRole;
  readonly sources: readonly MembershipSource[];
  readonly addedAt: string;
}

/** An id that is less than every other, so that the first page has the plan of those behind it. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Filters of the members of a group. */
export interface MemberFilter {
  /** A part of the name or address. */
  readonly text?: string | undefined;
  readonly inGroupRole?: InGroupRole | undefined;
}

/**
 * Members in the order of their ids; those who are inactive are among them, their membership waits for them. The inner
 * limit keeps the join to one look-up of a user for each member (ADR 0021).
 */
export async function findAdministeredMembers(
  db: Database,
  org: OrgId,
  group: GroupId,
  { text, inGroupRole }: MemberFilter,
  page: IdPage,
): Promise<AdministeredMember[]> {
  const { values, bind } = parameters(org, group);
  const query = builder
    .select(
      builder.raw(`u.id, coalesce(u.email, u.user_name) as email, ${displayNameOf('u')} as name, u.status,
        m.in_group_role as "inGroupRole", m.sources, m.added_at as "addedAt"`),
    )
    .fromRaw(
      `group_members m cross join lateral (
        select p.* from users p where p.org_id = $1 and p.id = m.user_id and p.deleted_at is null limit 1
      ) u`,
    )
    .whereRaw('m.org_id = $1 and m.group_id = $2');
  if (inGroupRole !== undefined) query.where('m.in_group_role', inGroupRole);
  if (text !== undefined) {
    const hits = await findTextHits(db, org, text);
    if (hits === 'too short') query.whereRaw(beginsWith(bind(pattern(text, ''))));
    else if (hits === 'many') query.whereRaw(contains(bind(pattern(text, '%'))));
    else query.whereRaw(`m.user_id = any(${bind(hits)}::uuid[])`);
  }
  const from = { ...page, after: page.after ?? BEFORE_ALL };
  return runQuery<AdministeredMember>(db, values, pageById(query, 'm.user_id', 'asc', from));
}
