import type { Grant } from '../../directory/groups/store/grants.ts';
import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { GroupState, MembershipState } from './states.ts';

/**
 * What a membership or a group was just before a change, which is named by its time: that of the command, and so of its
 * event. Rows are compared by `seq`, since commands that ran at once may have been written in another order than they
 * began; a row of the snapshot counts only if it was read before the change.
 */
const before = (kind: string, row: string) => `select p.state from history p
      where p.org_id = $1 and p.kind = '${kind}' and p.group_id = ${row}.group_id
        and ${kind === 'membership' ? `p.user_id = ${row}.user_id` : 'p.user_id is null'}
        and p.seq < ${row}.seq and (p.seq > 0 or p.at <= ${row}.at) order by p.seq desc limit 1`;

/** A change of a membership, or with a null user of a group. @param at ISO 8601 */
export interface PastChange {
  readonly group: string;
  readonly user: string | null;
  readonly at: string;
}

const known: Statement = {
  name: 'history-before-known',
  text: `select distinct c.n::integer as n from unnest($2::uuid[], $3::uuid[], $4::timestamptz[])
      with ordinality as c (group_id, user_id, at, n)
    join history e on e.org_id = $1 and e.kind = 'membership' and e.user_id = c.user_id and e.group_id = c.group_id
      and e.at = c.at and e.seq > 0
    cross join lateral (${before('membership', 'e')}) b where b.state is not null
    union all
    select distinct c.n::integer from unnest($2::uuid[], $3::uuid[], $4::timestamptz[])
      with ordinality as c (group_id, user_id, at, n)
    join history e on e.org_id = $1 and e.kind = 'group' and e.group_id = c.group_id and e.user_id is null
      and e.at = c.at and e.seq > 0
    cross join lateral (${before('group', 'e')}) b where c.user_id is null and b.state is not null`,
};

/** Changes that one statement asks for. */
const CHUNK = 1_000;

/** Those changes of which history holds what was there before. */
export async function findKnownBefore<Change extends PastChange>(
  db: Executor,
  org: OrgId,
  changes: readonly Change[],
): Promise<Change[]> {
  const found: Change[] = [];
  for (let start = 0; start < changes.length; start += CHUNK) {
    const some = changes.slice(start, start + CHUNK);
    const rows = await db.query<{ n: number }>(known, [
      org,
      some.map(({ group }) => group),
      some.map(({ user }) => user),
      some.map(({ at }) => at),
    ]);
    for (const { n } of rows) found.push(some[n - 1] as Change);
  }
  return found;
}

const membership: Statement = {
  name: 'history-membership-before',
  text: `select b.state from history e cross join lateral (${before('membership', 'e')}) b
    where e.org_id = $1 and e.kind = 'membership' and e.user_id = $3 and e.group_id = $2 and e.at = $4 and e.seq > 0
    order by e.seq limit 1`,
};

/** @returns undefined where history does not know what the membership was, or that there was one */
export async function findMembershipBefore(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  user: UserId,
  at: string,
): Promise<MembershipState | undefined> {
  const rows = await tx.query<{ state: MembershipState | null }>(membership, [org, group, user, at]);
  return rows[0]?.state ?? undefined;
}

const group: Statement = {
  name: 'history-group-before',
  text: `select b.state, (
      select g.state from history e2 cross join lateral (${before('grants', 'e2')}) g
      where e2.org_id = $1 and e2.at = $3 and e2.kind = 'grants' and e2.group_id = $2 and e2.seq > 0 order by e2.seq limit 1
    ) as grants
    from history e cross join lateral (${before('group', 'e')}) b
    where e.org_id = $1 and e.kind = 'group' and e.group_id = $2 and e.user_id is null and e.at = $3 and e.seq > 0
    order by e.seq limit 1`,
};

/** A group before it was deleted, with what it gave. */
export interface GroupBefore {
  readonly state: GroupState;
  readonly grants: readonly Grant[];
}

/** @param at ISO 8601, when it was deleted @returns undefined where history does not know what the group was */
export async function findGroupBefore(
  tx: Executor,
  org: OrgId,
  id: GroupId,
  at: string,
): Promise<GroupBefore | undefined> {
  const rows = await tx.query<{ state: GroupState | null; grants: readonly Grant[] | null }>(group, [
    org,
    id,
    at,
  ]);
  const { state, grants } = rows[0] ?? { state: null, grants: null };
  return state === null ? undefined : { state, grants: grants ?? [] };
}

const members: Statement = {
  name: 'history-members-before',
  long: true,
  text: `select e.user_id as "user", b.state from history e cross join lateral (${before('membership', 'e')}) b
    where e.org_id = $1 and e.at = $3 and e.kind = 'membership' and e.group_id = $2 and e.state is null and e.seq > 0
      and b.state is not null`,
};

/** A member of a group before it was deleted. */
export interface MemberBefore {
  readonly user: UserId;
  readonly state: MembershipState;
}

/** The members that a group had when it was deleted. @param at ISO 8601 */
export function listMembersBefore(
  tx: Executor,
  org: OrgId,
  id: GroupId,
  at: string,
): Promise<readonly MemberBefore[]> {
  return tx.query<MemberBefore>(members, [org, id, at]);
}

/** SQL: how many memberships ended with a group. @param at SQL, when it was deleted */
export const countEndedWith = (org: string, id: string, at: string): string =>
  `(select count(*)::integer from history h where h.org_id = ${org} and h.at = ${at} and h.kind = 'membership'
      and h.group_id = ${id} and h.state is null)`;

/** SQL: the last name of a group, also of one that is deleted. */
export const lastNameOf = (org: string, id: string): string =>
  `(select h.state ->> 'name' from history h where h.org_id = ${org} and h.kind = 'group' and h.group_id = ${id}
      and h.state is not null order by h.user_id, h.seq desc limit 1)`;
