import type { Database } from '../../../platform/db/database.ts';
import { type Bind, builder, type Query } from '../../../platform/db/query-builder.ts';
import { isMemberOf } from '../../groups/store/membership-sql.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
import { type AccessTier, accessTier, compareRoles, ROLES } from '../../roles/rules/roles.ts';
import {
  beginsWith,
  contains,
  findTextHits,
  pattern,
  type TextHits,
} from '../../search/store/text-search.ts';
import {
  displayNameOf,
  LINKED_USERS,
  linkedToSso,
  lockHolds,
  ofThisActivation,
  PASSWORD_ALONE,
} from '../../store/fragments.ts';
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
  /** Who signs in with a password and without a second factor. */
  readonly passwordAlone?: boolean | undefined;
  /** Who is linked to no provider that users sign in through. */
  readonly outsideSso?: boolean | undefined;
  readonly source?: readonly UserSource[] | undefined;
  readonly externalId?: string | undefined;
  readonly inactiveSince?: string | undefined;
  readonly deleted?: boolean | undefined;
  /** Only users of these groups, or this one user: how far the caller may see. */
  readonly within?: { readonly groups: readonly GroupId[]; readonly self: UserId } | undefined;
}

/** What a filter matches by other indexes than those of users: few, or many, of whom a page is soon full. */
export interface FilterHits {
  readonly text: TextHits;
  readonly outsideSso: readonly UserId[] | 'many';
}

/** So many users outside single sign-on are looked up by their ids. */
const MOST_OUTSIDE = 5_000;

/** Finds what `applyFilter` needs to know beforehand. */
export async function findFilterHits(
  db: Database,
  org: OrgId,
  { text, outsideSso }: UserFilter,
): Promise<FilterHits> {
  return {
    text: text === undefined ? [] : await findTextHits(db, org, text),
    outsideSso: outsideSso === true ? await findOutsideSso(db, org) : 'many',
  };
}

/**
 * The users whom two indexes tell apart, without reading them: mostly few are outside. A difference is sorted or hashed,
 * whatever a planner without statistics expects.
 */
async function findOutsideSso(db: Database, org: OrgId): Promise<FilterHits['outsideSso']> {
  const rows = await db.search<{ id: UserId }>(
    `select id from (select x.id from users x where x.org_id = $1 except ${LINKED_USERS}) o limit ${MOST_OUTSIDE + 1}`,
    [org],
  );
  return rows.length > MOST_OUTSIDE ? 'many' : rows.map(({ id }) => id);
}

/**
 * Adds the conditions of a search; `u` is users, `$1` the organization, `$2` the time.
 * @param bind adds a value that a raw condition names and returns its parameter
 * @param hits what `findFilterHits` found
 */
export function applyFilter(query: Query, filter: UserFilter, bind: Bind, hits: FilterHits): void {
  const { text, owner, group, neverLoggedIn, locked, passwordAlone, outsideSso, within } = filter;
  if (filter.deleted !== true) query.whereNull('u.deleted_at');
  if (text !== undefined) query.whereRaw(hasText(text, filter.deleted === true, bind, hits.text));
  if (filter.role !== undefined) query.whereIn('u.role', filter.role);
  if (filter.status !== undefined) query.whereIn('u.status', filter.status);
  if (filter.source !== undefined) query.whereIn('u.source', filter.source);
  if (filter.effectiveRole !== undefined) applyEffectiveRole(query, filter.effectiveRole, bind);
  if (filter.accessTier !== undefined) applyTier(query, filter.accessTier, bind);
  if (owner !== undefined) query.whereRaw(owner ? IS_OWNER : 'not u.owner');
  if (group !== undefined) {
    // Groups by name, so that their size is known to the planner, who begins with the members of one if they are few.
    const members = builder('group_members as gm').select('gm.user_id').whereRaw('gm.org_id = $1');
    query.whereIn('u.id', members.whereIn('gm.group_id', group));
  }
  if (filter.externalId !== undefined) {
    const links = builder('user_links as l').select('l.user_id').whereRaw('l.org_id = $1');
    query.whereIn('u.id', links.where('l.external_id', filter.externalId));
  }
  if (filter.lastLoginBefore !== undefined) query.where('u.last_login_at', '<', filter.lastLoginBefore);
  if (filter.lastLoginAfter !== undefined) query.where('u.last_login_at', '>', filter.lastLoginAfter);
  if (neverLoggedIn !== undefined) query.whereRaw(`u.last_login_at is ${neverLoggedIn ? '' : 'not '}null`);
  if (locked !== undefined) query.whereRaw(`${locked ? '' : 'not '}${lockHolds('$2')}`);
  if (passwordAlone !== undefined) query.whereRaw(`${passwordAlone ? '' : 'not '}${PASSWORD_ALONE}`);
  if (outsideSso !== undefined) query.whereRaw(isOutside(outsideSso, bind, hits.outsideSso));
  if (filter.inactiveSince !== undefined) {
    query.whereRaw('greatest(u.last_active_at, u.last_login_at, u.created_at) < ?', [filter.inactiveSince]);
  }
  if (within !== undefined) {
    query.whereRaw(`(u.id = ? or ${isMemberOf('?')})`, [within.self, [...within.groups]]);
  }
}

function isOutside(isAsked: boolean, bind: Bind, outside: FilterHits['outsideSso']): string {
  if (!isAsked) return linkedToSso('u.id');
  return outside === 'many' ? `not (${linkedToSso('u.id')})` : `u.id = any(${bind(outside)}::uuid[])`;
}

function hasText(text: string, withDeleted: boolean, bind: Bind, hits: TextHits): string {
  const arms =
    hits === 'too short'
      ? [beginsWith(bind(pattern(text, '')))]
      : [hits === 'many' ? contains(bind(pattern(text, '%'))) : `u.id = any(${bind(hits)}::uuid[])`];
  // Deleted users have no keys.
  if (withDeleted) arms.push(`(u.deleted_at is not null and (${deletedLike(bind(pattern(text, '%')))}))`);
  return `(${arms.join(' or ')})`;
}

/** The owner flag needs the role, which has an index. */
const IS_OWNER = `(u.role = 'admin' and u.owner)`;

/** Whether max(direct role, roles of the groups, active elevations) is one of some roles. */
function applyEffectiveRole(query: Query, roles: readonly Role[], bind: Bind): void {
  const lowest = ROLES.findIndex((role) => roles.includes(role));
  const [first] = ROLES.slice(lowest);
  if (lowest > 0 && first !== undefined) {
    const isCommon = compareRoles(first, 'configure') < 0;
    query.whereRaw(isCommon ? reaches(first, bind) : `u.id in (${idsReaching(first, bind)})`);
  }
  for (const role of ROLES.slice(lowest).filter((each) => !roles.includes(each))) {
    const next = ROLES[ROLES.indexOf(role) + 1];
    const above = next === undefined ? '' : ` and not ${reaches(next, bind)}`;
    query.whereRaw(`not (${reaches(role, bind)}${above})`);
  }
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

/**
 * The ids of those who have a role by any way, each found by its index: for the few who have a high role. `$1` is the
 * organization, `$2` the time; whether they are active is another question.
 */
export function idsReaching(role: Role, bind: Bind): string {
  const roles = `any(${bind(atLeast(role))}::text[])`;
  return `select x.id from users x where x.org_id = $1 and x.role = ${roles}
    union select gm.user_id from groups g join group_members gm on gm.org_id = g.org_id and gm.group_id = g.id
      where g.org_id = $1 and g.role = ${roles}
    union select e.user_id from elevations e join users u on u.org_id = e.org_id and u.id = e.user_id
      where e.org_id = $1 and e.role = ${roles} and ${ELEVATION_HOLDS} and ${ofThisActivation}`;
}

const ELEVATION_HOLDS = `e.state = 'active' and e.starts_at <= $2::timestamptz and e.expires_at > $2::timestamptz`;

/** The tier is a function of the effective role and the owner flag. */
function applyTier(query: Query, tiers: readonly AccessTier[], bind: Bind): void {
  if (tiers.every((tier) => tier === 'super_admin')) {
    query.whereRaw(IS_OWNER);
    return;
  }
  const roles = ROLES.filter((role) =>
    [false, true].some((owner) => tiers.includes(accessTier(role, owner))),
  );
  applyEffectiveRole(query, roles, bind);
  if (!tiers.includes('super_admin')) query.whereRaw('not u.owner');
  else if (!tiers.includes('admin')) query.whereRaw(`(u.owner or not ${reaches('admin', bind)})`);
}

const deletedLike = (like: string) =>
  ['u.email', 'u.user_name', displayNameOf('u')].map((text) => `lower(${text}) like ${like}`).join(' or ');
