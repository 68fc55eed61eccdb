import type { Links } from '../../notifications/mails.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import type { CommandRunner } from '../command-runner.ts';

/** What the commands about users need. */
export interface UserDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly links: Links;
}
