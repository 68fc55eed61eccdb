import { isMemberOf } from '../../directory/groups/store/membership-sql.ts';
import type { OrgId, UserId } from '../../directory/ids.ts';
import { ofThisActivation } from '../../directory/store/fragments.ts';
import type { Role, UserStatus } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import type { ReviewScope, SnapshotElevation, SnapshotGrant, SnapshotGroup } from '../review.ts';

/** What is known of subjects when a review is opened: so many at a time, in the order of ids. */

const PRIVILEGED = `('configure', 'admin')`;

/** Which users are in a scope: `$2` groups, `$3` whether only privileged ones, `$4` the time since when they are idle, `$5` now. */
const inScope = `u.org_id = $1 and u.deleted_at is null and u.status in ('active', 'pending')
    and ($2::uuid[] is null or ${isMemberOf('$2')})
    and ($4::timestamptz is null or greatest(u.last_active_at, u.last_login_at, u.created_at) < $4)
    and (not $3::boolean or u.role in ${PRIVILEGED}
      or exists (select from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
        where m.org_id = u.org_id and m.user_id = u.id and g.role in ${PRIVILEGED})
      or exists (select from elevations e where e.org_id = u.org_id and e.user_id = u.id and e.state = 'active'
        and e.starts_at <= $5::timestamptz and e.expires_at > $5::timestamptz and ${ofThisActivation}
        and e.role in ${PRIVILEGED}))`;

const scopeValues = (org: OrgId, scope: ReviewScope, now: Date) => [
  org,
  scope.groups ?? null,
  scope.privileged,
  scope.inactiveDays === undefined
    ? null
    : new Date(now.getTime() - scope.inactiveDays * 86_400_000).toISOString(),
  now.toISOString(),
];

const countUsers: Statement = {
  name: 'review-count-users',
  text: `select count(*)::integer as subjects from users u where ${inScope}`,
  long: true,
};
const countPrograms: Statement = {
  name: 'review-count-programs',
  text: `select ((select count(*) from service_accounts where org_id = $1 and deleted_at is null)
    + (select count(*) from api_keys where org_id = $1 and revoked_at is null
      and (expires_at is null or expires_at > $2::timestamptz)))::integer as subjects`,
  long: true,
};

/** How many subjects a scope has. */
export async function countSubjects(
  tx: Executor,
  org: OrgId,
  scope: ReviewScope,
  now: Date,
): Promise<number> {
  const users = scope.users
    ? await tx.query<{ subjects: number }>(countUsers, scopeValues(org, scope, now))
    : [];
  const programs = scope.programs
    ? await tx.query<{ subjects: number }>(countPrograms, [org, now.toISOString()])
    : [];
  return (users[0]?.subjects ?? 0) + (programs[0]?.subjects ?? 0);
}

const elevationsOf = `(select coalesce(json_agg(json_build_object('id', e.id, 'role', e.role, 'startsAt', e.starts_at,
      'expiresAt', e.expires_at) order by e.starts_at), '[]') from elevations e
    where e.org_id = u.org_id and e.user_id = u.id and e.starts_at >= $6::timestamptz)`;

const users: Statement = {
  name: 'review-facts-of-users',
  text: `select u.id, u.status, u.role, u.owner, u.source, u.created_at as "createdAt", u.last_login_at as "lastLoginAt",
      u.last_active_at as "lastActiveAt",
      exists (select from user_links l where l.org_id = u.org_id and l.user_id = u.id) as managed,
      (select coalesce(json_agg(json_build_object('id', g.id, 'name', g.display_name, 'inGroupRole', m.in_group_role,
          'role', g.role, 'sources', m.sources) order by g.display_name_key), '[]')
        from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
        where m.org_id = u.org_id and m.user_id = u.id) as groups,
      ${elevationsOf} as elevations,
      (select array_agg(e.role) from elevations e where e.org_id = u.org_id and e.user_id = u.id and e.state = 'active'
        and e.starts_at <= $5::timestamptz and e.expires_at > $5::timestamptz and ${ofThisActivation}) as elevated,
      (select coalesce(sum(a.events), 0)::integer from activity_user_hours a
        where a.org_id = u.org_id and a.user_id = u.id and a.hour >= $6::timestamptz) as activity
    from users u where ${inScope} and ($7::uuid is null or u.id > $7) order by u.id limit $8`,
};

export interface FoundUser {
  readonly id: UserId;
  readonly status: Exclude<UserStatus, 'inactive'>;
  readonly role: Role;
  readonly owner: boolean;
  readonly source: string;
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
  readonly lastActiveAt: string | null;
  readonly managed: boolean;
  readonly groups: readonly SnapshotGroup[];
  /** Those that began in the period. */
  readonly elevations: readonly SnapshotElevation[];
  /** Roles of the elevations that are in force. */
  readonly elevated: readonly Role[] | null;
  readonly activity: number;
}

/** Users of a scope, those behind an id. @param from when the period under review begins */
export function findUsersInScope(
  tx: Executor,
  org: OrgId,
  scope: ReviewScope,
  period: { readonly from: string; readonly now: Date },
  page: { readonly after: string | null; readonly limit: number },
): Promise<FoundUser[]> {
  return tx.query<FoundUser>(users, [
    ...scopeValues(org, scope, period.now),
    period.from,
    page.after,
    page.limit,
  ]);
}

const caused: Statement = {
  name: 'review-caused-events',
  text: `select a.user_id as "user", e.action, max(e.at) as at
    from (
      select id::text as actor, id as user_id from unnest($2::uuid[]) as each (id)
      union all
      select k.id::text, k.user_id from api_keys k where k.org_id = $1 and k.user_id = any($2::uuid[])
    ) a cross join lateral (
      select action, at from events where org_id = $1 and actor_id = a.actor and id >= $3 and at >= $4
        and target_id <> a.user_id order by id desc limit 2000
    ) e group by 1, 2`,
  long: true,
};

export interface CausedAction {
  readonly user: string;
  readonly action: string;
  readonly at: string;
}

/** What users did to others and other things since a time, themselves or by their keys: of each kind the last, among their newest 2,000 events. */
export function findCausedActions(
  tx: Executor,
  org: OrgId,
  ids: readonly string[],
  from: string,
): Promise<CausedAction[]> {
  return tx.query<CausedAction>(caused, [org, ids, smallestUuidv7(Date.parse(from)), from]);
}

const roles: Statement = {
  name: 'review-roles-of-groups',
  text: `select m.group_id as "group", u.role, count(*)::integer as members from group_members m
    join users u on u.org_id = m.org_id and u.id = m.user_id
    where m.org_id = $1 and m.group_id = any($2::uuid[]) and u.status = 'active' and u.deleted_at is null group by 1, 2`,
  long: true,
};
const managers: Statement = {
  name: 'review-managers-of-groups',
  text: `select m.group_id as "group", m.user_id as "user" from group_members m
    where m.org_id = $1 and m.group_id = any($2::uuid[]) and m.in_group_role = 'manager'`,
  long: true,
};
const grants: Statement = {
  name: 'review-grants-of-groups',
  text: `select t.group_id as "group", t.resource_type as "resourceType", t.resource_id as resource,
      r.name as "resourceName", t.tag, t.level
    from group_grants t left join resources r on r.org_id = t.org_id and r.id = t.resource_id
    where t.org_id = $1 and t.group_id = any($2::uuid[]) order by t.group_id, t.id`,
  long: true,
};

/** What is known of groups: the direct roles of their active members, who manages them, and what they give. */
export async function findGroupFacts(
  tx: Executor,
  org: OrgId,
  groups: readonly string[],
): Promise<{
  readonly roles: readonly { readonly group: string; readonly role: Role; readonly members: number }[];
  readonly managers: readonly { readonly group: string; readonly user: UserId }[];
  readonly grants: readonly SnapshotGrant[];
}> {
  if (groups.length === 0) return { roles: [], managers: [], grants: [] };
  return {
    roles: await tx.query(roles, [org, groups]),
    managers: await tx.query(managers, [org, groups]),
    grants: await tx.query(grants, [org, groups]),
  };
}

const liveKey = `k.revoked_at is null and (k.expires_at is null or k.expires_at > $2::timestamptz)`;

const accounts: Statement = {
  name: 'review-facts-of-accounts',
  text: `select a.id, a.role, a.status, a.owner_id as owner, a.created_at as "createdAt",
      coalesce(o.status = 'active' and o.deleted_at is null, false) as "ownerIsActive",
      (select count(*)::integer from api_keys k where k.org_id = a.org_id and k.service_account_id = a.id
        and ${liveKey}) as keys,
      (select max(greatest(k.last_used_at, k.created_at)) from api_keys k
        where k.org_id = a.org_id and k.service_account_id = a.id) as "lastUsedAt"
    from service_accounts a left join users o on o.org_id = a.org_id and o.id = a.owner_id
    where a.org_id = $1 and a.deleted_at is null and ($3::uuid is null or a.id > $3) order by a.id limit $4`,
};

export interface FoundAccount {
  readonly id: string;
  readonly role: Role;
  readonly status: 'active' | 'inactive';
  readonly owner: string;
  readonly createdAt: string;
  readonly ownerIsActive: boolean;
  readonly keys: number;
  readonly lastUsedAt: string | null;
}

export function findAccounts(
  tx: Executor,
  org: OrgId,
  now: Date,
  page: { readonly after: string | null; readonly limit: number },
): Promise<FoundAccount[]> {
  return tx.query<FoundAccount>(accounts, [org, now.toISOString(), page.after, page.limit]);
}

const keys: Statement = {
  name: 'review-facts-of-keys',
  text: `select k.id, coalesce(k.user_id, a.owner_id) as "user", k.service_account_id as account,
      coalesce(a.role, u.role) as role, k.scopes, k.created_at as "createdAt", k.expires_at as "expiresAt",
      k.last_used_at as "lastUsedAt",
      coalesce(case when a.id is null then u.status = 'active' and u.deleted_at is null
        else a.status = 'active' and a.deleted_at is null end, false) as "holderIsActive"
    from api_keys k left join users u on u.org_id = k.org_id and u.id = k.user_id
    left join service_accounts a on a.org_id = k.org_id and a.id = k.service_account_id
    where k.org_id = $1 and ${liveKey} and ($3::uuid is null or k.id > $3) order by k.id limit $4`,
};

export interface FoundKey {
  readonly id: string;
  readonly user: string | null;
  readonly account: string | null;
  readonly role: Role;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly holderIsActive: boolean;
}

export function findKeys(
  tx: Executor,
  org: OrgId,
  now: Date,
  page: { readonly after: string | null; readonly limit: number },
): Promise<FoundKey[]> {
  return tx.query<FoundKey>(keys, [org, now.toISOString(), page.after, page.limit]);
}
