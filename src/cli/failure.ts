import { ConfigError } from '../config/config-error.ts';
import { DomainError } from '../directory/errors.ts';
import { sqlStateOf } from '../platform/db/errors.ts';
import { MigrationLocked } from '../platform/db/migrate.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { EmbeddedPostgresError } from '../platform/embedded-postgres/error.ts';
import { CommandError, UsageError } from './command.ts';

/** What each exit code means to scripts; those above 1 are the ones of sysexits.h. */
export const EXIT_CODES = {
  0: 'Done.',
  1: 'Not done, or only in part; the help of each command says what it means there.',
  64: 'The command line is wrong.',
  69: 'The database cannot be reached or is busy: try again later.',
  70: 'An unexpected error: please report it.',
  78: 'A setting is wrong.',
} as const;

/** The text for an error, and its exit code for scripts. */
export interface Failure {
  /** For programs: the code of a rejection, or the kind of the failure. */
  readonly code: string;
  readonly message: string;
  readonly exitCode: keyof typeof EXIT_CODES;
}

/** Puts an error into words for the user who typed the command. */
export function explain(error: unknown): Failure {
  if (error instanceof UsageError) return { code: 'usage', message: error.message, exitCode: 64 };
  if (error instanceof ConfigError) return { code: 'settings', message: error.message, exitCode: 78 };
  if (error instanceof DomainError)
    return { code: error.code, message: inOptions(error.message), exitCode: 1 };
  if (error instanceof CommandError) return { code: error.code, message: error.message, exitCode: 1 };
  if (error instanceof EmbeddedPostgresError || error instanceof MigrationLocked) {
    return { code: 'unavailable', message: error.message, exitCode: 69 };
  }
  if (error instanceof DatabaseUnavailable) return { ...unavailable(error), exitCode: 69 };
  if (sqlStateOf(error) !== '' && error instanceof Error) {
    return { code: 'database', message: `Postgres reports an error: ${error.message}.`, exitCode: 70 };
  }
  return { code: 'unexpected', message: `Unexpected error: ${stackOf(error)}`, exitCode: 70 };
}

/** Names an option where a sentence of the directory names a query parameter. */
const inOptions = (message: string): string => message.replace('?force=true', '--force');

function unavailable(error: DatabaseUnavailable): Omit<Failure, 'exitCode'> {
  const advice =
    error.reason === 'unreachable'
      ? ' Check DATABASE_URL and that Postgres is running.'
      : ' Try again later.';
  return {
    code: 'unavailable',
    message: `${error.message.slice(0, -1)} (${describeCause(error.cause)}).${advice}`,
  };
}

/** A connection that failed on several addresses has an empty message of its own. */
function describeCause(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(describeCause).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
