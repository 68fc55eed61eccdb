import type { UserId } from '../ids.ts';

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

/** A user as an interface presents it: `profile` is the text that Postgres hands over. */
export interface UserRecord {
  readonly id: UserId;
  readonly userName: string;
  readonly status: UserStatus;
  readonly version: number;
  /** What the asking connection calls the user. */
  readonly externalId: string | undefined;
  /** ISO 8601 in UTC with milliseconds, as `updatedAt`. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** JSON text of a Profile. */
  readonly profile: string;
  /** The user's groups. While the user is inactive they give no rights, and a directory still sees them. */
  readonly memberships: readonly GroupReference[];
}

/** The result of a write: the user, and another user who signs in with the same address. */
export interface WrittenUserRecord extends UserRecord {
  readonly emailSharedWith: UserId | undefined;
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
  readonly displayName: string;
}
