import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import { addToGroups, removeFromGroups } from '../../directory/groups/membership.ts';
import { insertLocalGroup } from '../../directory/groups/store/administration.ts';
import { holdGroupHeads } from '../../directory/groups/store/memberships.ts';
import type { GroupId, UserId } from '../../directory/ids.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { decideUserChanges, type UserChanges } from '../../directory/users/rules/changes.ts';
import { MAX_DISPLAY_NAME, presentableName } from '../../directory/users/rules/presentable.ts';
import { writeName, writeRole } from '../../directory/users/store/edits.ts';
import { findProfile, type StoredProfile } from '../../directory/users/store/users.ts';
import { updateUserRow } from '../../directory/users/store/writes.ts';
import type { Role } from '../../directory/users/user.ts';
import { requireTraining } from '../../onboarding/training.ts';
import { truncate } from '../../platform/truncate.ts';
import { endSessions } from '../../sign-in/store/sessions.ts';
import type { LinkedBy, VerifiedIdentity } from '../rules/account-linking.ts';
import {
  decideGroups,
  type GroupsDecision,
  groupKeys,
  groupsAreDecisive,
  type IdpGroups,
  roleOfKnownUser,
} from '../rules/idp-groups.ts';
import type { LoginCandidate } from '../store/logins.ts';
import type { LoginConnection } from './connection.ts';

/** A user who is known, and how. */
export interface KnownUser extends LoginCandidate {
  /** Undefined: they were linked before. */
  readonly link: LinkedBy | undefined;
  readonly activates: boolean;
  /** Whether another user has the identity's address. */
  readonly addressTaken: boolean;
}

/** What became of the provider's groups, for the trace. */
export type IdpGroupClaim = Pick<GroupsDecision, 'follows' | 'ignored'>;

/** What a sign-in brings to an organization. */
export interface LoginUser {
  readonly context: CommandContext;
  readonly connection: LoginConnection;
  readonly identity: VerifiedIdentity;
  readonly groups: IdpGroups;
}

/** The name of a user created by a login follows the provider, unless SCIM provisions the user (rule 4). */
export async function syncName({ context, identity }: LoginUser, known: KnownUser): Promise<void> {
  const name = presentableName(identity.name, MAX_DISPLAY_NAME);
  if (known.managed || known.source !== 'sso' || name === undefined || name === known.name) return;
  await writeName(context.tx, context.org, known.id, name, context.at);
  context.recordEvent({
    action: 'user.updated',
    target: ['user', known.id],
    changes: { attributes: ['displayName'] },
  });
}

/** So does their address, where the connection has proved its domain: mails go where the user is (R57). */
export async function syncAddress(
  { context, connection, identity }: LoginUser,
  known: KnownUser,
): Promise<void> {
  const { tx, org, envelope, requireActiveOwner } = context;
  const { email, emailVerified } = identity;
  if (known.managed || known.source !== 'sso' || known.owner) return;
  if (
    email === undefined ||
    emailVerified === false ||
    known.addressTaken ||
    caseKey(email) === caseKey(known.email)
  )
    return;
  const stored = (await findProfile(tx, org, known.id)) as StoredProfile;
  const changes = moved(stored, known, email);
  const guard = requireActiveOwner(known.id, changes.ownerLeaves);
  if (!(await updateUserRow(tx, org, connection.id, guard, stored.version, changes, envelope()))) {
    throw new DomainError('conflict', 'This account is being changed: try again.');
  }
}

/** The changes that follow from a new address. A user who signs in with the old one signs in with the new one. */
function moved(
  { userName, email: before, profile }: StoredProfile,
  { status, role }: Pick<KnownUser, 'status' | 'role'>,
  email: string,
): UserChanges {
  const named = before === undefined || caseKey(userName) === caseKey(before);
  const current = { userName, status, owner: false, role, linked: true, externalId: undefined };
  const emails = [{ value: email, type: 'work', primary: true }];
  return decideUserChanges(
    { ...current, profile, mayClaimAddress: false },
    {
      userName: named ? email : userName,
      active: true,
      externalId: undefined,
      profile: { ...profile, emails },
    },
  ) as UserChanges;
}

/** Sets the role that the provider's groups mean, where they are the source of roles. */
export async function syncRole({ context, groups }: LoginUser, known: KnownUser): Promise<void> {
  const { tx, org, at, recordEvent, requireActiveOwner } = context;
  const role = roleOfKnownUser(groups, { owner: known.owner, roleManaged: known.roleManaged });
  if (role === undefined || role === known.role) return;
  const less = compareRoles(role, known.role) < 0;
  if (!less && !(await isTrained(context, known.id, role))) return;
  await writeRole(tx, org, requireActiveOwner(known.id, known.owner), role, false, at);
  if (less) await endSessions(tx, org, known.id, {}, at);
  recordEvent({
    action: 'user.role_changed',
    target: ['user', known.id],
    changes: { values: { role: [known.role, role] } },
  });
}

async function isTrained(context: CommandContext, user: UserId, role: Role): Promise<boolean> {
  const { settings } = await findSettings(context.tx, context.org);
  try {
    await requireTraining(context, settings, user, role);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

/**
 * Joins and leaves groups as the provider says: only memberships granted by logins are removed (docs/roles.md §4).
 * @param isNew whether there is nothing yet to take back
 */
export async function syncGroups(
  { context, identity, groups }: LoginUser,
  user: UserId,
  isNew: boolean,
): Promise<IdpGroupClaim> {
  const { tx, org, at, newId, recordEvent } = context;
  if (!groupsAreDecisive(groups)) return { follows: false, ignored: [] };
  const known = await holdGroupHeads(tx, org, [], (identity.groups ?? []).flatMap(groupKeys));
  const { join, create, follows, ignored } = decideGroups(groups, known);
  const made: GroupId[] = [];
  for (const name of create) {
    const id = newId() as GroupId;
    await insertLocalGroup(
      tx,
      org,
      id,
      { name, description: null, role: null, autoAssignPattern: null },
      'sso',
      at,
    );
    recordEvent({
      action: 'group.created',
      target: ['group', id],
      changes: { values: { displayName: [null, name] } },
    });
    made.push(id);
  }
  const all = [...join, ...made];
  await addToGroups(context, { groups: all, users: [user], source: 'jit' });
  if (!isNew) await removeFromGroups(context, { users: [user], source: 'jit', except: all });
  return { follows, ignored: shown(ignored) };
}

const MAX_SHOWN = 50;

/** As much of it as a trace keeps. */
const shown = (ignored: IdpGroupClaim['ignored']): IdpGroupClaim['ignored'] =>
  ignored.slice(0, MAX_SHOWN).map(({ name, why }) => ({ name: truncate(name, 200), why }));
