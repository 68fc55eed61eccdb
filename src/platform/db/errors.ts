import pg from 'pg';
import { DatabaseUnavailable, StatementTimeout } from './unavailable.ts';

/** A constraint violation as Postgres reports it. */
export interface ConstraintViolation {
  readonly kind: 'unique' | 'foreign_key' | 'check';
  readonly constraint: string;
}

const QUERY_CANCELED = '57014';
const LOCK_NOT_AVAILABLE = '55P03';
const READ_ONLY_TRANSACTION = '25006';
/**
 * Connection exceptions (08P01 is a mistake of ours), operator intervention (shutdown, crash, cannot connect now),
 * system errors.
 */
const unreachable = /^(08(?!P01)|57P0|58)/;
/** Resources: memory, disk, connections. */
const exhausted = /^53/;
const kinds: ReadonlyMap<string, ConstraintViolation['kind']> = new Map([
  ['23505', 'unique'],
  ['23503', 'foreign_key'],
  ['23514', 'check'],
]);

/** @returns the SQLSTATE of an error of Postgres, '' for any other error */
export function sqlStateOf(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : '';
}

/**
 * Turns what a database client throws into our errors; leaves a violated constraint, a deadlock and a mistake of ours
 * as they are. Only for errors that come out of a client: whatever else is thrown there (a lost connection, a
 * timeout on the wire) means that the connection did not answer.
 */
export function classifyClientError(error: unknown, statement?: string): unknown {
  if (error instanceof DatabaseUnavailable) return error;
  const state = sqlStateOf(error);
  if (state === QUERY_CANCELED) return new StatementTimeout(error, statement);
  if (state === LOCK_NOT_AVAILABLE || exhausted.test(state)) {
    return new DatabaseUnavailable('busy', error, statement);
  }
  if (state === READ_ONLY_TRANSACTION) return new DatabaseUnavailable('read_only', error, statement);
  if (unreachable.test(state)) return new DatabaseUnavailable('unreachable', error, statement);
  if (error instanceof pg.DatabaseError || error instanceof TypeError || error instanceof RangeError) {
    return error;
  }
  return new DatabaseUnavailable('unreachable', error, statement);
}

/** True if the connection must not be used again: it is lost, or leads to a server that takes no writes. */
export function endsConnection(error: unknown): boolean {
  return (
    error instanceof DatabaseUnavailable && (error.reason === 'unreachable' || error.reason === 'read_only')
  );
}

/** True for a deadlock or a serialization failure: nothing was written, the same statement may run again. */
export function retryable(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '40001' || state === '40P01';
}

/** True if a statement gave up waiting for a lock: nothing was written. */
export function waitedForLock(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && sqlStateOf(error.cause) === LOCK_NOT_AVAILABLE;
}

/** @returns the violated constraint, without the suffix that Citus adds for a shard; undefined for other errors */
export function violationOf(error: unknown): ConstraintViolation | undefined {
  const kind = kinds.get(sqlStateOf(error));
  const constraint = (error as { constraint?: unknown } | undefined)?.constraint;
  if (kind === undefined || typeof constraint !== 'string') return undefined;
  return { kind, constraint: constraint.replace(/_\d+$/, '') };
}
