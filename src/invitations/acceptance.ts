import type { Client, Origin } from '../directory/actor.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { isUserName, MAX_DISPLAY_NAME, oneLineName } from '../directory/users/rules/presentable.ts';
import { writeName } from '../directory/users/store/edits.ts';
import { lockStatus, writeUserStatus } from '../lifecycle/store/status.ts';
import { hashToken } from '../platform/opaque-token.ts';
import { passwordIsAllowed } from '../sign-in/enforcement.ts';
import { checkPassword, hashPassword } from '../sign-in/passwords.ts';
import { type StartedSession, startSession } from '../sign-in/sessions.ts';
import { insertAttempt, recordSignIn, writePasswordHash } from '../sign-in/store/passwords.ts';
import { acceptInvitationRow, findInvitationByHash } from './store.ts';

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

export interface InvitationAcceptance {
  /** Looks at an invitation and changes nothing. @throws DomainError `not_found`, `invitation_expired`, `invitation_used` */
  look(token: string): Promise<OpenInvitation>;
  /** @throws DomainError those of `look`, `weak_password`, `sso_enforced` */
  accept(
    token: string,
    intent: { readonly name: string | undefined; readonly password: string },
    client: Client,
    requestId: string,
  ): Promise<Accepted>;
}

/** Builds what the link of an invitation leads to. */
export function createInvitationAcceptance({ db, now, runner }: UserDependencies): InvitationAcceptance {
  const open = async (token: string) => {
    const row = await findInvitationByHash(db, hashToken(token));
    if (row === undefined || row.deleted) throw noInvitation();
    if (row.acceptedAt !== null || row.status === 'active') throw used();
    if (row.revokedAt !== null || row.status !== 'pending') throw noInvitation();
    if (Date.parse(row.expiresAt) <= now().getTime()) throw expired();
    return row;
  };

  return {
    look: async (token) => {
      const row = await open(token);
      return {
        org: row.org,
        email: row.email,
        name: row.name ?? undefined,
        organization: row.organization,
        inviterName: row.inviter ?? row.organization,
        expiresAt: row.expiresAt,
      };
    },

    accept: async (token, { name, password }, client, requestId) => {
      const row = await open(token);
      checkPassword(password, row.email);
      const chosen = oneLineName(name ?? '');
      if (!isUserName(chosen)) {
        throw new DomainError('value_too_long', `Choose a name of at most ${MAX_DISPLAY_NAME} characters.`);
      }
      const hash = await hashPassword(password);
      const origin: Origin = {
        actor: { type: 'user', id: row.user, via: 'invitation' },
        requestId,
        client,
      };
      return runner.withOrganization(row.org, origin, async (context) => {
        const { tx, org, at, newId, recordEvent, envelope, requireActiveOwner } = context;
        if (!(await passwordIsAllowed(tx, row))) throw enforced();
        if (!(await acceptInvitationRow(tx, org, row.id, hashToken(token), at))) throw used();
        if (chosen && !row.managed) await writeName(tx, org, row.user, chosen, at, true);
        const current = await lockStatus(tx, org, row.user);
        if (current?.status !== 'pending') throw used();
        await writeUserStatus(
          tx,
          org,
          requireActiveOwner(row.user, false),
          current.version,
          {
            status: 'active',
            event: { action: 'user.activated', changes: { values: { status: ['pending', 'active'] } } },
          },
          envelope(),
        );
        await writePasswordHash(tx, org, row.user, hash, at);
        await recordSignIn(tx, org, row.user, at);
        const attempt = {
          id: newId(),
          user: row.user,
          outcome: 'signed_in',
          method: 'invitation',
          ...client,
        } as const;
        await insertAttempt(tx, org, attempt, at);
        recordEvent({ action: 'invitation.accepted', target: ['user', row.user] });
        const session = await startSession(context, row.user, 'invitation', client);
        return { ...session, org, user: row.user };
      });
    },
  };
}

export const noInvitation = () => notFound('invitation');
const enforced = () =>
  new DomainError(
    'sso_enforced',
    'Your organization signs in at its identity provider: enter your email address on the sign-in page.',
  );
const used = () => new DomainError('invitation_used', 'This invitation was used: sign in instead.');
const expired = () =>
  new DomainError(
    'invitation_expired',
    'This invitation has expired: ask the person who invited you to send it again.',
  );
