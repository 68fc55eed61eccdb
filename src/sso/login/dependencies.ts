import type { CommandRunner } from '../../directory/command-runner.ts';
import type { Links } from '../../notifications/mails.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { Sessions } from '../../sign-in/sessions.ts';

/** What single sign-on needs. */
export interface SsoLoginDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly signIn: Pick<SignInCommands, 'signOut'>;
}
