import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, isOwner, type Rights } from '../directory/roles/authority.ts';
import {
  forbidden,
  requireGrantable,
  requireWholeOrganization,
  roleLimit,
} from '../directory/roles/rules/guards.ts';
import { compareRoles, highestRole } from '../directory/roles/rules/roles.ts';
import { findRights } from '../directory/roles/store.ts';
import type { ConnectionInput, ScimConnection } from './store/connections.ts';

/**
 * The user whose rights limit the roles that a directory assigns: the one who chose the role source. It is never a
 * service account: its rights end with its owner's, and the limit in force would be unclear.
 * @throws DomainError `forbidden`, also to a service account; `role_above_limit` if an alias means a role that this user may not assign
 */
export async function roleSourceChooser(
  { tx, org }: CommandContext,
  by: Authority,
  { roleSource, roleAliases }: ConnectionInput,
): Promise<UserId | undefined> {
  if (roleSource === 'app') return undefined;
  if (roleSource === 'scim_roles' && by.actor.type === 'service_account') throw forbidden(USERS_ONLY);
  const { settings } = await findSettings(tx, org);
  requireWholeOrganization(by, 'roles:assign');
  requireGrantable(by, highestRole('readonly', ...Object.values(roleAliases)), settings);
  return by.rights.id;
}

const USERS_ONLY =
  'A service account cannot choose that a directory sets roles, because the limit is what a user may assign: send roleSource and roleAliases while signed in, or with a key of your own.';

/**
 * With a token, its holder assigns what the user who chose the role source may assign: a user who may assign less
 * makes none, and needs no right of that user to choose the role source again.
 * @throws DomainError `role_above_limit`
 */
export async function requireRightsOfChooser(
  { tx, org, at }: CommandContext,
  by: Authority,
  { roleSource: source, roleSourceSetBy: chooser }: ScimConnection,
): Promise<void> {
  if (source !== 'scim_roles' || chooser === null || chooser === by.rights.id) return;
  const found = await findRights(tx, org, chooser, at);
  if (found === undefined) return;
  // A chooser who is not active may be so again, while the token works.
  const rights: Rights = { ...found, status: 'active' };
  const { settings } = await findSettings(tx, org);
  const [theirs, own] = [roleLimit({ rights, scopes: undefined }, settings), roleLimit(by, settings)];
  const mayAssignLess = compareRoles(own?.role ?? 'readonly', theirs?.role ?? 'readonly') < 0;
  if (!mayAssignLess && (isOwner(by.rights) || !isOwner(rights))) return;
  throw new DomainError(
    'role_above_limit',
    'A user with more rights than you chose that this directory sets roles: ask them for the token, or choose the role source again first (PATCH /api/v1/scim/connections/{id}).',
  );
}
