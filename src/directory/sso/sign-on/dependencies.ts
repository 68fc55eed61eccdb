import type { Database } from '../../../platform/db.ts';
import type { Seal } from '../../../platform/sealing.ts';
import type { Administer } from '../../administer.ts';
import type { Links } from '../../mails.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { Sessions } from '../../sign-in/sessions.ts';

/** What single sign-on needs. */
export interface SignOnDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly signIn: Pick<SignInCommands, 'signOut'>;
}
