/** Postgres cannot be reached, or ended the connection: nothing is known to be wrong with the request. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('The database cannot be reached.', { cause });
    this.name = 'DatabaseUnavailable';
  }
}

/** A statement took longer than its limit and was ended. */
export class StatementTimeout extends Error {
  constructor(cause: unknown) {
    super('The statement took too long.', { cause });
    this.name = 'StatementTimeout';
  }
}

/** What Postgres says of a violated constraint. */
export interface ConstraintViolation {
  readonly kind: 'unique' | 'foreign_key' | 'check';
  readonly constraint: string;
}

/** SQLSTATE classes and codes that mean "not now": connection, resources, shutdown, a standby. */
const away = /^(08|53|57P0|25006|58)/;
const sockets = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
  'EAI_AGAIN',
]);
const kinds: ReadonlyMap<string, ConstraintViolation['kind']> = new Map([
  ['23505', 'unique'],
  ['23503', 'foreign_key'],
  ['23514', 'check'],
]);

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Turns what pg throws into our errors; leaves the rest as it is. */
export function classify(error: unknown): unknown {
  const code = codeOf(error);
  if (code === '57014') return new StatementTimeout(error);
  if (away.test(code) || sockets.has(code)) return new DatabaseUnavailable(error);
  // pg reports a lost connection as a plain Error without a code.
  if (error instanceof Error && code === '' && /connection|not queryable|terminated/i.test(error.message)) {
    return new DatabaseUnavailable(error);
  }
  return error;
}

/** True for a deadlock or a serialization failure: nothing was written, the same statement may run again. */
export function retryable(error: unknown): boolean {
  return codeOf(error) === '40001' || codeOf(error) === '40P01';
}

/** @returns the violated constraint, without the suffix that Citus adds for a shard; undefined for other errors */
export function violationOf(error: unknown): ConstraintViolation | undefined {
  const kind = kinds.get(codeOf(error));
  const constraint = (error as { constraint?: unknown } | undefined)?.constraint;
  if (kind === undefined || typeof constraint !== 'string') return undefined;
  return { kind, constraint: constraint.replace(/_\d+$/, '') };
}
