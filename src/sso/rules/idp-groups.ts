import type { GroupHead } from '../../directory/groups/group.ts';
import type { GroupId } from '../../directory/ids.ts';
import { highestRole } from '../../directory/roles/rules/roles.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { presentableName } from '../../directory/users/rules/presentable.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Provisioning } from '../settings.ts';

/** More groups than this are accepted for too many to be meant: memberships stay as they are (docs/sso-design.md §2.2). */
export const MAX_IDP_GROUPS = 1_000;
/** Groups that one sign-in may create. */
const MOST_NEW_GROUPS = 50;

/** A group here that one of the provider's may mean. */
export type KnownGroup = Omit<GroupHead, 'name'>;

/** The groups that a provider sent, and the connection's settings for them. */
export interface IdpGroups {
  readonly groups: readonly string[] | undefined;
  readonly overage: boolean;
  /** Whether SCIM pushes groups through this connection: then it alone decides (rule 4). */
  readonly scimPushesGroups: boolean;
  readonly provisioning: Pick<
    Provisioning,
    'groupAttribute' | 'autoCreateGroups' | 'roleSource' | 'roleMapping' | 'defaultRole'
  >;
}

/** Why a group of the provider's gives nothing. */
export type IgnoredGroup =
  | 'unknown'
  | 'too_long'
  | 'too_many_new'
  | 'managed_by_scim'
  | 'carries_a_role'
  | 'carries_admin';

export interface GroupsDecision {
  /** Whether memberships that earlier sign-ins gave follow; else all stay as it is. */
  readonly follows: boolean;
  readonly join: readonly GroupId[];
  readonly create: readonly string[];
  readonly ignored: readonly { readonly name: string; readonly why: IgnoredGroup }[];
}

const kept: GroupsDecision = { follows: false, join: [], create: [], ignored: [] };

/** Whether a provider's groups decide anything at all. */
export function groupsAreDecisive({ groups, overage, scimPushesGroups, provisioning }: IdpGroups): boolean {
  return (
    provisioning.groupAttribute !== null &&
    groups !== undefined &&
    groups.length <= MAX_IDP_GROUPS &&
    !overage &&
    !scimPushesGroups
  );
}

/**
 * Decides which groups a login joins (R46, R54, docs/roles.md §7). Missing or too many groups change nothing. A
 * group with a role is joined only if the provider's groups are the role source, and never one with the role
 * admin: that takes a mapping, saved by a user who may assign the role.
 */
export function decideGroups(stated: IdpGroups, known: readonly KnownGroup[]): GroupsDecision {
  if (!groupsAreDecisive(stated)) return kept;
  const join = new Set<GroupId>();
  const create = new Map<string, string>();
  const ignored: GroupsDecision['ignored'][number][] = [];
  for (const name of new Set(stated.groups)) {
    const group = byName(known, name);
    const why = group === undefined ? creationDenialReason(name) : joinDenialReason(group);
    if (why !== undefined) ignored.push({ name, why });
    else if (group === undefined) {
      const shown = presentableName(name) as string;
      create.set(caseKey(shown), shown);
    } else join.add(group.id);
  }
  return { follows: true, join: [...join], create: [...create.values()], ignored };

  function creationDenialReason(name: string): IgnoredGroup | undefined {
    if (!stated.provisioning.autoCreateGroups) return 'unknown';
    if (presentableName(name) === undefined) return 'too_long';
    return create.size >= MOST_NEW_GROUPS ? 'too_many_new' : undefined;
  }

  function joinDenialReason({ role, source }: KnownGroup): IgnoredGroup | undefined {
    if (source === 'scim') return 'managed_by_scim';
    if (role === 'admin') return 'carries_admin';
    return role !== null && stated.provisioning.roleSource !== 'idp_groups' ? 'carries_a_role' : undefined;
  }
}

/** The keys under which a group of this name may be here: as it was sent, and fit to be shown, as one is created. */
export function groupKeys(name: string): string[] {
  return [...new Set([name.trim(), presentableName(name) ?? ''].map(caseKey))];
}

function byName(known: readonly KnownGroup[], name: string): KnownGroup | undefined {
  const [first, second] = groupKeys(name).map((key) => known.find(({ nameKey }) => nameKey === key));
  return first ?? second;
}

/** The highest role that the provider's groups are mapped to; undefined if none is. */
function mappedRole(
  groups: readonly string[] | undefined,
  mapping: Provisioning['roleMapping'],
): Role | undefined {
  const named = new Set(groups?.map((group) => caseKey(group.trim())));
  const roles = mapping.filter(({ group }) => named.has(caseKey(group))).map(({ role }) => role);
  const [first, ...rest] = roles;
  return first === undefined ? undefined : highestRole(first, ...rest);
}

/** The direct role that a first sign-in gives: what the groups mean, or the default. Until the training is done it is readonly. */
export function roleOfNewUser(
  stated: IdpGroups,
  { trainingRequired }: { readonly trainingRequired: boolean },
): Role {
  const { roleMapping, defaultRole } = stated.provisioning;
  if (trainingRequired) return 'readonly';
  return (groupsAreDecisive(stated) ? mappedRole(stated.groups, roleMapping) : undefined) ?? defaultRole;
}

/**
 * The direct role that a sign-in gives to a user who is here: the mapping decides where the provider's groups are the
 * source of roles, of owners and of users whose roles SCIM sends never.
 * @returns undefined if it stays as it is
 */
export function roleOfKnownUser(
  stated: IdpGroups,
  { owner, roleManaged }: { readonly owner: boolean; readonly roleManaged: boolean },
): Role | undefined {
  const { roleSource, roleMapping, defaultRole } = stated.provisioning;
  if (roleSource !== 'idp_groups' || roleMapping.length === 0 || owner || roleManaged) return undefined;
  return groupsAreDecisive(stated) ? (mappedRole(stated.groups, roleMapping) ?? defaultRole) : undefined;
}
