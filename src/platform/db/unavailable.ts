/**
 * Why the database did not do what it was asked:
 * - `unreachable`: no connection, or it ended before the answer
 * - `busy`: a lock, a connection or a resource did not become free in time
 * - `read_only`: a standby, or a server that takes no writes
 * - `slow`: a statement ran into its time limit
 */
export type UnavailableReason = 'unreachable' | 'busy' | 'read_only' | 'slow';

const sentences: Readonly<Record<UnavailableReason, string>> = {
  unreachable: 'The database cannot be reached.',
  busy: 'The database is busy.',
  read_only: 'The database is read-only.',
  slow: 'The database took too long.',
};

/** The database did not answer for the moment: nothing is known to be wrong with the request. */
export class DatabaseUnavailable extends Error {
  readonly reason: UnavailableReason;
  /** The name of the statement that failed, where it has one. */
  readonly statement: string | undefined;

  constructor(reason: UnavailableReason, cause: unknown, statement?: string) {
    super(sentences[reason], { cause });
    this.name = 'DatabaseUnavailable';
    this.reason = reason;
    this.statement = statement;
  }

  /** The SQLSTATE, or the code of a socket's error; undefined if the cause has neither. */
  get code(): string | undefined {
    const code = (this.cause as { code?: unknown } | undefined)?.code;
    return typeof code === 'string' ? code : undefined;
  }
}

/** A statement took longer than its limit and was ended. */
export class StatementTimeout extends DatabaseUnavailable {
  constructor(cause: unknown, statement?: string) {
    super('slow', cause, statement);
    this.name = 'StatementTimeout';
  }
}
