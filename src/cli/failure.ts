import { ConfigError } from '../config-error.ts';
import { Refusal } from '../directory/errors.ts';
import { sqlStateOf } from '../platform/db-errors.ts';
import { EmbeddedPostgresError } from '../platform/embedded-postgres/error.ts';
import { DatabaseUnavailable } from '../platform/unavailable.ts';
import { CommandError, UsageError } from './command.ts';

/** EX_USAGE and EX_CONFIG of sysexits.h. */
const USAGE_ERROR = 64;
const CONFIGURATION_ERROR = 78;

/** What to tell about an error, and the exit code that says the same to scripts. */
export interface Failure {
  readonly sentence: string;
  readonly exitCode: number;
}

/** Puts an error into words for whoever typed the command. */
export function explain(error: unknown): Failure {
  if (error instanceof UsageError) return { sentence: error.message, exitCode: USAGE_ERROR };
  if (error instanceof ConfigError) return { sentence: error.message, exitCode: CONFIGURATION_ERROR };
  if (error instanceof CommandError || error instanceof EmbeddedPostgresError || error instanceof Refusal) {
    return { sentence: error.message, exitCode: 1 };
  }
  if (error instanceof DatabaseUnavailable) {
    return { sentence: `${error.message.slice(0, -1)}: ${words(error.cause)}.`, exitCode: 1 };
  }
  if (sqlStateOf(error) !== '' && error instanceof Error)
    return { sentence: `Postgres refuses: ${error.message}.`, exitCode: 1 };
  return { sentence: `Something unexpected went wrong: ${stackOf(error)}`, exitCode: 1 };
}

/** A connection that failed on several addresses has an empty message of its own. */
function words(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(words).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
