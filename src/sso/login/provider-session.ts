import type { Client, Origin } from '../../directory/actor.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import type { ConnectionId, UserId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { type StartedSession, startSession } from '../../sign-in/sessions.ts';
import { recordSignIn } from '../../sign-in/store/passwords.ts';
import { endProviderSessions, findSessionOrigin } from '../../sign-in/store/sessions.ts';
import type { VerifiedIdentity } from '../rules/account-linking.ts';
import { insertReplay } from '../store/requests.ts';
import type { LoginConnection } from './connection.ts';
import type { SsoLoginDependencies } from './types.ts';

export const LOGOUT_HINT_PURPOSE = 'sso logout hint';

/** Begins a session that knows which provider's it is, and ends no later than the provider's own. */
export async function beginProviderSession(
  context: CommandContext,
  { id, protocol }: Pick<LoginConnection, 'id' | 'protocol'>,
  { subject, sessionIndex, expiresAt, logoutHint }: VerifiedIdentity,
  user: UserId,
  client: Client,
  { seal }: { readonly seal: SecretBox },
): Promise<StartedSession> {
  await recordSignIn(context.tx, context.org, user, context.at);
  const origin = {
    connection: id,
    subject,
    index: sessionIndex,
    sealedHint: seal.seal(logoutHint, LOGOUT_HINT_PURPOSE),
    expiresAt,
  };
  return startSession(context, user, protocol, client, { origin });
}

/** What a logout sends back to the provider. @throws Error if the secret key is another now */
function openLogoutHint(seal: SecretBox, sealed: string): string {
  return seal.open(sealed, LOGOUT_HINT_PURPOSE);
}

/** Ends sessions that a connection began: all of them, or a subject's; records it for each user. */
export async function endSessionsThrough(
  { tx, org, at, recordEvent }: CommandContext,
  connection: ConnectionId,
  subject?: string,
): Promise<void> {
  const ended = await endProviderSessions(tx, org, connection, { subject, indexes: undefined }, at);
  const counts = new Map<string, number>();
  for (const user of ended) counts.set(user, (counts.get(user) ?? 0) + 1);
  for (const [user, count] of counts) {
    recordEvent({
      action: 'session.ended',
      target: ['user', user],
      changes: { values: { sessions: [count, 0], by: [null, 'connection'] } },
    });
  }
}

/** Where to continue with a sign-out that began here: the provider's own session is still there. */
interface ProviderLogout {
  readonly connection: string;
  readonly sessionIndex: string | undefined;
  /** What the sign-in kept for it. */
  readonly hint: string;
}

/** Whose sessions a provider ends. */
interface ProviderLogoutResult {
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
