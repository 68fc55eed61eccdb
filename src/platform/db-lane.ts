import pg from 'pg';
import { DatabaseUnavailable } from './db-errors.ts';
import type { Statement } from './statement.ts';

/**
 * One pipelined connection: statements are sent without waiting for the answers of those before, each in a
 * transaction of its own. Opened on first use, opened anew after it broke.
 */
export class Lane {
  inFlight = 0;
  readonly #settings: pg.ClientConfig;
  readonly #onError: (error: Error) => void;
  #client: Promise<pg.Client> | undefined;

  constructor(settings: pg.ClientConfig, onError: (error: Error) => void) {
    this.#settings = settings;
    this.#onError = onError;
  }

  async query<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    this.inFlight += 1;
    try {
      const client = await (this.#client ?? this.#open());
      const result = await client.query<Row>({
        name: statement.name,
        text: statement.text,
        values: values as unknown[],
      });
      return result.rows;
    } finally {
      this.inFlight -= 1;
    }
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end();
  }

  #open(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#settings, pipeline: true, connectionTimeoutMillis: 5_000 });
    const opening = client.connect().then(
      () => client,
      (error: unknown) => {
        forget();
        throw new DatabaseUnavailable(error);
      },
    );
    const forget = () => {
      if (this.#client === opening) this.#client = undefined;
    };
    client.on('error', (error) => {
      forget();
      this.#onError(error);
    });
    client.on('end', forget);
    this.#client = opening;
    return opening;
  }
}
