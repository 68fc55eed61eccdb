import type { CommandRunner } from '../directory/command-runner.ts';
import type { Links } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import type { SecretBox } from '../platform/secret-box.ts';

export interface SignInDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly links: Links;
}
