import type { Client } from '../../directory/actor.ts';
import type { Work } from '../../directory/command-runner.ts';
import type { UserId } from '../../directory/ids.ts';
import type { Seal } from '../../platform/secret-box.ts';
import { type StartedSession, startSession } from '../../sign-in/sessions.ts';
import { noteSignIn } from '../../sign-in/store/passwords.ts';
import type { SignOnConnection } from './connection.ts';
import type { VerifiedIdentity } from './identity.ts';

export const LOGOUT_HINT_PURPOSE = 'sso logout hint';

/** Begins a session that knows which provider's it is, and ends no later than the provider's own. */
export async function beginProviderSession(
  work: Work,
  { id, protocol }: Pick<SignOnConnection, 'id' | 'protocol'>,
  { subject, sessionIndex, expiresAt, logoutHint }: VerifiedIdentity,
  user: UserId,
  client: Client,
  { seal }: { readonly seal: Seal },
): Promise<StartedSession> {
  await noteSignIn(work.tx, work.org, user, work.at);
  return startSession(work, user, protocol, client, {
    connection: id,
    subject,
    index: sessionIndex,
    sealedHint: seal.seal(logoutHint, LOGOUT_HINT_PURPOSE),
    expiresAt,
  });
}

/** What a logout sends back to the provider. @throws Error if the secret key is another now */
export function openLogoutHint(seal: Seal, sealed: string): string {
  return seal.open(sealed, LOGOUT_HINT_PURPOSE);
}
