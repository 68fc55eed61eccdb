/**
 * A statement whose text never varies: prepared once per connection under its name. `$1` is the organization in every
 * statement on a tenant table: by it organizations share the database's connections.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** True for a read that may take longer than a few milliseconds: it gets a connection of its own. */
  readonly long?: boolean;
}

/** Whatever runs one statement: the database by itself, or a transaction. */
export interface Executor {
  query<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}
