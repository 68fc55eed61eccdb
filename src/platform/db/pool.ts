import pg from 'pg';
import { createFairSemaphore, WaitedTooLong } from '../fair-semaphore.ts';
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
        try {
          return await work({
            query: async <Row extends object>(
              { name, text }: { readonly name?: string; readonly text: string },
              values: readonly unknown[],
            ) => {
              try {
                if (name !== undefined) return await queryNamed<Row>(client, { name, text }, values);
                return (await client.query<Row>(text, values as unknown[])).rows;
              } catch (error) {
                const known = classifyClientError(error, name);
                if (endsConnection(known)) lost = known as Error;
                throw known;
              }
            },
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
