import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireManage, requirePermission } from '../directory/roles/rules/guards.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { emailKeys } from '../directory/users/rules/emails.ts';
import { findProfile, holdDirectoryUser } from '../directory/users/store/users.ts';
import { eraseUser } from '../lifecycle/store/erasure.ts';
import { startingAccess } from '../onboarding/job-functions.ts';
import { hashToken, makeLinkToken } from '../platform/opaque-token.ts';
import { createInvitationAcceptance, type InvitationAcceptance, noInvitation } from './acceptance.ts';
import { expiryFrom, type InvitationOptions, type Invited, inviteWithin, mailInvitation } from './invite.ts';
import { findInvitation, renewInvitation, revokeInvitationRow } from './store.ts';

export interface InvitationCommands extends InvitationAcceptance {
  /**
   * Makes a pending user and mails the link (R4 to R20), or with `invite` false an active one without a mail.
   * @throws DomainError `invalid_email`, `email_taken` ("Duplicate email"), `group_not_found`, `role_above_limit`,
   *   `reason_required` for an admin without one (R120), `managed_by_directory`, `forbidden`
   */
  invite(by: Authority, intent: InvitationOptions): Promise<Invited>;
  /**
   * Sends it again: another link, seven days more, the old link dead (R13).
   * @throws DomainError `not_pending`, `not_found`
   */
  resend(by: Authority, invitation: string): Promise<{ readonly expiresAt: string }>;
  /** The same for the invitation that a pending user waits with. */
  resendTo(by: Authority, user: UserId): Promise<{ readonly expiresAt: string }>;
  /** Takes it back: the pending user goes with it. @throws DomainError `not_pending`, `not_found` */
  revoke(by: Authority, invitation: string): Promise<void>;
}

/** Builds the commands about invitations. */
export function createInvitationCommands(dependencies: UserDependencies): InvitationCommands {
  const { runner } = dependencies;

  const resendRow = (by: Authority, find: (context: CommandContext) => Promise<string | undefined>) =>
    runner.runAs(by, async (context, actor) => {
      const { tx, org, at, time, newId, recordEvent } = context;
      const id = await find(context);
      const row = id === undefined ? undefined : await findInvitation(tx, org, id);
      const user = row === undefined ? undefined : await holdDirectoryUser(tx, org, row.user, at);
      if (row === undefined || user === undefined) throw noInvitation();
      requireManage(actor, user, 'edit');
      if (row.acceptedAt !== null || row.revokedAt !== null || user.status !== 'pending') throw notPending();
      const token = makeLinkToken();
      const expiresAt = expiryFrom(time);
      const mail = newId();
      await renewInvitation(tx, org, row.id, { hash: hashToken(token), mail, expiresAt });
      recordEvent({ action: 'invitation.resent', target: ['user', user.id] });
      const about = { id: mail, invitation: row.id, to: user.email, token, expiresAt };
      await mailInvitation(context, actor, dependencies, about);
      return { expiresAt };
    });

  return {
    ...createInvitationAcceptance(dependencies),

    invite: (by, intent) =>
      runner.runAs(by, async (context, actor) => {
        requirePermission(actor, 'users:manage');
        const { hasTemplate, ...access } = await startingAccess(context, intent);
        const sources = { source: 'invitation', share: 'manual' } as const;
        const invited = await inviteWithin(context, actor, { ...intent, ...access }, dependencies, sources);
        if (intent.jobFunction === undefined || hasTemplate) return invited;
        const warning = `No template has the job function "${intent.jobFunction}": it gives no role and no groups.`;
        return { ...invited, warnings: [...invited.warnings, warning] };
      }),

    resend: (by, invitation) => resendRow(by, async () => invitation),

    resendTo: (by, user) =>
      resendRow(by, async ({ tx, org, at }) => {
        const directoryUser = await holdDirectoryUser(tx, org, user, at);
        if (directoryUser === undefined || directoryUser.deletedAt !== undefined) throw noInvitation();
        requireManage(by, directoryUser, 'edit');
        if (directoryUser.invitation === undefined) throw notPending();
        return directoryUser.invitation.id;
      }),

    revoke: (by, invitation) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent, envelope, requireActiveOwner }, actor) => {
        const row = await findInvitation(tx, org, invitation);
        const user = row === undefined ? undefined : await holdDirectoryUser(tx, org, row.user, at);
        if (row === undefined || user === undefined) throw noInvitation();
        requireManage(actor, user, 'whole account');
        if (row.acceptedAt !== null || row.revokedAt !== null || user.status !== 'pending')
          throw notPending();
        recordEvent({ action: 'invitation.revoked', target: ['user', user.id] });
        if (user.managed) {
          await revokeInvitationRow(tx, org, row.id, at);
          return;
        }
        const profile = await findProfile(tx, org, user.id);
        const guard = requireActiveOwner(user.id, user.owner);
        await eraseUser(tx, org, guard, undefined, emailKeys(profile?.profile ?? {}), envelope());
      }),
  };
}

const notPending = () => new DomainError('not_pending', 'This invitation is no longer pending.');
