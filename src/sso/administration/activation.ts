import { Refusal } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { demandAll } from '../../directory/roles/rules/guards.ts';
import type { Database } from '../../platform/db/database.ts';
import { endPasswordSessions } from '../../sign-in/enforcement.ts';
import { addressesOf } from '../addresses.ts';
import { endSessionsThrough } from '../end-sessions.ts';
import { isComplete } from '../settings.ts';
import { writeSsoState } from '../store/connections.ts';
import { loadWhole, type WholeSsoConnection } from './administered.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import { incompleteConnection } from './connection-edit.ts';

export interface ActivationCommands {
  /**
   * @returns where an administrator signs in to try the connection; it signs nobody in
   * @throws Refusal `connection_incomplete`, `certificate_missing`, `not_found`, `forbidden`
   */
  test(by: Authority, id: ConnectionId): Promise<string>;
  /**
   * Lets people in through the connection, from now on.
   * @throws Refusal `test_not_passed`, `certificate_missing`, `connection_incomplete`, `not_found`, `version_mismatch`, `forbidden`
   */
  activate(
    by: Authority,
    id: ConnectionId,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /** Lets nobody in any more, and ends the sessions that began here. @throws Refusal `not_found`, `version_mismatch`, `forbidden` */
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
      demandAll(by, 'sso:manage');
      demandUsable(await loadWhole(db, by.org, id, now().toISOString()));
      return addressesOf(publicUrl, id).test;
    },

    activate: (by, id, ifMatch) =>
      change(by, id, ifMatch, async ({ work, before, note }) => {
        if (before.state === 'active') return 'none';
        demandUsable(before);
        if (before.testedAt === undefined) {
          throw new Refusal(
            'test_not_passed',
            'Test the connection first: its settings, as they are, have passed no test. Open the address of a test sign-in; where one was refused, its result says why.',
          );
        }
        await writeSsoState(work.tx, work.org, id, 'active');
        const enforced = before.domains.filter((each) => each.enforced && each.verified_at !== null);
        await endPasswordSessions(work, new Set(enforced.map(({ domain }) => domain)));
        note('sso_connection.activated', { values: { state: [before.state, 'active'] } });
        return 'changed';
      }),

    deactivate: (by, id, ifMatch) =>
      change(by, id, ifMatch, async ({ work, before, note }) => {
        if (before.state !== 'active') return 'none';
        await writeSsoState(work.tx, work.org, id, 'off');
        note('sso_connection.switched_off', { values: { state: ['active', 'off'] } });
        await endSessionsThrough(work, id);
        return 'changed';
      }),
  };
}

/** @throws Refusal `connection_incomplete`, `certificate_missing` */
function demandUsable(connection: WholeSsoConnection): void {
  if (!isComplete(connection.settings)) throw incompleteConnection(connection.settings);
  if (connection.protocol === 'saml' && connection.certificates.length === 0) {
    throw new Refusal(
      'certificate_missing',
      'No sign-in can be verified without a certificate of the provider: add one, or give its metadata.',
    );
  }
}
