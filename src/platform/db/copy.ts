import pg from 'pg';

/** pg's query as pg's client uses it, for a statement that Postgres answers by asking for rows. */
type ClientQuery = new (
  text: string,
  callback: (error: Error | null) => void,
) => {
  handleCopyInResponse(connection: CopyConnection): void;
};

interface CopyConnection {
  sendCopyFromChunk(rows: Buffer): void;
  endCopyFrom(): void;
}

/** A `copy … from stdin` that sends rows which are in memory; pg's own query ends it. */
class CopyQuery extends (pg.Query as unknown as ClientQuery) {
  readonly #rows: string;

  constructor(text: string, rows: string, done: (error: Error | null) => void) {
    super(text, done);
    this.#rows = rows;
  }

  override handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.#rows));
    connection.endCopyFrom();
  }
}

/**
 * Adds rows to a table, all or none. It costs Postgres less than an insert of the same rows.
 * @param client a connection on which nothing else runs
 * @param text `copy <table> (<columns>) from stdin`
 * @param rows in COPY's text format, as `copyLine` writes them
 * @throws pg.DatabaseError, and what pg throws for a lost connection
 */
export function copyRows(client: pg.ClientBase, text: string, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = new CopyQuery(text, rows, (error) => {
      if (error) reject(error);
      else resolve();
    });
    client.query(query as unknown as pg.Submittable);
  });
}

/** A row in COPY's text format. @param values without NUL characters */
export function copyLine(values: readonly (string | null)[]): string {
  return `${values.map(copyValue).join('\t')}\n`;
}

/** Text by text: patterns and functions cost more, and JSON has nothing but backslashes to escape. */
const copyValue = (value: string | null): string => {
  if (value === null) return '\\N';
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
};

/** A list of texts as Postgres reads an array. */
export function textArray(items: readonly string[]): string {
  return `{${items.map(quoted).join(',')}}`;
}

const quoted = (text: string): string =>
  `"${text.includes('"') || text.includes('\\') ? text.replaceAll(/["\\]/g, '\\$&') : text}"`;
