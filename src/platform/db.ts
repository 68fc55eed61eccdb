import { availableParallelism } from 'node:os';
import pg from 'pg';
import { classify, DatabaseUnavailable, retryable } from './db-errors.ts';
import { Lane } from './db-lane.ts';
import { valueParsers } from './db-types.ts';
import type { Executor, Statement } from './statement.ts';

export interface Database extends Executor {
  /**
   * Runs a statement whose text varies (filters, sorts): planned for its values, on a connection of its own.
   * @throws StatementTimeout after 10 seconds
   */
  search<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** Runs `work` in one transaction on one connection; whatever it throws rolls back. */
  transaction<Result>(work: (tx: Executor) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Pipelined connections for single statements. */
  readonly lanes?: number;
  /** Connections for searches and transactions. */
  readonly poolSize?: number;
  readonly onError?: (error: Error) => void;
}

/** Postgres runs as many statements at once as it has processors; more lanes only take turns (measured, ADR 0007). */
function defaultLanes(): number {
  return Math.min(8, Math.max(2, availableParallelism()));
}

const ATTEMPTS = 3;
const STATEMENT_TIMEOUT_MS = 15_000;
const SEARCH_TIMEOUT_MS = 10_000;

/**
 * Opens the database: pipelined lanes for the single statements that are nearly everything (each is its own
 * transaction; ADR 0007), a pool for the rest. Connects on first use and again after a loss.
 * Every method throws DatabaseUnavailable if Postgres is away; deadlocks and serialization failures are
 * tried again up to three times.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const onError = options.onError ?? (() => {});
  const settings = {
    connectionString: options.url,
    types: valueParsers,
    application_name: 'rollcall',
    // Statements here take a millisecond; compiling one takes hundreds.
    options: '-c jit=off -c timezone=UTC',
  };
  const lanes = Array.from(
    { length: options.lanes ?? defaultLanes() },
    () => new Lane({ ...settings, statement_timeout: STATEMENT_TIMEOUT_MS }, onError),
  );
  const pool = new pg.Pool({
    ...settings,
    max: options.poolSize ?? 8,
    connectionTimeoutMillis: 5_000,
    statement_timeout: SEARCH_TIMEOUT_MS,
  });
  pool.on('error', onError);

  const idlest = (): Lane => lanes.reduce((best, lane) => (lane.inFlight < best.inFlight ? lane : best));

  const withClient = async <Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw new DatabaseUnavailable(error);
    }
    let broken: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      const known = classify(error);
      if (known instanceof DatabaseUnavailable) broken = known;
      throw known;
    } finally {
      client.release(broken);
    }
  };

  return {
    query: <Row extends object>(statement: Statement, values: readonly unknown[]) =>
      retrying(() => idlest().query<Row>(statement, values)),

    search: <Row extends object>(text: string, values: readonly unknown[]) =>
      withClient(async (client) => (await client.query<Row>(text, [...values])).rows),

    transaction: <Result>(work: (tx: Executor) => Promise<Result>) =>
      retrying(() =>
        withClient(async (client) => {
          await client.query(`begin; set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
          try {
            const result = await work({
              query: async <Row extends object>(statement: Statement, values: readonly unknown[]) =>
                (await client.query<Row>({ ...statement, values: [...values] })).rows,
            });
            await client.query('commit');
            return result;
          } catch (error) {
            await client.query('rollback').catch(onError);
            throw error;
          }
        }),
      ),

    close: async () => {
      await Promise.all([pool.end(), ...lanes.map((lane) => lane.close())]);
    },
  };
}

async function retrying<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      const known = classify(error);
      if (left <= 1 || !retryable(known)) throw known;
    }
  }
}
