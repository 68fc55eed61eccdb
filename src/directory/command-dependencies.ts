import type { Database } from '../platform/db/database.ts';
import type { CommandRunner } from './command-runner.ts';

/** What most commands need: the database for what they read without a transaction, the clock, and the runner. */
export interface CommandDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}
