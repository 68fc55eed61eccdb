import type { Executor } from '../../platform/db/statement.ts';
import type { Actor, Origin } from '../actor.ts';
import type { ConnectionId, GroupId, OrgId, UserId } from '../ids.ts';
import type { Role, User } from '../users/user.ts';
import { type Permission, type Scope, scopeFor } from './rules/permissions.ts';
import { highestRole } from './rules/roles.ts';

/** All that decides what a user may do, as it is in the database at this moment. */
export type Rights = Pick<User, 'id' | 'status' | 'role' | 'owner' | 'groupRoles' | 'elevations'>;

/** Who calls, proven by a session or a key, with what they may do. */
export interface Authority {
  readonly org: OrgId;
  readonly rights: Rights;
  /** What a key was limited to; undefined for a session, which has no limit of its own. */
  readonly scopes: ReadonlySet<Permission> | undefined;
  readonly origin: Origin;
  readonly actor: Actor;
  /** The user who answers for a service account; undefined where a user asks. */
  readonly accountOwner?: UserId | undefined;
  /** The set-up link by which someone without an account is here; undefined for everybody else. */
  readonly setUpLink?: SetUpLinkGrant | undefined;
  /**
   * When the user last proved who they are: with this request, or at their identity provider in this session; ISO 8601.
   * Commands that require a recent proof look here.
   */
  readonly provedAt?: string | undefined;
  /** The request that this comes with, if it may be sent again without being done again. */
  readonly request?: RepeatableRequest;
}

/** What a set-up link lets its holder do (R154): the set-up of one connection. */
export interface SetUpLinkGrant {
  readonly id: string;
  readonly kind: 'sso' | 'scim';
  readonly connection: ConnectionId;
  /** Whether its holder may activate the connection, and change it while it is active. */
  readonly mayActivate: boolean;
  /** ISO 8601 */
  readonly expiresAt: string;
  /** Whether it was used before. */
  readonly isOpened: boolean;
}

/** A request whose commands are done once, however often it is sent. */
export interface RepeatableRequest {
  /** The commands of a request are told apart by the order in which they begin. */
  nextCommand(): RepeatableCommand;
}

export interface RepeatableCommand {
  /** What the command returned when the request came before; undefined if it is not done yet. */
  readonly known: { readonly result: unknown } | undefined;
  /** Does it, and keeps its result in the same transaction. */
  once<Result>(tx: Executor, work: () => Promise<Result>): Promise<Result>;
}

/** max(direct role, roles of the groups, active elevations) (docs/roles.md §4). */
export function effectiveRole({ role, groupRoles, elevations }: Rights): Role {
  return highestRole(
    role,
    ...groupRoles.flatMap((membership) => membership.role ?? []),
    ...elevations.map((elevation) => elevation.role),
  );
}

/** Whether a user is the caller, or answers for the service account that asks. */
export function isSelf({ rights, accountOwner }: Authority, user: string): boolean {
  return user === rights.id || user === accountOwner;
}

/** Whether the user is an owner: the owner flag is in force only with the direct role `admin`. */
export function isOwner({ role, owner, status }: Rights): boolean {
  return owner && role === 'admin' && status === 'active';
}

/** How far a permission of a user reaches. */
export function reach(rights: Rights, permission: Permission): Scope {
  if (rights.status !== 'active') return 'none';
  return scopeFor(effectiveRole(rights), rights.owner, permission);
}

/** How far a permission of the caller reaches: a key never further than it was made for (guard rule 6). */
export function scopeOf(
  { rights, scopes }: Pick<Authority, 'rights' | 'scopes'>,
  permission: Permission,
): Scope {
  return scopes === undefined || scopes.has(permission) ? reach(rights, permission) : 'none';
}

/**
 * The groups that a user manages: the in-group role is in force only from `configure` upwards (guard rule 5).
 */
export function managedGroups(rights: Rights): ReadonlySet<GroupId> {
  if (reach(rights, 'users:manage') === 'none') return new Set();
  return new Set(
    rights.groupRoles.filter(({ inGroupRole }) => inGroupRole === 'manager').map(({ group }) => group),
  );
}
