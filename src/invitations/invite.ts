import { statedReason } from '../audit/declaration.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import {
  findChosenGroups,
  requireAddressWithinLimit,
  requireGroups,
} from '../directory/groups/chosen-groups.ts';
import type { GroupHead } from '../directory/groups/group.ts';
import { addToGroups } from '../directory/groups/membership.ts';
import type { MembershipSource } from '../directory/groups/store/memberships.ts';
import type { UserId } from '../directory/ids.ts';
import type { Settings } from '../directory/organizations/settings.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, scopeOf } from '../directory/roles/authority.ts';
import { forbidden, requireGrantable } from '../directory/roles/rules/guards.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { INVALID_EMAIL, parseEmailAddress } from '../directory/users/rules/email-address.ts';
import { isUserName, MAX_DISPLAY_NAME, oneLineName } from '../directory/users/rules/presentable.ts';
import { findDirectoryUser } from '../directory/users/store/users.ts';
import { insertUser } from '../directory/users/store/writes.ts';
import type { Role, UserSource } from '../directory/users/user.ts';
import { userDisplayName } from '../directory/users/user.ts';
import { findHolders } from '../imports/store/imports.ts';
import { sendMail } from '../notifications/mails.ts';
import { hashToken, makeLinkToken } from '../platform/opaque-token.ts';
import { DAY_MS } from '../platform/time.ts';
import { insertInvitation } from './store.ts';

/** R12: days that an invitation is valid from its last sending. */
const INVITATION_DAYS = 7;

/** A user who is to be invited. */
export interface InvitationIntent {
  readonly email: string;
  readonly name: string | undefined;
  readonly role: Role;
  /** Ids or names. */
  readonly groups: readonly string[];
  readonly jobFunction: string | undefined;
  readonly reason: string | undefined;
  /** False: the user is active immediately and no mail is sent, as for a user created by a directory. */
  readonly invite?: boolean;
}

/** The same, where fields may be left out and come from the job function or a default (R117, R131). */
export type InvitationOptions = Omit<InvitationIntent, 'role' | 'groups'> & {
  readonly role: Role | undefined;
  readonly groups: readonly string[] | undefined;
};

export interface Invited {
  readonly user: UserId;
  /** Undefined for a user who was not invited. */
  readonly invitation: { readonly id: string; readonly expiresAt: string } | undefined;
  /** What the inviter may want to know, such as that no one sees a user without groups (R118). */
  readonly warnings: readonly string[];
}

/**
 * What is required before a user may be invited with a role and into groups; an import's preview asks as well.
 * @throws DomainError `role_above_limit`, `training_required`, `reason_required` (R120), `managed_by_directory`,
 *   `forbidden`, `value_too_long`
 */
export function requireInvitable(
  by: Authority,
  { name, role, reason }: Pick<InvitationIntent, 'name' | 'role' | 'reason'>,
  groups: readonly GroupHead[],
  settings: Settings,
): void {
  if (name !== undefined && !isUserName(oneLineName(name))) {
    throw new DomainError('value_too_long', `The name has more than ${MAX_DISPLAY_NAME} characters.`);
  }
  requireGrantable(by, role, settings);
  if (role !== 'readonly' && settings.trainingRequired) {
    throw new DomainError(
      'training_required',
      'Roles above readonly are given once the security training is done: invite as readonly.',
    );
  }
  if (role === 'admin' && !reason?.trim()) {
    throw new DomainError(
      'reason_required',
      'Explain why this user needs the role admin from the first day.',
    );
  }
  requireGroups(by, groups, settings);
  if (scopeOf(by, 'users:manage') !== 'all' && groups.length === 0) {
    throw forbidden('A manager invites into groups that they manage: name at least one of them in groups.');
  }
}

/** Makes the pending user of an invitation, in a command's transaction; import rows come this way as well. */
export async function inviteWithin(
  context: CommandContext,
  by: Authority,
  intent: InvitationIntent,
  dependencies: Pick<UserDependencies, 'seal' | 'links'>,
  sources: { readonly source: UserSource; readonly share: MembershipSource },
): Promise<Invited> {
  const { tx, org, newId, recordEvent } = context;
  const email = parseEmailAddress(intent.email);
  if (email === undefined) throw new DomainError('invalid_email', INVALID_EMAIL);
  const name = oneLineName(intent.name ?? '') || undefined;
  const { settings } = await findSettings(tx, org);
  const groups = await findChosenGroups(context, intent.groups);
  requireInvitable(by, intent, groups, settings);
  await requireAddressWithinLimit(context, by, email, settings);

  const isInvited = intent.invite !== false;
  const user = newId() as UserId;
  const profile = {
    ...(name === undefined ? {} : { displayName: name }),
    emails: [{ value: email, type: 'work', primary: true }],
  };
  // Also of a user whose address another one has given up, and who has not claimed it yet.
  if ((await findHolders(tx, org, [caseKey(email)])).size > 0) throw duplicateEmail();
  try {
    await insertUser(
      tx,
      org,
      {
        id: user,
        userName: email,
        email,
        status: isInvited ? 'pending' : 'active',
        role: intent.role,
        owner: false,
        source: isInvited ? sources.source : 'admin',
        profile,
        emailKeys: [caseKey(email)],
        link: undefined,
      },
      context.envelope(),
    );
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw duplicateEmail();
  }
  await addToGroups(context, { groups: groups.map(({ id }) => id), users: [user], source: sources.share });
  const invitation = isInvited
    ? await sendFirstInvitation(context, by, user, email, intent, dependencies)
    : undefined;
  if (!isInvited) {
    const values = { role: ['readonly', intent.role] } as const;
    recordEvent({
      action: 'user.role_changed',
      target: ['user', user],
      changes: { values },
      ...statedReason(intent.reason),
    });
  }
  const warnings =
    groups.length === 0
      ? ['This user is in no group yet: add groups so that they have access from day 1.']
      : [];
  return { user, invitation, warnings };
}

async function sendFirstInvitation(
  context: CommandContext,
  by: Authority,
  user: UserId,
  email: string,
  { role, jobFunction, reason: given }: InvitationIntent,
  dependencies: Pick<UserDependencies, 'seal' | 'links'>,
): Promise<{ id: string; expiresAt: string }> {
  const { tx, org, at, time, newId, recordEvent } = context;
  const [token, id, mail, expiresAt] = [makeLinkToken(), newId(), newId(), expiryFrom(time)];
  const reason = given?.trim() || undefined;
  const row = {
    id,
    user,
    hash: hashToken(token),
    mail,
    invitedBy: by.rights.id,
    jobFunction,
    reason,
    expiresAt,
  };
  await insertInvitation(tx, org, row, at);
  recordEvent({
    action: 'user.invited',
    target: ['user', user],
    changes: { values: { role: [null, role] } },
    ...(reason === undefined ? {} : { reason }),
  });
  await mailInvitation(context, by, dependencies, { id: mail, invitation: id, to: email, token, expiresAt });
  return { id, expiresAt };
}

const duplicateEmail = () => new DomainError('email_taken', 'Duplicate email');

interface InvitationMail {
  readonly id: string;
  readonly invitation: string;
  readonly to: string;
  readonly token: string;
  readonly expiresAt: string;
}

/** Mails the link of an invitation in the sender's name. */
export async function mailInvitation(
  { tx, org, at }: CommandContext,
  by: Authority,
  { seal, links }: Pick<UserDependencies, 'seal' | 'links'>,
  { id, invitation, to, token, expiresAt }: InvitationMail,
): Promise<void> {
  const { organization } = await findSettings(tx, org);
  const inviter = await findDirectoryUser(tx, org, by.rights.id, at);
  const mail = {
    template: 'invitation',
    to,
    organization,
    inviter: inviter === undefined ? organization : userDisplayName(inviter),
    link: links.invitation(token),
    expiresAt,
  } as const;
  await sendMail(tx, seal, org, id, mail, { invitation });
}

export const expiryFrom = (time: Date): string =>
  new Date(time.getTime() + INVITATION_DAYS * DAY_MS).toISOString();
