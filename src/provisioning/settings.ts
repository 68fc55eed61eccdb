import type { UserId } from '../directory/ids.ts';
import type { Role } from '../directory/users/user.ts';

/** What sets the direct roles of a connection's users: this server, their SCIM `roles`, or the roles of their groups. */
export const ROLE_SOURCES = ['app', 'scim_roles', 'idp_groups'] as const;
export type RoleSource = (typeof ROLE_SOURCES)[number];

/** What a directory calls roles, beside their own names; compared without regard to case. */
export type RoleAliases = Readonly<Record<string, Role>>;

/** How a connection's provisioning is set up; what a request of it does depends on these. */
export interface ProvisioningSettings {
  /** Whether a second user with one primary e-mail address is rejected, as a second userName is. */
  readonly uniqueEmails: boolean;
  readonly roleSource: RoleSource;
  readonly roleAliases: RoleAliases;
  /** The user who chose the role source: the directory assigns no role that this user could not. */
  readonly roleSourceSetBy: UserId | undefined;
  /** Whether a mass deactivation or deletion is rejected; not while an administrator allows one. */
  readonly holdsMassChanges: boolean;
  /** Whether requests are answered as they would be, and nothing is written (R153). */
  readonly isDryRun: boolean;
}
