import type { GroupId, UserId } from '../../ids.ts';
import { type AccessTier, accessTier, compareRoles, ROLES } from '../../roles/rules/roles.ts';
import { ofThisActivation } from '../../roles/store.ts';
import { beginsWith, contains, pattern, type TextHits } from '../../search/store/text-search.ts';
import { displayNameOf, lockHolds } from '../../store/fragments.ts';
import type { Role, UserSource, UserStatus } from '../user.ts';

/** Filters, all of which must hold (R65 to R70). Times are ISO 8601. */
export interface UserFilter {
  readonly text?: string | undefined;
  /** Direct roles. Of this and of each list that follows any value is right. */
  readonly role?: readonly Role[] | undefined;
  readonly effectiveRole?: readonly Role[] | undefined;
  readonly accessTier?: readonly AccessTier[] | undefined;
  readonly owner?: boolean | undefined;
  readonly group?: readonly GroupId[] | undefined;
  readonly status?: readonly UserStatus[] | undefined;
  readonly lastLoginBefore?: string | undefined;
  readonly lastLoginAfter?: string | undefined;
  readonly neverLoggedIn?: boolean | undefined;
  readonly locked?: boolean | undefined;
  readonly source?: readonly UserSource[] | undefined;
  readonly externalId?: string | undefined;
  readonly inactiveSince?: string | undefined;
  readonly deleted?: boolean | undefined;
  /** Only users of these groups, or this one user: how far the caller may see. */
  readonly within?: { readonly groups: readonly GroupId[]; readonly self: UserId } | undefined;
}

/**
 * The conditions of a search; `u` is users, `$1` the organization, `$2` the time.
 * @param bind adds a value and returns its parameter
 * @param hits what the text of the filter matches
 */
export function conditionsOf(filter: UserFilter, bind: Bind, hits: TextHits): string[] {
  const conditions: string[] = [];
  const add = (condition: string) => conditions.push(condition);
  if (filter.deleted !== true) add('u.deleted_at is null');
  if (filter.text !== undefined) {
    const arms =
      hits === 'too short'
        ? [beginsWith(bind(pattern(filter.text, '')))]
        : [hits === 'many' ? contains(bind(pattern(filter.text, '%'))) : `u.id = any(${bind(hits)}::uuid[])`];
    // Deleted users have no keys.
    if (filter.deleted === true) {
      arms.push(`(u.deleted_at is not null and (${deletedLike(bind(pattern(filter.text, '%')))}))`);
    }
    add(`(${arms.join(' or ')})`);
  }
  if (filter.role !== undefined) add(isAny('u.role', 'text', filter.role, bind));
  if (filter.status !== undefined) add(isAny('u.status', 'text', filter.status, bind));
  if (filter.source !== undefined) add(isAny('u.source', 'text', filter.source, bind));
  if (filter.effectiveRole !== undefined) conditions.push(...hasEffectiveRole(filter.effectiveRole, bind));
  if (filter.accessTier !== undefined) conditions.push(...hasTier(filter.accessTier, bind));
  if (filter.owner !== undefined) add(filter.owner ? IS_OWNER : 'not u.owner');
  if (filter.group !== undefined) {
    // One group by name, so that its size is known to the planner, who begins with its members if they are few.
    add(
      `u.id in (select gm.user_id from group_members gm where gm.org_id = $1 and ${isAny('gm.group_id', 'uuid', filter.group, bind)})`,
    );
  }
  if (filter.externalId !== undefined) {
    add(
      `u.id in (select l.user_id from user_links l where l.org_id = $1 and l.external_id = ${bind(filter.externalId)})`,
    );
  }
  if (filter.lastLoginBefore !== undefined)
    add(`u.last_login_at < ${bind(filter.lastLoginBefore)}::timestamptz`);
  if (filter.lastLoginAfter !== undefined)
    add(`u.last_login_at > ${bind(filter.lastLoginAfter)}::timestamptz`);
  if (filter.neverLoggedIn !== undefined) {
    add(`u.last_login_at is ${filter.neverLoggedIn ? '' : 'not '}null`);
  }
  if (filter.locked !== undefined) add(`${filter.locked ? '' : 'not '}${lockHolds('$2')}`);
  if (filter.inactiveSince !== undefined) {
    add(
      `greatest(u.last_active_at, u.last_login_at, u.created_at) < ${bind(filter.inactiveSince)}::timestamptz`,
    );
  }
  if (filter.within !== undefined) {
    const { groups, self } = filter.within;
    add(`(u.id = ${bind(self)}::uuid or ${memberOf(`${bind(groups)}::uuid[]`)})`);
  }
  return conditions;
}

type Bind = (value: unknown) => string;

/** One value as an equality, which an index follows in the order of ids. */
function isAny(column: string, type: string, values: readonly string[], bind: Bind): string {
  const [only] = values;
  if (values.length === 1) return `${column} = ${bind(only)}::${type}`;
  return `${column} = any(${bind(values)}::${type}[])`;
}

/** The owner flag needs the role, which has an index. */
const IS_OWNER = `(u.role = 'admin' and u.owner)`;

/** Whether max(direct role, roles of the groups, active elevations) is one of some roles. */
function hasEffectiveRole(roles: readonly Role[], bind: Bind): string[] {
  const lowest = ROLES.findIndex((role) => roles.includes(role));
  const conditions: string[] = [];
  const [first] = ROLES.slice(lowest);
  if (lowest > 0 && first !== undefined) {
    conditions.push(
      compareRoles(first, 'configure') < 0 ? reaches(first, bind) : `u.id in (${idsReaching(first, bind)})`,
    );
  }
  for (const role of ROLES.slice(lowest).filter((each) => !roles.includes(each))) {
    const next = ROLES[ROLES.indexOf(role) + 1];
    const above = next === undefined ? '' : ` and not ${reaches(next, bind)}`;
    conditions.push(`not (${reaches(role, bind)}${above})`);
  }
  return conditions;
}

const atLeast = (role: Role) => ROLES.filter((each) => compareRoles(each, role) >= 0);

/** Asked of the one row: for the many who have a low role, and for those who are to be left out. */
function reaches(role: Role, bind: Bind): string {
  const roles = `any(${bind(atLeast(role))}::text[])`;
  return `(u.role = ${roles} or exists (
      select from group_members gm join groups g on g.org_id = gm.org_id and g.id = gm.group_id
      where gm.org_id = $1 and gm.user_id = u.id and g.role = ${roles})
    or exists (select from elevations e where e.org_id = $1 and e.user_id = u.id and e.role = ${roles}
      and ${ELEVATION_HOLDS} and ${ofThisActivation}))`;
}

/** The ids of those who have a role by any way, each found by its index: for the few who have a high role. */
function idsReaching(role: Role, bind: Bind): string {
  const roles = `any(${bind(atLeast(role))}::text[])`;
  return `select x.id from users x where x.org_id = $1 and x.role = ${roles}
    union select gm.user_id from groups g join group_members gm on gm.org_id = g.org_id and gm.group_id = g.id
      where g.org_id = $1 and g.role = ${roles}
    union select e.user_id from elevations e join users u on u.org_id = e.org_id and u.id = e.user_id
      where e.org_id = $1 and e.role = ${roles} and ${ELEVATION_HOLDS} and ${ofThisActivation}`;
}

const ELEVATION_HOLDS = `e.state = 'active' and e.starts_at <= $2::timestamptz and e.expires_at > $2::timestamptz`;

/** The tier is a function of the effective role and the owner flag. */
function hasTier(tiers: readonly AccessTier[], bind: Bind): string[] {
  if (tiers.every((tier) => tier === 'super_admin')) return [IS_OWNER];
  const roles = ROLES.filter((role) =>
    [false, true].some((owner) => tiers.includes(accessTier(role, owner))),
  );
  const conditions = hasEffectiveRole(roles, bind);
  if (!tiers.includes('super_admin')) conditions.push('not u.owner');
  else if (!tiers.includes('admin')) conditions.push(`(u.owner or not ${reaches('admin', bind)})`);
  return conditions;
}

const deletedLike = (like: string) =>
  ['u.email', 'u.user_name', displayNameOf('u')].map((text) => `lower(${text}) like ${like}`).join(' or ');

const memberOf = (groups: string) => `exists (
  select from group_members gm where gm.org_id = $1 and gm.user_id = u.id and gm.group_id = any(${groups}))`;
