import type { Administer } from '../directory/command-runner.ts';
import type { Links } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import type { Seal } from '../platform/secret-box.ts';

export interface SignInDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
  readonly links: Links;
}
