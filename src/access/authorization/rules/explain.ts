import { gives, grantCovers, levelFor, subjectOfType } from '../../../directory/groups/rules.ts';
import type { GroupGrant } from '../../../directory/groups/store/grants.ts';
import type { GroupId, UserId } from '../../../directory/ids.ts';
import {
  effectiveRole,
  isOwner,
  managedGroups,
  type Rights,
  reach,
} from '../../../directory/roles/authority.ts';
import {
  isAbout,
  PERMISSION_MEANINGS,
  SCOPE_MEANINGS,
  type Subject,
} from '../../../directory/roles/rules/permission-meanings.ts';
import {
  PERMISSIONS,
  type Permission,
  RANKS,
  type Scope,
} from '../../../directory/roles/rules/permissions.ts';
import { compareRoles } from '../../../directory/roles/rules/roles.ts';
import type { Role } from '../../../directory/users/user.ts';
import { writtenTime } from '../../../platform/time.ts';
import { type RoleSource, roleSources } from './snapshot.ts';

/** What a user would act on, with what decides whether a scope reaches it. */
export type Target =
  | {
      readonly kind: 'resource';
      readonly type: string;
      readonly id: string;
      readonly owner: UserId | undefined;
      readonly ownerGroups: readonly GroupId[];
      readonly tags: readonly string[];
    }
  | { readonly kind: 'user'; readonly rights: Rights }
  | { readonly kind: 'group'; readonly id: GroupId }
  /** Nothing of this organization has the id. */
  | { readonly kind: 'missing' };

type Existing = Exclude<Target, { kind: 'missing' }>;

/** A part of the answer to "why": `allows` and `denies` decide, a `note` helps. */
export interface Reason {
  readonly effect: 'allows' | 'denies' | 'note';
  readonly text: string;
}

/** Whether a user may, and why (R146). */
export interface Explanation {
  readonly allowed: boolean;
  readonly scope: Scope;
  readonly reasons: readonly Reason[];
  readonly sources: readonly RoleSource[];
}

const allows = (text: string): Reason => ({ effect: 'allows', text });
const denies = (text: string): Reason => ({ effect: 'denies', text });
const note = (text: string): Reason => ({ effect: 'note', text });

/**
 * Decides whether a user may do something, and explains why. A denial always wins; without a target the
 * question is whether the permission reaches anything at all.
 */
export function explain(
  user: Rights,
  permission: Permission,
  grants: readonly GroupGrant[],
  target: Target | undefined,
): Explanation {
  const patterns = patternsOf(user);
  const sources = roleSources(user).map((source) => {
    const pattern = source.kind === 'group' ? patterns.get(source.id) : undefined;
    return pattern === undefined ? source : { ...source, autoAssignPattern: pattern };
  });
  if (user.status !== 'active') {
    const reasons = [denies(`The user is ${user.status}, and only active users have permissions.`)];
    return { allowed: false, scope: 'none', reasons, sources };
  }
  const scope = reach(user, permission);
  const reasons = [
    ...byRole(user, permission, grants, target, sources),
    ...(target === undefined
      ? describeGrants(permission, grants, patterns)
      : byGrant(permission, grants, target, patterns)),
    ...(target?.kind === 'user' ? byGuard(user, permission, scope, target.rights) : []),
  ];
  const allowed =
    reasons.some(({ effect }) => effect === 'allows') && !reasons.some(({ effect }) => effect === 'denies');
  if (allowed || reasons.some(({ effect }) => effect === 'denies'))
    return { allowed, scope, reasons, sources };
  return { allowed, scope, reasons: [denies('No role or grant allows this.'), ...reasons], sources };
}

/** The role's part of the answer: how far it reaches, where it comes from, and whether the target is within. */
function byRole(
  user: Rights,
  permission: Permission,
  grants: readonly GroupGrant[],
  target: Target | undefined,
  sources: readonly RoleSource[],
): Reason[] {
  const scope = reach(user, permission);
  const role = effectiveRole(user);
  const origins = sources.filter((source) => source.role === role);
  const called = `The role ${isOwner(user) ? 'owner' : role} (${origins.map(originText).join(', ')})`;
  const { meaning } = PERMISSION_MEANINGS[permission];
  if (scope === 'none') {
    const others = RANKS.filter((rank) => PERMISSIONS[permission][rank] !== 'none');
    return [note(`${called} may not ${meaning}. These may: ${others.join(', ')}.`)];
  }
  const range = `${called} may ${meaning}: it reaches ${SCOPE_MEANINGS[scope]}`;
  if (target === undefined) return [allows(`${range}.`)];
  if (target.kind === 'missing') return [denies('Nothing here has this id.')];
  if (!isAbout(permission, subjectOf(target))) {
    const about = PERMISSION_MEANINGS[permission].about.join(', ');
    return [denies(`${permission} is not about this kind of thing; it is about: ${about}.`)];
  }
  const within = reaches(scope, user, grants, target);
  return within === undefined ? [note(`${range}, and this is not of it.`)] : [allows(`${range}; ${within}.`)];
}

function originText(source: RoleSource): string {
  if (source.kind === 'direct') return 'their own';
  return source.kind === 'group'
    ? `by the group "${source.name}"${addedText(source.autoAssignPattern)}`
    : `by an elevation until ${writtenTime(source.expiresAt)}`;
}

/** The patterns by which groups have added a user. */
const patternsOf = ({ groupRoles }: Rights): ReadonlyMap<GroupId, string> =>
  new Map(
    groupRoles.flatMap(({ group, autoAssignPattern: pattern }) =>
      pattern === undefined ? [] : [[group, pattern] as const],
    ),
  );

/** Why a user is in a group, where that is their address. */
const addedText = (pattern: string | undefined): string =>
  pattern === undefined ? '' : `, which adds everyone with ${pattern}`;

function subjectOf(target: Existing): Subject {
  return target.kind === 'resource' ? subjectOfType(target.type) : target.kind;
}

/** @returns the reason why a scope reaches a target, or undefined if it does not */
function reaches(
  scope: Scope,
  user: Rights,
  grants: readonly GroupGrant[],
  target: Existing,
): string | undefined {
  if (scope === 'all') return 'this is part of it';
  const groups =
    scope === 'group'
      ? managedGroups(user)
      : scope === 'member'
        ? new Set(user.groupRoles.map(({ group }) => group))
        : new Set<GroupId>();
  switch (target.kind) {
    case 'user':
      if (target.rights.id === user.id) return 'this is the user';
      return target.rights.groupRoles.some(({ group }) => groups.has(group))
        ? 'they are in one of these groups'
        : undefined;
    case 'group':
      return groups.has(target.id) ? 'this is one of them' : undefined;
    case 'resource':
      if (scope !== 'self' && target.owner === user.id) return 'the user owns this';
      if (target.ownerGroups.some((group) => groups.has(group))) return 'its owner is in one of these groups';
      return grants.some((grant) => groups.has(grant.group.id) && grantCovers(grant, target))
        ? 'it is shared with one of these groups'
        : undefined;
  }
}

/** What a group gives on this very resource, whatever the role (docs/roles.md §4). */
function byGrant(
  permission: Permission,
  grants: readonly GroupGrant[],
  target: Target,
  patterns: ReadonlyMap<GroupId, string>,
): Reason[] {
  if (target.kind !== 'resource') return [];
  const from = levelFor(permission, target.type);
  if (from === undefined) return [];
  return grants
    .filter((grant) => grantCovers(grant, target))
    .map((grant) => {
      const given = `The group ${groupText(grant, patterns)} has the grant "${grant.level}" on ${grantedText(grant)}`;
      return gives(grant, permission) ? allows(`${given}.`) : note(`${given}; this needs "${from}".`);
    });
}

/** Asked of no resource in particular, a grant decides nothing, but the caller should know of it. */
function describeGrants(
  permission: Permission,
  grants: readonly GroupGrant[],
  patterns: ReadonlyMap<GroupId, string>,
): Reason[] {
  return grants
    .filter((grant) => gives(grant, permission))
    .map((grant) =>
      note(
        `The group ${groupText(grant, patterns)} gives it on ${grantedText(grant)}: ask with the resource.`,
      ),
    );
}

function groupText({ group }: GroupGrant, patterns: ReadonlyMap<GroupId, string>): string {
  const pattern = patterns.get(group.id);
  return `"${group.name}"${addedText(pattern)}${pattern === undefined ? '' : ','}`;
}

const grantedText = ({ resourceType, resourceName, tag }: GroupGrant): string =>
  tag === null ? `the ${resourceType} "${resourceName}"` : `every ${resourceType} tagged "${tag}"`;

const MANAGING: readonly Permission[] = ['users:manage', 'roles:assign'];
const NEVER_ONESELF: readonly Permission[] = [
  'roles:assign',
  'users:delete',
  'owner:grant',
  'elevation:approve',
  'reviews:decide',
];
const NEVER_AN_OWNER: readonly Permission[] = [...MANAGING, 'users:delete', 'api_keys:manage'];

/** What guard rules 1 to 3 forbid whatever the role (docs/roles.md §3). */
function byGuard(user: Rights, permission: Permission, scope: Scope, target: Rights): Reason[] {
  const reasons: Reason[] = [];
  if (NEVER_ONESELF.includes(permission) && target.id === user.id) {
    reasons.push(
      denies('Users cannot change their own role, owner flag or account, or decide their own requests.'),
    );
  }
  if (NEVER_AN_OWNER.includes(permission) && target.owner && !isOwner(user)) {
    reasons.push(denies('Only an owner can change an owner.'));
  }
  if (MANAGING.includes(permission) && scope === 'group' && isAbove(target, 'train')) {
    reasons.push(denies('A manager can change only users whose role is below configure.'));
  }
  return reasons;
}

const isAbove = (rights: Rights, role: Role): boolean => compareRoles(effectiveRole(rights), role) > 0;
