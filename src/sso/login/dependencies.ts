import type { Administer } from '../../directory/command-runner.ts';
import type { Links } from '../../notifications/mails.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Seal } from '../../platform/secret-box.ts';
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
