import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import type { ConnectionId, UserId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import {
  mayRead,
  requireManage,
  requireWholeOrganization,
  userNotFound,
} from '../../directory/roles/rules/guards.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { findDirectoryUser } from '../../directory/users/store/users.ts';
import { loadDirectoryUser } from '../../directory/users/target.ts';
import { identityTarget } from '../events.ts';
import { endSessionsThrough } from '../login/provider-session.ts';
import { type Identity, linkIdentity, listIdentities, unlinkIdentity } from '../store/identities.ts';
import { loadCompleteConnection, type SsoConnection } from './administered.ts';

export type { Identity } from '../store/identities.ts';

export interface IdentityLinks {
  /** What connections call a user. @throws DomainError `not_found`, `forbidden` */
  list(by: Authority, user: UserId): Promise<Identity[]>;
  /**
   * Links a subject of a connection to a user, so that logins with this subject sign in as the user.
   * @throws DomainError `identity_taken`, `self_change`, `not_found`, `forbidden`
   */
  link(by: Authority, user: UserId, connection: ConnectionId, subject: string): Promise<Identity[]>;
  /** The sessions that began by it end. @throws DomainError `self_change`, `not_found`, `forbidden` */
  unlink(by: Authority, user: UserId, connection: ConnectionId): Promise<void>;
}

/** Of SAML: addresses are compared without regard to case. */
const EMAIL_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

/** Builds the commands about who is who at a provider (docs/sso-design.md §4, rules 5 and 6). */
export function createIdentityLinks({ db, now, runner }: CommandDependencies): IdentityLinks {
  /** An identity opens the account, so it takes what acts on the whole of it take, and not on one's own. */
  const requireAccount = async (context: CommandContext, actor: Authority, user: UserId): Promise<void> => {
    requireWholeOrganization(actor, 'sso:manage');
    requireManage(actor, await loadDirectoryUser(context, user), 'whole account');
  };

  return {
    list: async (by, user) => {
      requireWholeOrganization(by, 'sso:manage');
      const directoryUser = await findDirectoryUser(db, by.org, user, now().toISOString());
      if (directoryUser === undefined || !mayRead(by, 'users:read', directoryUser)) throw userNotFound();
      return listIdentities(db, by.org, user);
    },

    link: (by, user, connection, given) =>
      runner.runAs(by, async (context, actor) => {
        await requireAccount(context, actor, user);
        const { tx, org, at, recordEvent } = context;
        const subject = comparable(given, await loadCompleteConnection(tx, org, connection, at));
        await linkIdentity(tx, org, { connection, subject, user }, at);
        recordEvent({
          action: 'identity.linked',
          target: identityTarget(connection, user),
          member: user,
          changes: { values: { connection: [null, connection], by: [null, 'admin'] } },
        });
        return listIdentities(tx, org, user);
      }),

    unlink: (by, user, connection) =>
      runner.runAs(by, async (context, actor) => {
        await requireAccount(context, actor, user);
        const subject = await unlinkIdentity(context.tx, context.org, user, connection);
        if (subject === undefined) {
          throw notFound('identity');
        }
        context.recordEvent({
          action: 'identity.unlinked',
          target: identityTarget(connection, user),
          member: user,
          changes: { values: { connection: [connection, null] } },
        });
        await endSessionsThrough(context, connection, subject);
      }),
  };
}

/** A subject in the form in which logins are compared. */
function comparable(subject: string, connection: SsoConnection): string {
  const isEmail = connection.protocol === 'saml' && connection.settings.nameIdFormat === EMAIL_FORMAT;
  return isEmail ? caseKey(subject) : subject;
}
