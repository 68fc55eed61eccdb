import pg from 'pg';
import { classifyClientError, endsConnection } from './errors.ts';
import { queryNamed } from './named-query.ts';
import type { Statement } from './statement.ts';
import { DatabaseUnavailable } from './unavailable.ts';

/**
 * One pipelined connection: statements are sent without waiting for the answers of those before, each
 * in a transaction of its own. Opened on first use, opened anew after it broke.
 */
export class PipelinedConnection {
  inFlight = 0;
  readonly #settings: pg.ClientConfig;
  readonly #onError: (error: Error) => void;
  #client: Promise<pg.Client> | undefined;

  constructor(settings: pg.ClientConfig, onError: (error: Error) => void) {
    this.#settings = settings;
    this.#onError = onError;
  }

  /** @throws DatabaseUnavailable, StatementTimeout, pg.DatabaseError */
  async query<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    this.inFlight += 1;
    const opening = this.#client ?? this.#open();
    try {
      const client = await opening;
      return await queryNamed<Row>(client, statement, values);
    } catch (error) {
      const known = classifyClientError(error, statement.name);
      if (endsConnection(known)) this.#abandon(opening);
      throw known;
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Lets what is in flight end, and opens another connection for what comes. */
  renew(): void {
    if (this.#client !== undefined) this.#abandon(this.#client);
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end();
  }

  #abandon(opening: Promise<pg.Client>): void {
    if (this.#client !== opening) return;
    this.#client = undefined;
    opening.then((client) => client.end()).catch(() => {});
  }

  #open(): Promise<pg.Client> {
    const client = new pg.Client(this.#settings);
    const opening = client.connect().then(
      () => client,
      (error: unknown) => {
        throw new DatabaseUnavailable('unreachable', error);
      },
    );
    const forget = () => {
      if (this.#client === opening) this.#client = undefined;
    };
    opening.catch(forget);
    client.on('error', (error) => {
      forget();
      this.#onError(error);
    });
    client.on('end', forget);
    this.#client = opening;
    return opening;
  }
}
