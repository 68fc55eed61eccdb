import type { UserEvent } from '../../audit/catalogue.ts';
import type { GroupId, UserId } from '../ids.ts';
import type { Reference } from './reference.ts';

export type UserStatus = 'active' | 'inactive' | 'pending';
export type Role = 'readonly' | 'train' | 'configure' | 'admin';
export type UserSource = 'bootstrap' | 'scim' | 'sso' | 'invitation' | 'import' | 'admin';

/** The rest of a user: attributes that no rule needs, by name; extensions by their own name one level down. */
export type Profile = Readonly<Record<string, unknown>>;

/** The fields that a caller sets on a user. */
export interface UserFields {
  readonly userName: string;
  readonly active: boolean;
  /** What the asking connection calls the user; undefined unassigns it. */
  readonly externalId: string | undefined;
  readonly profile: Profile;
}

/** A group that a user is in, and what it gives them. */
export interface RoleMembership {
  readonly group: GroupId;
  readonly name: string;
  readonly inGroupRole: 'member' | 'manager';
  readonly role: Role | undefined;
  /** The kind of directory that owns its members; left out for the past. */
  readonly managedBy?: 'scim' | 'sso' | undefined;
  /** The pattern by which the group has added the user; left out for the past. */
  readonly autoAssignPattern?: string;
}

/** A role for a while. */
export interface ActiveElevation {
  readonly id: string;
  readonly role: Role;
  /** ISO 8601 */
  readonly expiresAt: string;
}

/**
 * A user. Readers take the fields that they need (`selectUser` in store/rows.ts). Times are ISO 8601 in UTC with
 * milliseconds.
 */
export interface User {
  readonly id: UserId;
  readonly userName: string;
  readonly status: UserStatus;
  /** The direct role. */
  readonly role: Role;
  readonly owner: boolean;
  /** Also set while the user is inactive and has no rights, so that managers of the groups keep seeing the user. */
  readonly groupRoles: readonly RoleMembership[];
  readonly elevations: readonly ActiveElevation[];
  /** Of a user without an e-mail address the userName. */
  readonly email: string;
  /** The user who signs in with this address; undefined if it is this one's own. */
  readonly emailSharedWith: Reference | undefined;
  readonly name: string | undefined;
  readonly source: UserSource;
  /** Whether a connection provisions the user: then name and status are the directory's (docs/roles.md §7). */
  readonly managed: boolean;
  /** Whether the SCIM attribute `roles` of a connection sets the direct role. */
  readonly isRoleManaged: boolean;
  /** Since the last sign-in, and since a lock opened by itself. */
  readonly failedLogins: number;
  readonly lockedAt: string | undefined;
  readonly lastLoginAt: string | undefined;
  readonly lastActiveAt: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | undefined;
  readonly version: number;
  /** An address that waits to be confirmed. */
  readonly pendingEmail: { readonly email: string; readonly expiresAt: string } | undefined;
  /** The invitation that waits to be accepted. */
  readonly invitation: { readonly id: string; readonly expiresAt: string } | undefined;
  /** What the asking connection calls the user. */
  readonly externalId: string | undefined;
  /** JSON text of a Profile, as Postgres hands it over. */
  readonly profile: string;
  /** The user's groups. While the user is inactive they give no rights, and a directory still sees them. */
  readonly memberships: readonly GroupReference[];
}

/** A user as a connection sees it. */
export type UserRecord = Pick<User, (typeof RECORD_FIELDS)[number]>;

export const RECORD_FIELDS = [
  'id',
  'userName',
  'status',
  'version',
  'createdAt',
  'updatedAt',
  'profile',
  'externalId',
  'memberships',
] as const satisfies readonly (keyof User)[];

/** A user as administrators see it. */
export type DirectoryUser = Omit<User, 'userName' | 'externalId' | 'profile' | 'memberships'>;

/** What a user is called: the name, else the address. */
export function userDisplayName({ name, email }: Pick<User, 'name' | 'email'>): string {
  return name ?? email;
}

/** The result of a write: the user, another user who signs in with the same address, and what changed. */
export interface WrittenUserRecord extends UserRecord {
  readonly emailSharedWith: UserId | undefined;
  /** The events that the write recorded; none if it changed nothing. */
  readonly events: readonly UserEvent[];
}

/** A user as a rule sees it. */
export interface UserState {
  readonly userName: string;
  readonly status: UserStatus;
  readonly owner: boolean;
  /** The direct role. */
  readonly role: Role;
  /** Whether the asking connection provisions this user. */
  readonly linked: boolean;
  readonly externalId: string | undefined;
  readonly profile: Profile;
  /** Whether the user's address was another user's to sign in with, and is free now. */
  readonly mayClaimAddress: boolean;
}

export interface GroupReference {
  readonly id: string;
  readonly name: string;
}
