import type { Client, Origin } from '../actor.ts';
import type { Work } from '../administer.ts';
import { type Authority, scopeOf } from '../authority.ts';
import { Refusal } from '../errors.ts';
import type { OrgId, UserId } from '../ids.ts';
import { sendMail } from '../mails.ts';
import { startingAccess } from '../onboarding/job-functions.ts';
import { INVALID_EMAIL, parseEmailAddress } from '../rules/email-address.ts';
import { emailKeys } from '../rules/emails.ts';
import { demand, demandGrantable, demandManage, forbidden } from '../rules/guards.ts';
import { caseKey, MAX_KEY_LENGTH } from '../rules/keys.ts';
import type { Settings } from '../settings.ts';
import { passwordCounts } from '../sign-in/enforcement.ts';
import { checkPassword, hashPassword } from '../sign-in/passwords.ts';
import { type StartedSession, startSession } from '../sign-in/sessions.ts';
import { insertAttempt, noteSignIn, writePasswordHash } from '../store/credentials.ts';
import {
  acceptInvitationRow,
  findInvitation,
  findInvitationByHash,
  insertInvitation,
  renewInvitation,
  revokeInvitationRow,
} from '../store/invitations.ts';
import { addMemberships, type GroupHead, type MembershipSource } from '../store/memberships.ts';
import { findPerson } from '../store/people.ts';
import { findProfile, writeName } from '../store/people-writes.ts';
import { findSettings } from '../store/settings.ts';
import { eraseUser } from '../store/user-erasure.ts';
import { insertUser, writeUserStatus } from '../store/user-writes.ts';
import { hashToken, makeLinkToken } from '../tokens.ts';
import type { Role, UserSource } from '../users/user.ts';
import type { PeopleDependencies } from './dependencies.ts';
import { demandGroups, findChosenGroups } from './groups-of-choice.ts';
import { calledName } from './person.ts';

/** R12: days that an invitation holds from its last sending. */
const INVITATION_DAYS = 7;

/** Somebody who is to be invited. */
export interface InvitationIntent {
  readonly email: string;
  readonly name: string | undefined;
  readonly role: Role;
  /** Ids or names. */
  readonly groups: readonly string[];
  readonly jobFunction: string | undefined;
  readonly reason: string | undefined;
}

/** The same, with what the job function says or nobody does left out (R117, R131). */
export type InvitationWish = Omit<InvitationIntent, 'role' | 'groups'> & {
  readonly role: Role | undefined;
  readonly groups: readonly string[] | undefined;
};

export interface Invited {
  readonly user: UserId;
  readonly invitation: string;
  /** ISO 8601 */
  readonly expiresAt: string;
  /** What the inviter may want to know, such as that nobody sees a person without groups (R118). */
  readonly warnings: readonly string[];
}

/** What the page behind the link shows, before anything happens (R17). */
export interface OpenInvitation {
  readonly org: OrgId;
  readonly email: string;
  readonly name: string | undefined;
  readonly organization: string;
  readonly inviterName: string;
  readonly expiresAt: string;
}

export interface Accepted extends StartedSession {
  readonly org: OrgId;
  readonly user: UserId;
}

export interface InvitationCommands {
  /**
   * Makes a pending user and mails the link (R4 to R20).
   * @throws Refusal `invalid_email`, `email_taken` ("Duplicate email"), `group_not_found`, `role_above_limit`,
   *   `reason_required` for an admin without one (R120), `managed_by_directory`, `forbidden`
   */
  invite(by: Authority, intent: InvitationWish): Promise<Invited>;
  /** Sends it again: another link, seven days more, the old link dead (R13). @throws Refusal `not_pending`, `not_found` */
  resend(by: Authority, invitation: string): Promise<{ readonly expiresAt: string }>;
  /** The same for the invitation that a pending user waits with. */
  resendTo(by: Authority, user: UserId): Promise<{ readonly expiresAt: string }>;
  /** Takes it back: the pending user goes with it. @throws Refusal `not_pending`, `not_found` */
  revoke(by: Authority, invitation: string): Promise<void>;
  /** Looks at an invitation and changes nothing. @throws Refusal `not_found`, `invitation_expired`, `invitation_used` */
  look(token: string): Promise<OpenInvitation>;
  /** @throws Refusal those of `look`, `weak_password`, `sso_enforced` */
  accept(
    token: string,
    intent: { readonly name: string | undefined; readonly password: string },
    client: Client,
    requestId: string,
  ): Promise<Accepted>;
}

/**
 * What must hold before somebody may be invited with a role and into groups; an import's preview asks as well.
 * @throws Refusal `role_above_limit`, `training_required`, `reason_required` (R120), `managed_by_directory`,
 *   `forbidden`, `value_too_long`
 */
export function demandInvitable(
  by: Authority,
  { name, role, reason }: Pick<InvitationIntent, 'name' | 'role' | 'reason'>,
  groups: readonly GroupHead[],
  settings: Settings,
): void {
  if (name !== undefined && name.trim().length > MAX_KEY_LENGTH) {
    throw new Refusal('value_too_long', `The name has more than ${MAX_KEY_LENGTH} characters.`);
  }
  demandGrantable(by, role, settings);
  if (role !== 'readonly' && settings.trainingRequired) {
    throw new Refusal(
      'training_required',
      'Roles above readonly are given once the security training is done: invite as readonly.',
    );
  }
  if (role === 'admin' && !reason?.trim()) {
    throw new Refusal('reason_required', 'Say why this person needs the role admin from the first day.');
  }
  demandGroups(by, groups, settings);
  if (scopeOf(by, 'users:manage') !== 'all' && groups.length === 0) throw forbidden();
}

/** Makes the pending user of an invitation, in a command's transaction; import rows come this way as well. */
export async function inviteWithin(
  work: Work,
  by: Authority,
  intent: InvitationIntent,
  { seal, links }: Pick<PeopleDependencies, 'seal' | 'links'>,
  door: { readonly source: UserSource; readonly share: MembershipSource },
): Promise<Invited> {
  const { tx, org, at, time, newId, note } = work;
  const email = parseEmailAddress(intent.email);
  if (email === undefined) throw new Refusal('invalid_email', INVALID_EMAIL);
  const name = intent.name?.trim() || undefined;
  const { organization, settings } = await findSettings(tx, org);
  const groups = await findChosenGroups(work, intent.groups);
  demandInvitable(by, intent, groups, settings);

  const user = newId() as UserId;
  const profile = {
    ...(name === undefined ? {} : { displayName: name }),
    emails: [{ value: email, type: 'work', primary: true }],
  };
  try {
    await insertUser(
      tx,
      org,
      {
        id: user,
        userName: email,
        email,
        status: 'pending',
        role: intent.role,
        owner: false,
        source: door.source,
        profile,
        emailKeys: [caseKey(email)],
        link: undefined,
      },
      work.envelope(),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal('email_taken', 'Duplicate email');
  }
  const added = await addMemberships(
    tx,
    org,
    groups.map(({ id }) => id),
    [user],
    { source: door.share, inGroupRole: 'member' },
    at,
  );
  const token = makeLinkToken();
  const invitation = newId();
  const expiresAt = expiryFrom(time);
  await insertInvitation(
    tx,
    org,
    {
      id: invitation,
      user,
      hash: hashToken(token),
      invitedBy: by.rights.id,
      jobFunction: intent.jobFunction,
      reason: intent.reason?.trim() || undefined,
      expiresAt,
    },
    at,
  );
  note({
    action: 'user.invited',
    target: ['user', user],
    changes: {
      values: { role: [null, intent.role] },
      ...(intent.reason?.trim() ? { reason: intent.reason.trim() } : {}),
    },
  });
  for (const { group_id } of added) {
    note({ action: 'group.member_added', target: ['group', group_id], member: user });
  }
  const inviter = await findPerson(tx, org, by.rights.id, at);
  await sendMail(tx, seal, org, newId(), {
    template: 'invitation',
    to: email,
    organization,
    inviter: inviter === undefined ? organization : calledName(inviter),
    link: links.invitation(token),
    expiresAt,
  });
  const warnings =
    groups.length === 0
      ? ['This person is in no group yet: add groups so that they have access from day 1.']
      : [];
  return { user, invitation, expiresAt, warnings };
}

const expiryFrom = (time: Date): string =>
  new Date(time.getTime() + INVITATION_DAYS * 86_400_000).toISOString();

/** Builds the commands about invitations. */
export function createInvitationCommands(dependencies: PeopleDependencies): InvitationCommands {
  const { db, now, administer, seal, links } = dependencies;

  const resendRow = (by: Authority, find: (work: Work) => Promise<string | undefined>) =>
    administer.as(by, async (work, actor) => {
      const { tx, org, at, time, newId, note } = work;
      const id = await find(work);
      const row = id === undefined ? undefined : await findInvitation(tx, org, id);
      const person = row === undefined ? undefined : await findPerson(tx, org, row.user_id, at);
      if (row === undefined || person === undefined) throw noInvitation();
      demandManage(actor, person, 'edit');
      if (row.accepted_at !== null || row.revoked_at !== null || person.status !== 'pending')
        throw notPending();
      const token = makeLinkToken();
      const expiresAt = expiryFrom(time);
      await renewInvitation(tx, org, row.id, hashToken(token), expiresAt, at);
      note({ action: 'invitation.resent', target: ['user', person.id] });
      const { organization } = await findSettings(tx, org);
      const inviter = await findPerson(tx, org, actor.rights.id, at);
      const mail = {
        template: 'invitation',
        to: person.email,
        organization,
        inviter: inviter === undefined ? organization : calledName(inviter),
        link: links.invitation(token),
        expiresAt,
      } as const;
      await sendMail(tx, seal, org, newId(), mail);
      return { expiresAt };
    });

  const open = async (token: string) => {
    const row = await findInvitationByHash(db, hashToken(token));
    if (row === undefined || row.deleted) throw noInvitation();
    if (row.accepted_at !== null || row.status === 'active') throw used();
    if (row.revoked_at !== null || row.status !== 'pending') throw noInvitation();
    if (Date.parse(row.expires_at) <= now().getTime()) throw expired();
    return row;
  };

  return {
    invite: (by, intent) =>
      administer.as(by, async (work, actor) => {
        demand(actor, 'users:manage');
        const whole = { ...intent, ...(await startingAccess(work, intent)) };
        return inviteWithin(work, actor, whole, dependencies, { source: 'invitation', share: 'manual' });
      }),

    resend: (by, invitation) => resendRow(by, async () => invitation),

    resendTo: (by, user) =>
      resendRow(by, async ({ tx, org, at }) => {
        const person = await findPerson(tx, org, user, at);
        if (person === undefined || person.deletedAt !== undefined) throw noInvitation();
        demandManage(by, person, 'edit');
        if (person.invitation === undefined) throw notPending();
        return person.invitation.id;
      }),

    revoke: (by, invitation) =>
      administer.as(by, async ({ tx, org, at, note, envelope }, actor) => {
        const row = await findInvitation(tx, org, invitation);
        const person = row === undefined ? undefined : await findPerson(tx, org, row.user_id, at);
        if (row === undefined || person === undefined) throw noInvitation();
        demandManage(actor, person, 'whole account');
        if (row.accepted_at !== null || row.revoked_at !== null || person.status !== 'pending')
          throw notPending();
        note({ action: 'invitation.revoked', target: ['user', person.id] });
        if (person.managed) {
          await revokeInvitationRow(tx, org, row.id, at);
          return;
        }
        const profile = await findProfile(tx, org, person.id);
        await eraseUser(tx, org, person.id, undefined, emailKeys(profile?.profile ?? {}), envelope());
      }),

    look: async (token) => {
      const row = await open(token);
      return {
        org: row.org_id,
        email: row.email,
        name: row.name ?? undefined,
        organization: row.organization,
        inviterName: row.inviter ?? row.organization,
        expiresAt: row.expires_at,
      };
    },

    accept: async (token, { name, password }, client, requestId) => {
      const row = await open(token);
      checkPassword(password, row.email);
      const hash = await hashPassword(password);
      const origin: Origin = { actor: { type: 'user', id: row.user_id, via: 'invitation' }, requestId };
      return administer.on(row.org_id, origin, async (work) => {
        const { tx, org, at, newId, note, envelope } = work;
        if (!(await passwordCounts(tx, row))) throw enforced();
        if (!(await acceptInvitationRow(tx, org, row.id, hashToken(token), at))) throw used();
        const chosen = name?.trim();
        if (chosen && !row.managed) await writeName(tx, org, row.user_id, chosen, at);
        const profile = await findProfile(tx, org, row.user_id);
        const activated = await writeUserStatus(
          tx,
          org,
          row.user_id,
          profile?.version ?? 0,
          {
            status: 'active',
            membershipsChange: false,
            event: { action: 'user.activated', changes: { values: { status: ['pending', 'active'] } } },
          },
          envelope(),
        );
        if (!activated) throw new Refusal('conflict', 'This account is being changed: try again.');
        await writePasswordHash(tx, org, row.user_id, hash, at);
        await noteSignIn(tx, org, row.user_id, at);
        const attempt = {
          id: newId(),
          user: row.user_id,
          outcome: 'signed_in',
          method: 'invitation',
          ...client,
        } as const;
        await insertAttempt(tx, org, attempt, at);
        note({ action: 'invitation.accepted', target: ['user', row.user_id] });
        const session = await startSession(work, row.user_id, 'invitation', client);
        return { ...session, org, user: row.user_id };
      });
    },
  };
}

const noInvitation = () => new Refusal('not_found', 'There is no such invitation: ask for another one.');
const enforced = () =>
  new Refusal(
    'sso_enforced',
    'Your organization signs in at its identity provider: enter your email address on the sign-in page.',
  );
const notPending = () => new Refusal('not_pending', 'This invitation is not waiting any more.');
const used = () => new Refusal('invitation_used', 'This invitation was used: sign in instead.');
const expired = () =>
  new Refusal('invitation_expired', 'This invitation has expired: ask whoever invited you to send it again.');
