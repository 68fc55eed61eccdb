import type { UserEvent } from '../../../audit/catalogue.ts';
import { compareRoles } from '../../roles/rules/roles.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import type { Profile, Role, UserFields, UserState, UserStatus } from '../user.ts';
import { changedAttributes } from './differences.ts';
import { emailKeys, primaryEmail } from './emails.ts';

/** What a commit writes to give a user these `fields`. */
export interface UserChanges {
  readonly userName: string;
  readonly email: string | undefined;
  readonly status: UserStatus;
  readonly role: Role;
  /** The direct role becomes another, which the commit must prove to be permitted. */
  readonly roleChanges: boolean;
  /** It becomes a lower one, which ends the user's sessions. */
  readonly isDemoted: boolean;
  readonly externalId: string | undefined;
  /** Undefined if the profile stays as it is. */
  readonly profile: Profile | undefined;
  /** The connection begins to provision the user, or calls them something else. */
  readonly linkChanges: boolean;
  readonly emailKeysAdded: readonly string[];
  readonly emailKeysRemoved: readonly string[];
  readonly events: readonly UserEvent[];
  /** Nothing but the status does. */
  readonly statusOnly: boolean;
  /** An owner stops being an active owner: the commit must prove that another one is (guard rule 2). */
  readonly ownerLeaves: boolean;
  /**
   * Changing an owner's userName or address would redirect their sign-in and password mails: anyone who may issue a
   * token could become an owner. No connection may do it.
   */
  readonly ownerMoves: boolean;
  /** The user has another primary address, without regard to case. */
  readonly emailChanges: boolean;
}

/** An invited user stays pending until the invitation is used, even if a directory sends `active: true`. */
function nextStatus(current: UserStatus, active: boolean): UserStatus {
  if (!active) return 'inactive';
  return current === 'pending' ? 'pending' : 'active';
}

/** A change of status and its event. */
export interface StatusChange {
  readonly from: UserStatus;
  readonly to: UserStatus;
  readonly event: Extract<UserEvent, { readonly action: 'user.activated' | 'user.deactivated' }>;
}

/** The change from one status to another. */
export function statusChange(from: UserStatus, to: UserStatus): StatusChange {
  const action = to === 'inactive' ? 'user.deactivated' : 'user.activated';
  return { from, to, event: { action, changes: { values: { status: [from, to] } } } };
}

/**
 * Decides what changes when a connection provisions a user.
 * @param role the direct role that the profile maps to
 * @returns undefined if nothing does: no write, no event, no new version
 */
export function decideUserChanges(
  current: UserState,
  next: UserFields,
  role: Role = current.role,
): UserChanges | undefined {
  const status = nextStatus(current.status, next.active);
  const inProfile = changedAttributes(current.profile, next.profile);
  const attributes = [
    ...(current.userName === next.userName ? [] : ['userName']),
    ...(current.externalId === next.externalId ? [] : ['externalId']),
    ...inProfile,
    ...(current.mayClaimAddress ? ['signInAddress'] : []),
  ];
  const events: UserEvent[] = [];
  if (!current.linked) events.push({ action: 'user.adopted' });
  if (attributes.length > 0) events.push({ action: 'user.updated', changes: { attributes } });
  if (status !== current.status) events.push(statusChange(current.status, status).event);
  const roleChanges = role !== current.role;
  if (roleChanges) {
    events.push({ action: 'user.role_changed', changes: { values: { role: [current.role, role] } } });
    if (current.owner) events.push({ action: 'user.owner_revoked' });
  }
  if (events.length === 0) return undefined;
  const email = primaryEmail(next.profile, next.userName);
  const emailChanges = isOther(primaryEmail(current.profile, current.userName), email);
  const moves = isOther(current.userName, next.userName) || emailChanges;
  const [keysBefore, keys] = [emailKeys(current.profile), emailKeys(next.profile)];
  return {
    userName: next.userName,
    email,
    status,
    role,
    roleChanges,
    isDemoted: compareRoles(role, current.role) < 0,
    externalId: next.externalId,
    profile: inProfile.length === 0 ? undefined : next.profile,
    linkChanges: !current.linked || current.externalId !== next.externalId,
    emailKeysAdded: keys.filter((key) => !keysBefore.includes(key)),
    emailKeysRemoved: keysBefore.filter((key) => !keys.includes(key)),
    events,
    statusOnly: current.linked && attributes.length === 0 && !roleChanges,
    ownerLeaves: current.owner && current.status === 'active' && (status === 'inactive' || roleChanges),
    ownerMoves: current.owner && moves,
    emailChanges,
  };
}

const isOther = (left: string | undefined, right: string | undefined): boolean =>
  (left === undefined ? undefined : caseKey(left)) !== (right === undefined ? undefined : caseKey(right));
