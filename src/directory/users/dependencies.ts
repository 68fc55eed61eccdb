import type { Links } from '../../notifications/mails.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Seal } from '../../platform/secret-box.ts';
import type { Administer } from '../command-runner.ts';

/** What the commands about people need. */
export interface PeopleDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
  readonly links: Links;
}
