import type { Client } from '../../directory/actor.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import type { UserId } from '../../directory/ids.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { type StartedSession, startSession } from '../../sign-in/sessions.ts';
import { recordSignIn } from '../../sign-in/store/passwords.ts';
import type { LoginConnection } from './connection.ts';
import type { VerifiedIdentity } from './identity.ts';

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
  return startSession(context, user, protocol, client, {
    connection: id,
    subject,
    index: sessionIndex,
    sealedHint: seal.seal(logoutHint, LOGOUT_HINT_PURPOSE),
    expiresAt,
  });
}

/** What a logout sends back to the provider. @throws Error if the secret key is another now */
export function openLogoutHint(seal: SecretBox, sealed: string): string {
  return seal.open(sealed, LOGOUT_HINT_PURPOSE);
}
