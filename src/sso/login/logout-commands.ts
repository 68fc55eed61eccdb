import type { Origin } from '../../directory/actor.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { endProviderSessions, findSessionOrigin } from '../../sign-in/store/sessions.ts';
import { insertReplay } from '../store/requests.ts';
import type { LoginConnection } from './connection.ts';
import type { SsoLoginDependencies } from './dependencies.ts';
import { openLogoutHint } from './provider-session.ts';

/** Where to continue with a sign-out that began here: the provider's own session is still there. */
export interface ProviderLogout {
  readonly connection: string;
  readonly sessionIndex: string | undefined;
  /** What the sign-in kept for it. */
  readonly hint: string;
}

/** Whose sessions a provider ends. */
export interface ProviderLogoutResult {
  /** Undefined: any user with one of the sessions. */
  readonly subject: string | undefined;
  /** The provider's own sessions; undefined: all of the subject's. */
  readonly indexes: readonly string[] | undefined;
  /** What must not come twice, and until when it could. */
  readonly replay: { readonly id: string; readonly until: string };
}

export interface SsoLogout {
  /** Ends a session. @returns where the provider's own session is ended; undefined if it began at none */
  here(by: Authority, session: string): Promise<ProviderLogout | undefined>;
  /**
   * Ends the sessions that a provider logs out: only those that began through this connection.
   * @returns false if the message was received before
   */
  atProvider(connection: LoginConnection, off: ProviderLogoutResult, requestId: string): Promise<boolean>;
}

/** Builds the commands of single logout. */
export function createSsoLogout({ db, runner, seal, signIn }: SsoLoginDependencies): SsoLogout {
  return {
    here: async (by, session) => {
      const origin = await findSessionOrigin(db, by.org, session);
      await signIn.signOut(by, session);
      if (origin === undefined) return undefined;
      const { connection, index, sealedHint } = origin;
      return { connection, sessionIndex: index, hint: openLogoutHint(seal, sealedHint) };
    },

    atProvider: (connection, { subject, indexes, replay }, requestId) => {
      const origin: Origin = { actor: { type: 'connection', id: connection.id, via: 'sso' }, requestId };
      return runner.withoutLock(connection.org, origin, async ({ tx, org, at, recordEvent }) => {
        if (!(await insertReplay(tx, org, connection.id, `logout ${replay.id}`, replay.until))) return false;
        const ended = await endProviderSessions(tx, org, connection.id, { subject, indexes }, at);
        for (const user of new Set(ended)) {
          const count = ended.filter((each) => each === user).length;
          recordEvent({
            action: 'session.ended',
            target: ['user', user],
            changes: { values: { sessions: [count, 0], by: [null, 'provider'] } },
          });
        }
        return true;
      });
    },
  };
}
