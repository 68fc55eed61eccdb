/** A statement whose text never varies: prepared once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Whatever runs one statement: the database by itself, or a transaction. */
export interface Executor {
  query<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}
