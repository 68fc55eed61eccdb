import type { Client, Origin } from '../../directory/actor.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { OrgId } from '../../directory/ids.ts';
import { sendMail } from '../../notifications/mails.ts';
import { hashToken, makeLinkToken } from '../../platform/opaque-token.ts';
import { identityTarget } from '../events.ts';
import {
  findConfirmation,
  insertConfirmationRow,
  insertIdentity,
  useConfirmationRow,
} from '../store/identities.ts';
import type { LoginCandidate } from '../store/logins.ts';
import type { LoginConnection } from './connection.ts';
import type { SsoLoginDependencies } from './types.ts';

/**
 * Mails a confirmation link to the account that an identity would be linked to: the provider vouches for a user
 * with this address, and only the account's owner knows whether that is them (docs/sso-design.md §4, rule 5).
 */
export async function askToConfirm(
  { tx, org, at, newId, recordEvent }: CommandContext,
  { id: connection, name, organization }: LoginConnection,
  user: LoginCandidate,
  subject: string,
  { seal, links }: Pick<SsoLoginDependencies, 'seal' | 'links'>,
): Promise<void> {
  const token = makeLinkToken();
  const confirmation = { id: newId(), hash: hashToken(token), connection, subject, user: user.id };
  const expiresAt = await insertConfirmationRow(tx, org, confirmation, at);
  if (expiresAt === undefined) return;
  const target = identityTarget(connection, user.id);
  recordEvent({ action: 'identity.confirmation_requested', target, member: user.id });
  await sendMail(tx, seal, org, newId(), {
    template: 'identity_confirmation',
    to: user.email,
    organization,
    connection: name,
    link: links.identityConfirmation(token),
    expiresAt: new Date(expiresAt).toISOString(),
  });
}

/** What the page behind the link shows, before anything happens. */
export interface OpenConfirmation {
  readonly org: OrgId;
  readonly organization: string;
  readonly connectionName: string;
  readonly email: string;
}

export interface Confirmations {
  /** Looks at a confirmation and changes nothing (scanners open links, too). @throws DomainError `not_found` */
  look(token: string): Promise<OpenConfirmation>;
  /** Links the identity. The user signs in through the provider then. @throws DomainError `not_found`, `identity_taken` */
  accept(token: string, client: Client, requestId: string): Promise<OpenConfirmation>;
}

/** Builds the commands of the link in the mail. */
export function createConfirmations({ db, now, runner }: SsoLoginDependencies): Confirmations {
  const open = async (token: string) => {
    const row = await findConfirmation(db, hashToken(token), now().toISOString());
    if (row === undefined) throw over();
    return row;
  };
  return {
    look: open,

    accept: async (token, client, requestId) => {
      const row = await open(token);
      const origin: Origin = { actor: { type: 'user', id: row.user, via: 'sign_in' }, requestId, client };
      await runner.withOrganization(row.org, origin, async ({ tx, org, at, recordEvent }) => {
        if (!(await useConfirmationRow(tx, org, row.id, at))) throw over();
        const { connection, subject, user } = row;
        await insertIdentity(tx, org, { connection, subject, user, linkedBy: 'confirmation' }, at);
        recordEvent({
          action: 'identity.linked',
          target: identityTarget(connection, user),
          member: user,
          changes: { values: { connection: [null, connection], by: [null, 'confirmation'] } },
        });
      });
      return row;
    },
  };
}

const over = () =>
  new DomainError(
    'not_found',
    'This link has expired or was used: sign in through your provider for another one.',
  );
