import { TRAINING_ITEM } from '../../onboarding/rules.ts';
import { isItemDone } from '../../onboarding/store/checklists.ts';
import type { Executor } from '../../platform/db/statement.ts';
import type { Provisioner } from '../actor.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Settings } from '../organizations/settings.ts';
import { findSettings } from '../organizations/store/settings.ts';
import type { Rights } from '../roles/authority.ts';
import { roleLimit } from '../roles/rules/guards.ts';
import { isAsPresented, knownRoleOf, presentedRoles, roleOf } from '../roles/rules/provisioned-roles.ts';
import { compareRoles } from '../roles/rules/roles.ts';
import { findRights } from '../roles/store.ts';
import type { LoadedUser } from './store/users.ts';
import type { Profile, Role, UserFields, UserRecord } from './user.ts';

/**
 * A loaded user as the asking connection may change it: where its `roles` set the role, and it has sent none, or an
 * administrator has set another one since, a change of `roles` begins with the role that the user has and is shown with.
 */
export function recordToChange({ settings }: Provisioner, { record, role }: LoadedUser): UserRecord {
  if (settings.roleSource !== 'scim_roles') return record;
  const profile = JSON.parse(record.profile) as Profile;
  const hasRoles = profile['roles'] !== undefined;
  if (hasRoles && knownRoleOf(profile, settings.roleAliases) === role) return record;
  return { ...record, profile: JSON.stringify({ ...profile, roles: presentedRoles(role) }) };
}

/**
 * What a connection asks for: the fields to store, and the direct role that they mean.
 * @throws DomainError `invalid_role`
 */
export function requestedWithRole(
  { settings }: Provisioner,
  { record, role, owner }: LoadedUser,
  requested: UserFields,
): { readonly fields: UserFields; readonly role: Role } {
  if (settings.roleSource === 'app') return { fields: requested, role };
  if (isAsPresented(requested.profile['roles'], role)) {
    const { roles: _, ...rest } = requested.profile;
    const { roles: stored } = JSON.parse(record.profile) as Profile;
    return {
      fields: { ...requested, profile: stored === undefined ? rest : { ...rest, roles: stored } },
      role,
    };
  }
  // A directory that sends no role for an owner does not remove the ownership.
  if (settings.roleSource !== 'scim_roles' || (owner && requested.profile['roles'] === undefined)) {
    return { fields: requested, role };
  }
  return { fields: requested, role: roleOf(requested.profile, settings.roleAliases) };
}

/** A change of a direct role that a directory asks for. */
export interface RoleChange {
  /** Undefined if the user is new. */
  readonly user: UserId | undefined;
  readonly from: Role;
  readonly to: Role;
  readonly owner: boolean;
}

/**
 * The role that a directory's change leads to, by the rights that the user who chose the role source has at this
 * moment (guard rule 4). Call it under the organization's lock. Training that is missing keeps the role as it is, as
 * at a sign-in: the directory cannot know of it.
 * @param at ISO 8601
 * @throws DomainError `role_above_limit`, `owner_only`
 */
export async function permittedRole(
  tx: Executor,
  { org, settings: { roleSourceSetBy } }: Provisioner,
  { user, from, to, owner }: RoleChange,
  at: string,
): Promise<Role> {
  const { settings } = await findSettings(tx, org);
  const rights = roleSourceSetBy && (await findRights(tx, org, roleSourceSetBy, at));
  const refusal = roleRefusal(rights, settings, { to, owner });
  if (refusal !== undefined) throw refusal;
  if (compareRoles(to, from) <= 0 || !settings.trainingRequired) return to;
  const isTrained = user !== undefined && (await isItemDone(tx, org, user, TRAINING_ITEM));
  return isTrained ? to : from;
}

/**
 * Why a directory may not set a role: the user who chose the role source could not assign it at this moment.
 * @param chooser the rights of that user; undefined if they are no longer there
 */
export function roleRefusal(
  chooser: Rights | undefined,
  settings: Settings,
  { to, owner }: Pick<RoleChange, 'to' | 'owner'>,
): DomainError | undefined {
  // Someone who is no longer active has no limit either.
  const limit = chooser && roleLimit({ rights: chooser, scopes: undefined }, settings);
  if (chooser === undefined || limit?.scope !== 'all') return noLimit();
  if (compareRoles(to, limit.role) > 0) {
    return new DomainError(
      'role_above_limit',
      `The role source of this connection was chosen by a user who may assign roles up to ${limit.role}; ${to} is above that.`,
    );
  }
  if (owner && !chooser.owner) {
    return new DomainError(
      'owner_only',
      'This user is an owner, and the role source of this connection was not chosen by one: send the role admin, or let another owner take the ownership away first.',
    );
  }
  return undefined;
}

const noLimit = () =>
  new DomainError(
    'role_above_limit',
    'The user who chose the role source of this connection may no longer assign roles: an administrator has to choose it again (PATCH /api/v1/scim/connections/{id}).',
  );
