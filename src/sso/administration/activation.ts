import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { forbidden, requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import type { Database } from '../../platform/db/database.ts';
import { endPasswordSessions } from '../../sign-in/enforcement.ts';
import { addressesOf } from '../addresses.ts';
import { endSessionsThrough } from '../login/provider-session.ts';
import { isComplete } from '../settings.ts';
import { writeSsoState } from '../store/connections.ts';
import { type CompleteSsoConnection, loadCompleteConnection } from './administered.ts';
import { type ChangeConnection, type ConnectionReport, incompleteConnection } from './change.ts';

export interface ActivationCommands {
  /**
   * @returns where an administrator signs in to try the connection; it signs no user in
   * @throws DomainError `connection_incomplete`, `certificate_missing`, `not_found`, `forbidden`
   */
  test(by: Authority, id: ConnectionId): Promise<string>;
  /**
   * Lets users in through the connection, from now on.
   * @throws DomainError `test_not_passed`, `certificate_missing`, `connection_incomplete`, `not_found`, `version_mismatch`, `forbidden`
   */
  activate(
    by: Authority,
    id: ConnectionId,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /**
   * Lets no user in any more, and ends the sessions that began here.
   * @throws DomainError `not_found`, `version_mismatch`, `forbidden`
   */
  deactivate(
    by: Authority,
    id: ConnectionId,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
}

/** Builds the commands that try a connection and switch it on and off. */
export function createActivationCommands({
  db,
  now,
  publicUrl,
  change,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly publicUrl: string;
  readonly change: ChangeConnection;
}): ActivationCommands {
  return {
    test: async (by, id) => {
      requireWholeOrganization(by, 'sso:manage');
      requireUsable(await loadCompleteConnection(db, by.org, id, now().toISOString()));
      return addressesOf(publicUrl, id).test;
    },

    activate: (by, id, ifMatch) =>
      change(by, id, ifMatch, async ({ context, actor, before, recordEvent }) => {
        if (actor.setUpLink?.mayActivate === false) {
          throw forbidden(
            'This link does not activate the connection: tell the administrator that it is ready.',
          );
        }
        if (before.state === 'active') return 'none';
        requireUsable(before);
        if (before.testedAt === undefined) {
          throw new DomainError(
            'test_not_passed',
            'Test the connection first: its current settings have not passed a test. Open the address of a test sign-in; the result of a failed one says why.',
          );
        }
        await writeSsoState(context.tx, context.org, id, 'active');
        const enforced = before.domains.filter((each) => each.enforced && each.verifiedAt !== null);
        await endPasswordSessions(context, new Set(enforced.map(({ domain }) => domain)));
        recordEvent({
          action: 'sso_connection.activated',
          changes: { values: { state: [before.state, 'active'] } },
        });
        return 'changed';
      }),

    deactivate: (by, id, ifMatch) =>
      change(by, id, ifMatch, async ({ context, before, recordEvent }) => {
        if (before.state !== 'active') return 'none';
        await writeSsoState(context.tx, context.org, id, 'off');
        recordEvent({
          action: 'sso_connection.switched_off',
          changes: { values: { state: ['active', 'off'] } },
        });
        await endSessionsThrough(context, id);
        return 'changed';
      }),
  };
}

/** @throws DomainError `connection_incomplete`, `certificate_missing` */
function requireUsable(connection: CompleteSsoConnection): void {
  if (!isComplete(connection.settings)) throw incompleteConnection(connection.settings);
  if (connection.protocol === 'saml' && connection.certificates.length === 0) {
    throw new DomainError(
      'certificate_missing',
      'No sign-in can be verified without a certificate of the provider: add one, or give its metadata.',
    );
  }
}
