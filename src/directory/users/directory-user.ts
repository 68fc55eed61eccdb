import type { Rights } from '../roles/authority.ts';
import type { Reference } from './reference.ts';
import type { UserSource } from './user.ts';

/** A user as administrators see them. Times are ISO 8601. */
export interface DirectoryUser extends Rights {
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
  readonly failedLogins: number;
  readonly lockedAt: string | undefined;
  readonly lastLoginAt: string | undefined;
  readonly lastActiveAt: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | undefined;
  readonly version: number;
  /** An address that waits to be confirmed. Times are ISO 8601. */
  readonly pendingEmail: { readonly email: string; readonly expiresAt: string } | undefined;
  /** The invitation that waits to be accepted. */
  readonly invitation: { readonly id: string; readonly expiresAt: string } | undefined;
}

/** What a user is called: the name, else the address. */
export function userDisplayName({ name, email }: Pick<DirectoryUser, 'name' | 'email'>): string {
  return name ?? email;
}
