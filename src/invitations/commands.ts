import type { Work } from '../directory/command-runner.ts';
import { Refusal } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { demand, demandManage } from '../directory/roles/rules/guards.ts';
import type { PeopleDependencies } from '../directory/users/dependencies.ts';
import { emailKeys } from '../directory/users/rules/emails.ts';
import { findProfile } from '../directory/users/store/edits.ts';
import { findPerson } from '../directory/users/store/people.ts';
import { eraseUser } from '../lifecycle/store/erasure.ts';
import { startingAccess } from '../onboarding/job-functions.ts';
import { hashToken, makeLinkToken } from '../platform/opaque-token.ts';
import { createInvitationAcceptance, type InvitationAcceptance, noInvitation } from './acceptance.ts';
import { expiryFrom, type InvitationWish, type Invited, inviteWithin, mailInvitation } from './invite.ts';
import { findInvitation, renewInvitation, revokeInvitationRow } from './store.ts';

export interface InvitationCommands extends InvitationAcceptance {
  /**
   * Makes a pending user and mails the link (R4 to R20), or with `invite` false an active one without a mail.
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
}

/** Builds the commands about invitations. */
export function createInvitationCommands(dependencies: PeopleDependencies): InvitationCommands {
  const { administer } = dependencies;

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
      const mail = newId();
      await renewInvitation(tx, org, row.id, { hash: hashToken(token), mail, expiresAt });
      note({ action: 'invitation.resent', target: ['user', person.id] });
      const about = { id: mail, invitation: row.id, to: person.email, token, expiresAt };
      await mailInvitation(work, actor, dependencies, about);
      return { expiresAt };
    });

  return {
    ...createInvitationAcceptance(dependencies),

    invite: (by, intent) =>
      administer.as(by, async (work, actor) => {
        demand(actor, 'users:manage');
        const { hasTemplate, ...access } = await startingAccess(work, intent);
        const door = { source: 'invitation', share: 'manual' } as const;
        const invited = await inviteWithin(work, actor, { ...intent, ...access }, dependencies, door);
        if (intent.jobFunction === undefined || hasTemplate) return invited;
        const warning = `No template has the job function "${intent.jobFunction}": it gives no role and no groups.`;
        return { ...invited, warnings: [...invited.warnings, warning] };
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
  };
}

const notPending = () => new Refusal('not_pending', 'This invitation is no longer pending.');
