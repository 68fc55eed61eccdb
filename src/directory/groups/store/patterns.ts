import { nextEvent } from '../../../audit/store/feed.ts';
import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { isSettled } from '../../organizations/store/demonstrations.ts';
import { userReferenceOf } from '../../store/references.ts';
import type { Reference } from '../../users/reference.ts';
import type { Role } from '../../users/user.ts';
import type { AddressRange } from '../rules/address-pattern.ts';
import { insertMemberships, PATTERN, removeSourceSql } from './membership-sql.ts';
import { countMembershipChanges, type Membership, removal } from './memberships.ts';

/** SQL of the pattern of `like` that means the same as a pattern of addresses. @param pattern SQL */
export const likeOf = (pattern: string) =>
  `replace(replace(replace(replace(${pattern}, '\\', '\\\\'), '%', '\\%'), '_', '\\_'), '*', '%')`;

/** A group that adds everyone whose sign-in address matches. */
export interface PatternGroup {
  readonly id: GroupId;
  readonly name: string;
  readonly role: Role | null;
  readonly pattern: string;
}

const withPattern = `select id, display_name as name, role, auto_assign_pattern as pattern from groups
    where org_id = $1 and auto_assign_pattern is not null order by id`;
const list: Statement = { name: 'patterns-list', text: withPattern };
const hold: Statement = { name: 'patterns-hold', text: `${withPattern} for key share` };

/** The groups of an organization that have a pattern. */
export function findPatternGroups(tx: Executor, org: OrgId): Promise<PatternGroup[]> {
  return tx.query<PatternGroup>(list, [org]);
}

/** The same, none of which is deleted until the transaction ends. */
export function holdPatternGroups(tx: Executor, org: OrgId): Promise<PatternGroup[]> {
  return tx.query<PatternGroup>(hold, [org]);
}

const addedTo: Statement = {
  name: 'pattern-added-to',
  text: `select g.display_name as name, g.auto_assign_pattern as pattern
    from unnest((select $3::uuid[])) as w (id) cross join lateral (
      select group_id, sources from group_members where org_id = $1 and group_id = w.id and user_id = $2 limit 1
    ) m join groups g on g.org_id = $1 and g.id = m.group_id
    where ${PATTERN} = any (m.sources) order by g.id limit 1`,
};

/** The first of some groups to which a pattern has added a user; its pattern is null if it has been taken away since. */
export async function findAddingGroup(
  tx: Executor,
  org: OrgId,
  user: UserId,
  groups: readonly GroupId[],
): Promise<{ readonly name: string; readonly pattern: string | null } | undefined> {
  const rows = await tx.query<{ name: string; pattern: string | null }>(addedTo, [org, user, groups]);
  return rows[0];
}

/** The users of an array, each once and looked up by their key (ADR 0021). @param array the parameter */
const each = (array: string, columns: string, ending = '') => `unnest((select ${array}::uuid[])) as w (id)
      cross join lateral (select ${columns} from users where org_id = $1 and id = w.id limit 1${ending}) u`;

const holdPeople: Statement = {
  name: 'pattern-people-hold',
  text: `select from ${each('$2', 'id', ' for key share')}`,
};

/** Holds users: until the transaction ends, their sign-in address stays and none is deleted. */
export async function holdSignInAddresses(tx: Executor, org: OrgId, users: readonly UserId[]): Promise<void> {
  await tx.query(holdPeople, [org, [...users].sort()]);
}

const join: Statement = {
  name: 'pattern-join',
  text: `with patterns as materialized (
      select id, ${likeOf('auto_assign_pattern')} as "like" from groups
      where org_id = $1 and auto_assign_pattern is not null and ($4::uuid is null or id = $4)
    ), people as materialized (
      select u.id, u.email_key from ${each('$3', 'id, email_key')} where u.email_key is not null
    ), wanted as materialized (
      select p.id as group_id, u.id as user_id from people u join patterns p on u.email_key like p."like"
      order by p.id, u.id
    ), shared as (
      ${insertMemberships({
        group: 'group_id',
        user: 'user_id',
        at: '$2',
        source: PATTERN,
        inGroupRole: "'member'",
        from: 'wanted',
      })}
    ), added as (select group_id, user_id from shared where fresh), ${countMembershipChanges('added')}`,
};

/**
 * Makes users, whom the transaction holds, members of the groups whose pattern their address matches, or of one of them.
 * @returns the memberships that were not there
 */
export function joinByPattern(
  tx: Executor,
  org: OrgId,
  users: readonly UserId[],
  only: GroupId | undefined,
  at: string,
): Promise<Membership[]> {
  return tx.query<Membership>(join, [org, at, users, only ?? null]);
}

/** Whether the user `u` is not added by the pattern of `g`, a row of groups. */
const matchesNoMore = `(g.pattern is null or u.email_key is null or u.email_key not like ${likeOf('g.pattern')})`;

const stray: Statement = {
  name: 'pattern-stray',
  text: `select m.group_id as "group", m.user_id as "user"
    from ${each('$2', 'id, email_key, deleted_at')}
    cross join lateral (
      select group_id, user_id, sources from group_members where org_id = $1 and user_id = u.id offset 0
    ) m cross join lateral (
      select auto_assign_pattern as pattern from groups where org_id = $1 and id = m.group_id limit 1
    ) g
    where ${PATTERN} = any (m.sources) and ($3::uuid is null or m.group_id = $3)
      and ($4 or u.deleted_at is null) and ${matchesNoMore}
    order by m.group_id, m.user_id`,
};

/**
 * Memberships that a pattern gave and that it does not give any more.
 * @param users held by the transaction @param deleted whether those of deleted users are among them, who come back with their
 *   memberships
 */
export function findStrayMemberships(
  tx: Executor,
  org: OrgId,
  users: readonly UserId[],
  { only, deleted }: { readonly only: GroupId | undefined; readonly deleted: boolean },
): Promise<Membership[]> {
  return tx.query<Membership>(stray, [org, users, only ?? null, deleted]);
}

const named = (groups: string, users: string) =>
  `select g as group_id, u as user_id from unnest((select ${groups}::uuid[]), (select ${users}::uuid[])) as p (g, u)
    limit (select cardinality(${groups}::uuid[]))`;

const holdMemberships: Statement = {
  name: 'pattern-memberships-hold',
  text: `select from (${named('$2', '$3')}) p cross join lateral (
      select from group_members where org_id = $1 and group_id = p.group_id and user_id = p.user_id limit 1
      for no key update
    ) m`,
};

const leave = removal('pattern-leave', removeSourceSql(PATTERN, '$2'), named('$3', '$4'));

/**
 * Takes the source `pattern` from memberships. Their rows are held before: a connection that takes its own share from one at
 * that moment would leave a share that neither of both statements sees as the last.
 * @returns the memberships that ended with it
 */
export async function leaveByPattern(
  tx: Executor,
  org: OrgId,
  memberships: readonly Membership[],
  at: string,
): Promise<Membership[]> {
  const [groups, users] = [memberships.map(({ group }) => group), memberships.map(({ user }) => user)];
  await tx.query(holdMemberships, [org, groups, users]);
  return tx.query<Membership>(leave, [org, at, groups, users]);
}

/** The keys by which addresses are found, read forwards or from their ends. */
const keyOf = (backwards: boolean) => (backwards ? 'reverse(u.email_key)' : 'u.email_key');
const within = (key: string) => `u.org_id = $1 and ${key} >= $2 and ${key} < $3`;

/** A part of those whose address may match, in the order of an index. */
export interface AddressPage {
  /** The last key of the part; undefined if there is none. */
  readonly last: string | undefined;
  /** How many addresses the part has. */
  readonly read: number;
  readonly matching: readonly UserId[];
}

const pageOf = (backwards: boolean): Statement => ({
  name: `pattern-addresses-${backwards ? 'backwards' : 'forwards'}`,
  text: `with page as materialized (
      select u.id, ${keyOf(backwards)} as key, u.email_key like ${likeOf('$5::text')} as matches from users u
      where ${within(keyOf(backwards))} and ${keyOf(backwards)} > $4 order by ${keyOf(backwards)} limit $6
    )
    select max(key) as last, count(*)::int as read, array_agg(id::text) filter (where matches) as matching from page`,
});
const pages = { true: pageOf(true), false: pageOf(false) } as const;

/** Reads the next addresses that may match a pattern behind a key. */
export async function readAddresses(
  tx: Executor,
  org: OrgId,
  pattern: string,
  { backwards, from, to }: AddressRange,
  after: string,
  limit: number,
): Promise<AddressPage> {
  const values = [org, from, to, after, pattern, limit];
  type Row = { last: string | null; read: number; matching: UserId[] | null };
  const [row] = await tx.query<Row>(pages[`${backwards}`], values);
  return { last: row?.last ?? undefined, read: row?.read ?? 0, matching: row?.matching ?? [] };
}

const membersPage: Statement = {
  name: 'pattern-members',
  text: `with page as materialized (
      select user_id, ${PATTERN} = any (sources) as is_added from group_members
      where org_id = $1 and group_id = $2 and user_id > $3::uuid order by user_id limit $4
    )
    select max(user_id::text) as last, count(*)::int as read,
      array_agg(user_id::text) filter (where is_added) as matching from page`,
};

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Reads the next members of a group behind one, and which of them its pattern added. @param after a user's id, or nothing */
export async function readPatternMembers(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  after: string,
  limit: number,
): Promise<AddressPage> {
  type Row = { last: string | null; read: number; matching: UserId[] | null };
  const [row] = await tx.query<Row>(membersPage, [org, group, after === '' ? BEFORE_ALL : after, limit]);
  return { last: row?.last ?? undefined, read: row?.read ?? 0, matching: row?.matching ?? [] };
}

const countPage = (backwards: boolean): Statement => ({
  name: `pattern-count-${backwards ? 'backwards' : 'forwards'}`,
  long: true,
  text: `select count(*) as rows from users u where ${within(keyOf(backwards))}`,
});
const counts = { true: countPage(true), false: countPage(false) } as const;
const countOfMembers: Statement = {
  name: 'pattern-count-members',
  long: true,
  text: 'select count(*) as rows from group_members where org_id = $1 and group_id = $2',
};

/** How many rows a settlement reads: the members of the group, and the addresses that may match. */
export async function countToSettle(
  db: Executor,
  org: OrgId,
  group: GroupId,
  range: AddressRange | undefined,
): Promise<number> {
  const [members] = await db.query<{ rows: number }>(countOfMembers, [org, group]);
  if (range === undefined) return members?.rows ?? 0;
  const [people] = await db.query<{ rows: number }>(counts[`${range.backwards}`], [
    org,
    range.from,
    range.to,
  ]);
  return (members?.rows ?? 0) + (people?.rows ?? 0);
}

/** Some users, all counted up to a limit. */
export interface CountedPeople {
  readonly ids: readonly UserId[];
  /** False if there are more than were counted. */
  readonly isCounted: boolean;
  /** Some of them. */
  readonly people: readonly Reference[];
}

/** What becomes of the common table `numbered`. @param counted @param named the parameters of both limits */
const countedPeople = (
  counted: string,
  named: string,
) => `select (array_agg(id::text order by n) filter (where n <= ${counted})) as ids,
      count(*) <= ${counted} as "isCounted",
      (select json_agg(${userReferenceOf('r')} order by w.n)::text from (
        select id, n from numbered order by n limit ${named}
      ) w cross join lateral (select * from users where org_id = $1 and id = w.id limit 1) r) as people
    from numbered`;

const joiningOf = (backwards: boolean): Statement => ({
  name: `pattern-joining-${backwards ? 'backwards' : 'forwards'}`,
  long: true,
  text: `with found as materialized (
      select u.id, ${keyOf(backwards)} as key from users u left join lateral (
        select true as there from group_members m
        where m.org_id = $1 and m.group_id = $4 and m.user_id = u.id limit 1
      ) m on true
      where ${within(keyOf(backwards))} and u.email_key like ${likeOf('$7::text')} and m.there is null
      order by ${keyOf(backwards)} limit $5::int + 1
    ), numbered as (select id, row_number() over (order by key) as n from found)
    ${countedPeople('$5', '$6::int')}`,
});
const joining = { true: joiningOf(true), false: joiningOf(false) } as const;

type CountedRow = { ids: UserId[] | null; isCounted: boolean; people: string | null };

const toCounted = ([row]: readonly CountedRow[]): CountedPeople => ({
  ids: row?.ids ?? [],
  isCounted: row?.isCounted ?? true,
  people: JSON.parse(row?.people ?? '[]') as Reference[],
});

/** Those who would join a group by a pattern: they match, and are no members. @param limits how many are counted and named */
export async function findJoining(
  db: Executor,
  org: OrgId,
  group: GroupId | undefined,
  pattern: string,
  { backwards, from, to }: AddressRange,
  limits: { readonly counted: number; readonly named: number },
): Promise<CountedPeople> {
  const values = [org, from, to, group ?? BEFORE_ALL, limits.counted, limits.named, pattern];
  return toCounted(await db.query<CountedRow>(joining[`${backwards}`], values));
}

const leaving: Statement = {
  name: 'pattern-leaving',
  long: true,
  text: `with found as materialized (
      select u.id from group_members m cross join lateral (
        select id, email_key, deleted_at from users where org_id = $1 and id = m.user_id limit 1
      ) u cross join (select $3::text as pattern) g
      where m.org_id = $1 and m.group_id = $2 and m.sources = array[${PATTERN}] and u.deleted_at is null
        and ${matchesNoMore}
      order by m.user_id limit $4::int + 1
    ), numbered as (select id, row_number() over (order by id) as n from found)
    ${countedPeople('$4', '$5::int')}`,
};

/** Those who would leave a group with another pattern, or with none: nothing but the pattern there is added them. */
export async function findLeaving(
  db: Executor,
  org: OrgId,
  group: GroupId,
  pattern: string | null,
  limits: { readonly counted: number; readonly named: number },
): Promise<CountedPeople> {
  const values = [org, group, pattern, limits.counted, limits.named];
  return toCounted(await db.query<CountedRow>(leaving, values));
}

/** How far the members of a group follow its pattern. */
export interface Settlement {
  readonly phase: 'leave' | 'join';
  /** The last member or address that was looked at. */
  readonly after: string;
  readonly done: number;
  readonly total: number;
  /** The pattern before, if there was one. */
  readonly previous: string | null;
  /** The pattern now. */
  readonly pattern: string | null;
}

const begin: Statement = {
  name: 'group-settlement-begin',
  text: `insert into group_settlements as s (org_id, group_id, phase, after_key, previous)
    values ($1, $2, 'leave', '', $3)
    on conflict (org_id, group_id) do update set phase = 'leave', after_key = '', done = 0, total = 0,
      previous = coalesce(excluded.previous, s.previous)`,
};

/** Notes that the members of a group do not follow its pattern yet. */
export async function beginSettlement(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  previous: string | null,
): Promise<void> {
  await tx.query(begin, [org, group, previous]);
}

const find: Statement = {
  name: 'group-settlement-find',
  text: `select s.phase, s.after_key as after, s.done, s.total, s.previous, g.auto_assign_pattern as pattern
    from groups g join group_settlements s on s.org_id = g.org_id and s.group_id = g.id
    where g.org_id = $1 and g.id = $2 for key share of g`,
};

/** What is left to do for a group, which is not deleted until the transaction ends; undefined if nothing is. */
export async function findSettlement(
  tx: Executor,
  org: OrgId,
  group: GroupId,
): Promise<Settlement | undefined> {
  return (await tx.query<Settlement>(find, [org, group]))[0];
}

const advance: Statement = {
  name: 'group-settlement-advance',
  text: `update group_settlements set phase = $3, after_key = $4, done = $5, total = $6
    where org_id = $1 and group_id = $2`,
};

export async function advanceSettlement(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  { phase, after, done, total }: Pick<Settlement, 'phase' | 'after' | 'done' | 'total'>,
): Promise<void> {
  await tx.query(advance, [org, group, phase, after, done, total]);
}

const end: Statement = {
  name: 'group-settlement-end',
  text: 'delete from group_settlements where org_id = $1 and group_id = $2',
};

export async function endSettlement(tx: Executor, org: OrgId, group: GroupId): Promise<void> {
  await tx.query(end, [org, group]);
}

const behindFeed: Statement = {
  name: 'patterns-organizations-behind',
  text: `select o.id from event_cursors c join organizations o on o.id = c.org_id
    cross join lateral (
      select id from groups where org_id = c.org_id and auto_assign_pattern is not null order by org_id, id limit 1
    ) g
    cross join ${nextEvent('o.id', 'c.position', 'c.event_id')} e
    where c.consumer = 'patterns' and ${isSettled} order by o.id`,
};

/** Organizations with patterns in which something happened that was not looked at yet. */
export async function findOrganizationsToFollow(db: Executor): Promise<OrgId[]> {
  return (await db.query<{ id: OrgId }>(behindFeed, [])).map(({ id }) => id);
}
