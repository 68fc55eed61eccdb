import pg from 'pg';
import { createFairSemaphore, WaitedTooLong } from '../fair-semaphore.ts';
import { copyRows } from './copy.ts';
import { classifyClientError, endsConnection } from './errors.ts';
import { queryNamed } from './named-query.ts';
import { DatabaseUnavailable } from './unavailable.ts';

/** Connections of which each is one caller's for as long as it works, shared fairly among organizations. */
export interface SharedPool {
  readonly waiting: number;
  readonly held: number;
  /**
   * Runs `work` on a connection of its own.
   * @param share whose turn it is, usually the organization's id
   * @throws DatabaseUnavailable if no connection is free or none can be made; whatever `work` throws
   */
  run<Result>(share: string, work: (client: PooledClient) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** A connection while it is lent out. Its errors are already ours (classifyClientError). */
export interface PooledClient {
  query<Row extends object>(
    statement: { readonly name?: string; readonly text: string },
    values: readonly unknown[],
  ): Promise<Row[]>;
  /** Adds rows to a table, all or none (`copyRows`). */
  copy(text: string, rows: string): Promise<void>;
}

export interface SharedPoolOptions {
  readonly settings: pg.ClientConfig;
  readonly size: number;
  /** The most connections that one organization may hold. */
  readonly perShare: number;
  /** How long a caller waits for a connection, in milliseconds. */
  readonly waitMs: number;
  readonly onError: (error: Error) => void;
}

/** Builds a pool. Connections are made on first use and again after a loss. */
export function createSharedPool({
  settings,
  size,
  perShare,
  waitMs,
  onError,
}: SharedPoolOptions): SharedPool {
  const places = createFairSemaphore({ places: size, perKey: perShare, waitMs });
  const pool = new pg.Pool({ ...settings, max: size, idleTimeoutMillis: 60_000 });
  // pg listens to idle connections only; one that ends while it is lent out would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  pool.on('error', onError);

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw new DatabaseUnavailable('unreachable', error);
    }
  };

  return {
    get waiting() {
      return places.waiting;
    },
    get held() {
      return places.held;
    },
    run: async (share, work) => {
      try {
        await places.acquire(share);
      } catch (error) {
        if (error instanceof WaitedTooLong) throw new DatabaseUnavailable('busy', error);
        throw error;
      }
      try {
        const client = await connect();
        let lost: Error | undefined;
        const ask = async <Result>(question: Promise<Result>, name?: string): Promise<Result> => {
          try {
            return await question;
          } catch (error) {
            const known = classifyClientError(error, name);
            if (endsConnection(known)) lost = known as Error;
            throw known;
          }
        };
        const read = async <Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> =>
          (await client.query<Row>(text, values as unknown[])).rows;
        try {
          return await work({
            query: <Row extends object>(
              { name, text }: { readonly name?: string; readonly text: string },
              values: readonly unknown[],
            ) =>
              name === undefined
                ? ask(read<Row>(text, values))
                : ask(queryNamed<Row>(client, { name, text }, values), name),
            copy: (text, rows) => ask(copyRows(client, text, rows)),
          });
        } finally {
          client.release(lost);
        }
      } finally {
        places.release(share);
      }
    },
    close: () => pool.end(),
  };
}
