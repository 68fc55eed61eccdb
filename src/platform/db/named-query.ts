import pg from 'pg';
import type { Statement } from './statement.ts';
import { valueParsers } from './value-parsers.ts';

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** What is known of the statements that a connection has prepared. */
interface Prepared {
  /** The columns of each statement's rows, by its name. */
  readonly columns: Map<string, readonly Column[]>;
  /** The same connection for a statement whose columns are known: it asks for no description. */
  readonly undescribed: pg.Connection;
}

const preparedOn = new WeakMap<pg.Connection, Prepared>();

function preparedOf(connection: pg.Connection): Prepared {
  const known = preparedOn.get(connection);
  if (known !== undefined) return known;
  const undescribed: pg.Connection = Object.create(connection, { describe: { value: () => {} } });
  const prepared = { columns: new Map(), undescribed };
  preparedOn.set(connection, prepared);
  return prepared;
}

/** pg's query as pg's client uses it; its types name little of it. */
type ClientQuery = new (
  text: string,
  values: readonly unknown[],
  callback: (error: Error | null) => void,
) => {
  name: string;
  callback: (error: Error | null) => void;
  /** @returns what is wrong with the query itself: then nothing was sent */
  submit(connection: pg.Connection): Error | null;
};

/**
 * A named statement that pg sends, but has described once on a connection. What a prepared statement returns never
 * changes (Postgres refuses to run one whose columns did), and the description of a row, which pg asks for each time,
 * costs both sides more than the row (ADR 0054).
 */
class NamedQuery extends (pg.Query as unknown as ClientQuery) {
  readonly found: object[] = [];
  #prepared: Prepared | undefined;
  #columns: readonly Column[] = [];
  /** Why a value could not be read. */
  #unreadable: Error | undefined;

  constructor({ name, text }: Statement, values: readonly unknown[], done: (error: Error | null) => void) {
    super(text, values, done);
    this.name = name;
  }

  override submit(connection: pg.Connection): Error | null {
    this.#prepared = preparedOf(connection);
    const columns = this.#prepared.columns.get(this.name);
    if (columns === undefined) return super.submit(connection);
    this.#columns = columns;
    return super.submit(this.#prepared.undescribed);
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: valueParsers.getTypeParser(dataTypeID, 'text'),
    }));
    this.#prepared?.columns.set(this.name, this.#columns);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    try {
      for (let at = 0; at < this.#columns.length; at += 1) {
        const { name, parse } = this.#columns[at] as Column;
        const text = fields[at] ?? null;
        row[name] = text === null ? null : parse(text);
      }
      this.found.push(row);
    } catch (error) {
      this.#unreadable ??= error as Error;
    }
  }

  handleCommandComplete(): void {
    // How many rows there were is seen by them.
  }

  handleReadyForQuery(): void {
    this.callback(this.#unreadable ?? null);
  }
}

/**
 * Runs a named statement.
 * @returns its rows, with values as `valueParsers` reads them
 * @throws pg.DatabaseError, and what pg throws for a lost connection
 */
export function queryNamed<Row extends object>(
  client: pg.ClientBase,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const query: NamedQuery = new NamedQuery(statement, values, (error) => {
      if (error) reject(error);
      else resolve(query.found as Row[]);
    });
    client.query(query as unknown as pg.Submittable);
  });
}
