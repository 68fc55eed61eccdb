import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, GroupId, OrgId, UserId } from '../../ids.ts';
import { type GroupRecord, MEMBER_PAGE, type Member, type MemberPage } from '../group.ts';

/** The version and the times of a group; changes of members are counted beside its row, as `c` (ADR 0004). */
export const groupVersionColumns = `g.version + coalesce(c.changes, 0)::bigint as version, g.created_at as "createdAt",
  greatest(g.updated_at, c.changed_at) as "updatedAt"`;

/** The columns of a GroupRecord; `g` is groups, `l` the asking connection's link, `c` what its counter adds. */
export const groupColumns = `g.id, g.display_name as name, ${groupVersionColumns}, g.version as "baseVersion",
  g.profile::text as profile, l.external_id as "externalId"`;

/** Joins what the counter of a group `g` adds, as `c`. */
export const changesOfGroup = `left join lateral (
    select sum(value) as changes, max(changed_at) as changed_at from counters
    where org_id = g.org_id and name = 'group' and subject_id = g.id
  ) c on true`;

/** From-clause of a GroupRecord; `$1` is the organization, `$2` the connection. */
export const groupSource = `groups g
  left join group_links l on l.org_id = g.org_id and l.group_id = g.id and l.connection_id = $2
  ${changesOfGroup}`;

/** The same with the links looked up one by one, whatever the planner believes of them. */
export const groupSourceById = `groups g
  left join lateral (
    select external_id from group_links
    where org_id = g.org_id and group_id = g.id and connection_id = $2 limit 1
  ) l on true
  ${changesOfGroup}`;

/**
 * Members as provisioned: includes inactive users, whose memberships grant no rights while they are inactive. The
 * limit within keeps the join to one look-up
 * of a user for each member, in the order of members: a page reads only the rows it returns, whatever its offset (ADR 0021).
 */
const shownMembers = `select m.user_id, mu.display from group_members m cross join lateral (
    select coalesce(u.profile ->> 'displayName', u.user_name) as display from users u
    where u.org_id = m.org_id and u.id = m.user_id and u.deleted_at is null limit 1
  ) mu`;

/** The first members of a group by id, as JSON text. */
export function firstMembers(limit: number): string {
  return `(select json_agg(json_build_array(p.user_id, p.display) order by p.user_id)::text from (
    ${shownMembers} where m.org_id = g.org_id and m.group_id = g.id order by m.user_id limit ${limit}
  ) p) as members`;
}

export interface GroupRow extends Omit<GroupRecord, 'externalId' | 'members'> {
  readonly baseVersion: number;
  readonly externalId: string | null;
  /** JSON text; absent if not asked for. */
  readonly members?: string | null;
}

/** @param limit the members that `firstMembers` brings at most */
export function toGroupRecord(row: GroupRow, limit: number): GroupRecord {
  const { id, name, version, externalId, createdAt, updatedAt, profile } = row;
  const members = row.members === undefined ? undefined : toPage(parseMembers(row.members), limit);
  return {
    id,
    name,
    version,
    externalId: externalId ?? undefined,
    createdAt,
    updatedAt,
    profile,
    members,
  };
}

function toPage(items: readonly Member[], limit: number): MemberPage {
  return { items, more: items.length === limit };
}

function parseMembers(text: string | null): Member[] {
  if (text === null) return [];
  const pairs = JSON.parse(text) as [id: UserId, display: string][];
  return pairs.map(([id, display]) => ({ id, display }));
}

const bare: Statement = {
  name: 'group-by-id',
  text: `select ${groupColumns} from ${groupSource} where g.org_id = $1 and g.id = $3`,
};

const withMembers: Statement = {
  name: 'group-by-id-with-members',
  text: `select ${groupColumns}, ${firstMembers(MEMBER_PAGE)} from ${groupSource} where g.org_id = $1 and g.id = $3`,
};

/** One group, with or without the first page of its members. */
export async function findGroupRecord(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: GroupId,
  members: boolean,
): Promise<GroupRecord | undefined> {
  const [row] = await db.query<GroupRow>(members ? withMembers : bare, [org, connection, id]);
  return row === undefined ? undefined : toGroupRecord(row, MEMBER_PAGE);
}

/** A group's record and the version of its row alone, which guards a commit. */
export async function loadGroup(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: GroupId,
): Promise<{ readonly record: GroupRecord; readonly baseVersion: number } | undefined> {
  const [row] = await db.query<GroupRow>(bare, [org, connection, id]);
  return row === undefined ? undefined : { record: toGroupRecord(row, 0), baseVersion: row.baseVersion };
}

const nextMembers: Statement = {
  name: 'group-members-after',
  long: true,
  text: `select json_agg(json_build_array(p.user_id, p.display) order by p.user_id)::text as members from (
      ${shownMembers} where m.org_id = $1 and m.group_id = $2 and m.user_id > $3
      order by m.user_id limit ${MEMBER_PAGE}
    ) p`,
};

/** The members behind one, by id, at most MEMBER_PAGE. */
export async function findMembersAfter(
  db: Executor,
  org: OrgId,
  group: GroupId,
  after: UserId,
): Promise<MemberPage> {
  const [row] = await db.query<{ members: string | null }>(nextMembers, [org, group, after]);
  return toPage(parseMembers(row?.members ?? null), MEMBER_PAGE);
}
