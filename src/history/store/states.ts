import type { Group } from '../../directory/groups/group.ts';
import type { Grant } from '../../directory/groups/store/grants.ts';
import type { InGroupRole, MembershipSource } from '../../directory/groups/store/memberships.ts';
import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import type { Role, UserSource, UserStatus } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { parameters } from '../../platform/db/query-builder.ts';

/** What a user was; times are ISO 8601. */
export interface UserState {
  readonly status: UserStatus;
  readonly role: Role;
  readonly owner: boolean;
  readonly source: UserSource;
  readonly deletedAt: string | null;
  readonly deactivations: number;
  readonly createdAt: string;
}

export interface GroupState extends Pick<Group, 'name' | 'description' | 'role' | 'source' | 'createdAt'> {
  /** Absent in what was written before there were patterns. */
  readonly autoAssignPattern?: string | null;
}

export interface MembershipState {
  readonly inGroupRole: InGroupRole;
  readonly sources: readonly MembershipSource[];
  readonly addedAt: string;
}

export interface ElevationState {
  readonly role: Role;
  readonly state: 'pending' | 'active' | 'rejected' | 'cancelled' | 'revoked';
  readonly startsAt: string | null;
  readonly expiresAt: string | null;
  readonly endedAt: string | null;
  readonly deactivations: number;
  readonly requestedBy: UserId;
  readonly decidedBy: UserId | null;
  readonly createdAt: string;
}

/**
 * The newest row of history of one thing up to the time `$2`: by the order in which its changes were written, since
 * clocks of servers differ. The order names the columns of the index (migration 0100).
 */
const newestOf = (kind: string, condition: string, order: string) =>
  `select h.state from history h where h.org_id = $1 and h.kind = '${kind}' and ${condition} and h.at <= $2::timestamptz
      order by ${order} limit 1`;
const userAt = (id: string) => newestOf('user', `h.user_id = ${id}`, 'h.group_id, h.seq desc');
const groupAt = (id: string) => newestOf('group', `h.group_id = ${id}`, 'h.user_id, h.seq desc');
const grantsAt = (id: string) => newestOf('grants', `h.group_id = ${id}`, 'h.user_id, h.seq desc');

/** A moment of an organization. @param asOf ISO 8601 */
export interface Moment {
  readonly org: OrgId;
  readonly asOf: string;
}

export interface UserFilter {
  readonly status?: readonly UserStatus[] | undefined;
  readonly role?: readonly Role[] | undefined;
  readonly deleted?: boolean | undefined;
  /** Only these users. */
  readonly ids?: readonly UserId[] | undefined;
  /** Only users who are now in one of these groups, or this one. */
  readonly within?: { readonly groups: readonly GroupId[]; readonly self: UserId } | undefined;
}

export interface PastUserRow {
  readonly id: UserId;
  readonly state: UserState;
}

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Users who were there at a moment, in the order of their ids. */
export function listUsersAt(
  db: Database,
  { org, asOf }: Moment,
  { status, role, deleted = false, ids, within }: UserFilter,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<PastUserRow[]> {
  const { values, bind } = parameters(org, asOf, after ?? BEFORE_ALL, limit);
  const among = [
    ...(ids === undefined ? [] : [`h.user_id = any(${bind(ids)}::uuid[])`]),
    ...(within === undefined
      ? []
      : [
          `(h.user_id = ${bind(within.self)}::uuid or exists (select from group_members m
            where m.org_id = $1 and m.user_id = h.user_id and m.group_id = any(${bind(within.groups)}::uuid[])))`,
        ]),
  ].map((condition) => ` and ${condition}`);
  const kept = [
    'state is not null',
    ...(deleted ? [] : [`state ->> 'deletedAt' is null`]),
    ...(status === undefined ? [] : [`state ->> 'status' = any(${bind(status)}::text[])`]),
    ...(role === undefined ? [] : [`state ->> 'role' = any(${bind(role)}::text[])`]),
  ];
  return db.search<PastUserRow>(
    `select id, state from (
      select distinct on (h.user_id) h.user_id as id, h.state from history h
      where h.org_id = $1 and h.kind = 'user' and h.user_id > $3 and h.at <= $2::timestamptz${among.join('')}
      order by h.user_id, h.group_id, h.seq desc
    ) there where ${kept.join(' and ')} order by id limit $4`,
    values,
  );
}

export interface PastMembershipRow {
  readonly user: UserId;
  readonly group: GroupId;
  readonly membership: MembershipState;
  readonly state: GroupState;
  readonly grants: readonly Grant[] | null;
}

/** The groups of some users at a moment, with what the groups were and gave. */
export function listMembershipsAt(
  db: Database,
  { org, asOf }: Moment,
  users: readonly UserId[],
): Promise<PastMembershipRow[]> {
  return db.search<PastMembershipRow>(
    `select m.user_id as "user", m.group_id as "group", m.state as membership, g.state, a.state as grants
      from unnest($3::uuid[]) as u (id) cross join lateral (
        select distinct on (h.group_id) h.user_id, h.group_id, h.state from history h
        where h.org_id = $1 and h.kind = 'membership' and h.user_id = u.id and h.at <= $2::timestamptz
        order by h.group_id, h.seq desc
      ) m cross join lateral (${groupAt('m.group_id')}) g left join lateral (${grantsAt('m.group_id')}) a on true
      where m.state is not null and g.state is not null order by m.user_id, m.group_id`,
    [org, asOf, users],
  );
}

export interface PastElevationRow {
  readonly id: string;
  readonly user: UserId;
  readonly state: ElevationState;
}

/** Elevations of some users that had begun and not ended at a moment, whatever became of their accounts. */
export function listElevationsAt(
  db: Database,
  { org, asOf }: Moment,
  users: readonly UserId[],
): Promise<PastElevationRow[]> {
  return db.search<PastElevationRow>(
    `select e.item_id as id, e.user_id as "user", e.state from unnest($3::uuid[]) as u (id) cross join lateral (
        select distinct on (h.item_id) h.item_id, h.user_id, h.state from history h
        where h.org_id = $1 and h.kind = 'elevation' and h.user_id = u.id and h.at <= $2::timestamptz
        order by h.item_id, h.seq desc
      ) e
      where e.state ->> 'state' = 'active' and (e.state ->> 'startsAt')::timestamptz <= $2::timestamptz
        and (e.state ->> 'expiresAt')::timestamptz > $2::timestamptz
      order by e.user_id, e.item_id`,
    [org, asOf, users],
  );
}

export interface PastGroupRow {
  readonly id: GroupId;
  readonly state: GroupState;
  readonly memberCount: number;
  readonly suspendedMemberCount: number;
}

export interface GroupFilter {
  readonly role?: Role | undefined;
  readonly source?: string | undefined;
  /** Only these groups. */
  readonly among?: readonly GroupId[] | undefined;
}

/** Groups that were there at a moment, in the order of their ids. */
export function listGroupsAt(
  db: Database,
  { org, asOf }: Moment,
  { role, source, among }: GroupFilter,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<PastGroupRow[]> {
  const { values, bind } = parameters(org, asOf, after ?? BEFORE_ALL, limit);
  const only = among === undefined ? '' : ` and h.group_id = any(${bind(among)}::uuid[])`;
  const kept = [
    'state is not null',
    ...(role === undefined ? [] : [`state ->> 'role' = ${bind(role)}::text`]),
    ...(source === undefined ? [] : [`state ->> 'source' = ${bind(source)}::text`]),
  ];
  return db.search<PastGroupRow>(
    `select g.id, g.state, n.members as "memberCount", n.suspended as "suspendedMemberCount" from (
        select id, state from (
          select distinct on (h.group_id) h.group_id as id, h.state from history h
          where h.org_id = $1 and h.kind = 'group' and h.group_id > $3 and h.at <= $2::timestamptz${only}
          order by h.group_id, h.user_id, h.seq desc
        ) there where ${kept.join(' and ')} order by id limit $4
      ) g cross join lateral (
        select count(*) filter (where u.state ->> 'status' <> 'inactive') as members,
          count(*) filter (where u.state ->> 'status' = 'inactive') as suspended
        from (${membersOf('g.id', BEFORE_ALL_SQL)}) m cross join lateral (${userAt('m.user_id')}) u
        where m.state is not null and u.state ->> 'deletedAt' is null
      ) n order by g.id`,
    values,
  );
}

const BEFORE_ALL_SQL = `'${BEFORE_ALL}'::uuid`;

function membersOf(group: string, after: string): string {
  return `select distinct on (h.user_id) h.user_id, h.state from history h
      where h.org_id = $1 and h.kind = 'membership' and h.group_id = ${group} and h.user_id > ${after}
        and h.at <= $2::timestamptz
      order by h.user_id, h.seq desc`;
}

export interface PastMemberRow {
  readonly id: UserId;
  readonly membership: MembershipState;
  readonly state: UserState;
}

/** Members of a group at a moment, in the order of their ids. */
export function listMembersAt(
  db: Database,
  { org, asOf }: Moment,
  group: GroupId,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<PastMemberRow[]> {
  return db.search<PastMemberRow>(
    `select m.user_id as id, m.state as membership, u.state
      from (${membersOf('$3', '$4')}) m cross join lateral (${userAt('m.user_id')}) u
      where m.state is not null and u.state is not null and u.state ->> 'deletedAt' is null
      order by m.user_id limit $5`,
    [org, asOf, group, after ?? BEFORE_ALL, limit],
  );
}

/** Whether history knows a user of this id at all. */
export async function isKnownUser(db: Database, org: OrgId, user: UserId): Promise<boolean> {
  const rows = await db.search(
    `select from history h where h.org_id = $1 and h.kind = 'user' and h.user_id = $2 limit 1`,
    [org, user],
  );
  return rows.length > 0;
}

/** What groups that may be gone were last called. */
export async function findLastNames(
  db: Database,
  org: OrgId,
  groups: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (groups.length === 0) return new Map();
  const rows = await db.search<{ id: string; name: string }>(
    `select g.id, h.name from unnest($2::uuid[]) as g (id) cross join lateral (
        select h.state ->> 'name' as name from history h
        where h.org_id = $1 and h.kind = 'group' and h.group_id = g.id and h.state is not null
        order by h.user_id, h.seq desc limit 1
      ) h`,
    [org, groups],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** What the groups of an organization gave at a moment, each grant by itself. */
export async function* listGroupGrantsAt(
  db: Database,
  { org, asOf }: Moment,
): AsyncIterable<Grant & { readonly groupId: GroupId; readonly group: string }> {
  for (let after = BEFORE_ALL; ; ) {
    const rows = await db.search<{ id: GroupId; name: string | null; grants: readonly Grant[] | null }>(
      `select a.id, a.grants, g.state ->> 'name' as name from (
          select distinct on (h.group_id) h.group_id as id, h.state as grants from history h
          where h.org_id = $1 and h.kind = 'grants' and h.group_id > $3 and h.at <= $2::timestamptz
          order by h.group_id, h.user_id, h.seq desc limit 500
        ) a left join lateral (${groupAt('a.id')}) g on true order by a.id`,
      [org, asOf, after],
    );
    for (const { id, name, grants } of rows) {
      if (name === null) continue;
      for (const grant of grants ?? []) yield { groupId: id, group: name, ...grant };
    }
    if (rows.length < 500) return;
    after = (rows.at(-1) as { id: GroupId }).id;
  }
}
