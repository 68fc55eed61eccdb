import type { Client, Origin } from '../directory/actor.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, isSelf } from '../directory/roles/authority.ts';
import { requireSignInRight, requireWithinLimit, userNotFound } from '../directory/roles/rules/guards.ts';
import { requireRecentProof } from '../directory/roles/rules/recent-proof.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { emailKeys, withPrimaryEmail } from '../directory/users/rules/emails.ts';
import { findProfile } from '../directory/users/store/users.ts';
import { loadDirectoryUser, requireOwnField } from '../directory/users/target.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { expiryFrom, mailInvitation } from '../invitations/invite.ts';
import { renewInvitation } from '../invitations/store.ts';
import { sendMail } from '../notifications/mails.ts';
import { hashToken, makeLinkToken } from '../platform/opaque-token.ts';
import { HOUR_MS } from '../platform/time.ts';
import { holdCandidate } from '../sign-in/store/passwords.ts';
import { createThrottle } from '../sign-in/throttle.ts';
import { requireCurrentPermission, requireFreeAddress, requireOwnChoice } from './requirements.ts';
import {
  deleteEmailChange,
  type EmailChange,
  findEmailChange,
  insertEmailChange,
  useEmailChange,
  writeEmail,
} from './store.ts';

/** How long the link to confirm an address works. */
const EMAIL_CHANGE_HOURS = 24;

/** An address that waits to be confirmed. @see EmailChangeCommands */
export interface PendingEmail {
  readonly email: string;
  /** ISO 8601 */
  readonly expiresAt: string;
}

/** What the page behind the link shows, before anything happens. */
export interface OpenEmailChange {
  readonly org: OrgId;
  readonly organization: string;
  readonly email: string;
  readonly newEmail: string;
}

export interface EmailChangeCommands {
  /**
   * Mails a link to the new address; the address changes when it is opened and confirmed. A pending user, who has
   * not signed in yet, gets the address and a new invitation immediately. Needs `users:manage` of the whole organization.
   * @returns undefined if the address has changed immediately
   * @throws DomainError `not_found`, `forbidden`, `self_change`, `role_above_limit`, `managed_by_directory`, `email_taken`,
   *   `target_inactive`, `conflict` for the address that the user has, `throttled` after ten mails to one address
   */
  request(
    by: Authority,
    id: UserId,
    email: string,
    options: { readonly force: boolean },
  ): Promise<PendingEmail | undefined>;
  /** The same for oneself. @throws DomainError `step_up_required`, as `request`, `throttled`, `sso_enforced` */
  requestOwn(by: Authority, email: string, client: Client): Promise<PendingEmail>;
  /** @throws DomainError `not_found` also if no address waits, `forbidden` */
  cancel(by: Authority, id: UserId): Promise<void>;
  cancelOwn(by: Authority): Promise<void>;
  /** Looks at a link and changes nothing (scanners open links, too). @throws DomainError `not_found` */
  look(token: string): Promise<OpenEmailChange>;
  /**
   * Changes the address, notifies the old one, and ends the sessions.
   * @throws DomainError `not_found` also if the requester may no longer do so, `email_taken`
   */
  confirm(token: string, client: Client, requestId: string): Promise<OpenEmailChange>;
}

/** Builds the commands that change the address with which a user signs in. */
export function createEmailChangeCommands(dependencies: UserDependencies): EmailChangeCommands {
  const { db, now, runner, seal, links } = dependencies;
  const throttle = createThrottle(db, 'email_change');

  /** Keeps the address and mails the link. */
  const ask = async (
    context: CommandContext,
    by: Authority,
    user: DirectoryUser,
    email: string,
  ): Promise<PendingEmail> => {
    const { tx, org, at, time, newId, recordEvent } = context;
    const token = makeLinkToken();
    const expiresAt = new Date(time.getTime() + EMAIL_CHANGE_HOURS * HOUR_MS).toISOString();
    const change = { user: user.id, email, hash: hashToken(token), requestedBy: by.rights.id, expiresAt };
    await insertEmailChange(tx, org, change, at);
    recordEvent({ action: 'user.email_change_requested', target: ['user', user.id] });
    const { organization } = await findSettings(tx, org);
    const mail = { template: 'email_change', to: email, organization } as const;
    await sendMail(tx, seal, org, newId(), { ...mail, link: links.emailChange(token), expiresAt });
    return { email, expiresAt };
  };

  const cancelOf = async ({ tx, org, at, recordEvent }: CommandContext, id: UserId): Promise<void> => {
    if (!(await deleteEmailChange(tx, org, id, at))) {
      throw new DomainError('not_found', 'No change of address is pending.');
    }
    recordEvent({ action: 'user.email_change_cancelled', target: ['user', id] });
  };

  const open = async (token: string) => {
    const [row] = await findEmailChange(db, hashToken(token), now().toISOString());
    if (row === undefined) throw expired();
    return row;
  };

  return {
    request: (by, id, email, { force }) =>
      runner.runAs(by, async (context, actor) => {
        await holdCandidate(context.tx, context.org, id);
        const user = await loadDirectoryUser(context, id);
        requireSignInRight(actor, user);
        const { settings } = await findSettings(context.tx, context.org);
        requireWithinLimit(actor, user, settings);
        requireOwnField(actor, user, 'address', force);
        if (user.status === 'inactive') {
          throw new DomainError('target_inactive', 'Activate the user first.');
        }
        await requireFreeAddress(context, user, email);
        // Counted with the mail: a rejected request does not use up a limit.
        const limit = createThrottle(context.tx, 'email_change');
        await limit.enter(`${context.org} ${caseKey(email)}`, undefined, context.time);
        if (user.status === 'active') return ask(context, actor, user, email);
        await changeEmail(context, user, email);
        if (user.invitation !== undefined) await sendInvitation(context, actor, user.invitation.id, email);
        return undefined;
      }),

    requestOwn: async (by, email, client) => {
      // Before the throttle: a request without a proof is not counted.
      requireRecentProof(by, now());
      await throttle.enter(by.rights.id, client.ip, now());
      return runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, actor.rights.id);
        requireOwnField(actor, user, 'address', false);
        await requireFreeAddress(context, user, email);
        await requireOwnChoice(context, user, email);
        return ask(context, actor, user, email);
      });
    },

    cancel: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        if (!isSelf(actor, id)) requireSignInRight(actor, user);
        await cancelOf(context, id);
      }),

    cancelOwn: (by) => runner.runAs(by, (context, actor) => cancelOf(context, actor.rights.id)),

    look: open,

    confirm: async (token, client, requestId) => {
      const row = await open(token);
      const origin: Origin = { actor: { type: 'user', id: row.user, via: 'sign_in' }, requestId, client };
      await runner.withOrganization(row.org, origin, async (context) => {
        const { tx, org, at, newId } = context;
        // A directory that deactivates or changes the user meanwhile goes before this, or sees what this has changed.
        await holdCandidate(tx, org, row.user);
        if (!(await useEmailChange(tx, row, at))) throw expired();
        const user = await loadDirectoryUser(context, row.user);
        await requireStillPermitted(context, user, row);
        await changeEmail(context, user, row.newEmail);
        const { organization, email: to, newEmail } = row;
        const mail = { template: 'email_changed', to, organization, newEmail } as const;
        await sendMail(tx, seal, org, newId(), mail);
      });
      return row;
    },
  };

  /** Sends the invitation of a user who has another address now; the link before is dead. */
  async function sendInvitation(
    context: CommandContext,
    by: Authority,
    id: string,
    to: string,
  ): Promise<void> {
    const { tx, org, time, newId } = context;
    const [token, mail, expiresAt] = [makeLinkToken(), newId(), expiryFrom(time)];
    await renewInvitation(tx, org, id, { hash: hashToken(token), mail, expiresAt });
    await mailInvitation(context, by, dependencies, { id: mail, invitation: id, to, token, expiresAt });
  }
}

async function changeEmail(
  { tx, org, at, recordEvent }: CommandContext,
  user: DirectoryUser,
  email: string,
): Promise<void> {
  const stored = await findProfile(tx, org, user.id);
  if (stored === undefined) throw userNotFound();
  const { userName, profile } = stored;
  const next = withPrimaryEmail(profile, userName, email);
  const [before, after] = [emailKeys(profile), emailKeys(next)];
  const isNamedByEmail = caseKey(userName) === caseKey(stored.email ?? userName);
  try {
    await writeEmail(
      tx,
      org,
      user.id,
      {
        userName: isNamedByEmail ? email : userName,
        email,
        profile: next,
        keysRemoved: before.filter((key) => !after.includes(key)),
        keysAdded: after.filter((key) => !before.includes(key)),
      },
      at,
    );
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError('email_taken', 'Duplicate email');
  }
  recordEvent({
    action: 'user.email_changed',
    target: ['user', user.id],
    changes: { attributes: isNamedByEmail ? ['emails', 'userName'] : ['emails'] },
  });
}

async function requireStillPermitted(
  context: CommandContext,
  user: DirectoryUser,
  { requestedBy, newEmail }: EmailChange,
): Promise<void> {
  try {
    await requireCurrentPermission(context, user, requestedBy, newEmail);
  } catch (error) {
    // The reason is for the requester only: this page is shown to the reader of the mail.
    throw error instanceof DomainError ? expired() : error;
  }
}

const expired = () =>
  new DomainError(
    'not_found',
    'This link has expired or was already used: request the change of address again.',
  );
