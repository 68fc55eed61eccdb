import { retryable, waitedForLock } from './errors.ts';
import { PipelinedConnection } from './pipelined-connection.ts';
import { createPipelinedConnections } from './pipelined-connections.ts';
import { createSharedPool, type PooledClient } from './pool.ts';
import { type ConnectionKind, clientSettings, type Share, shareConnections } from './settings.ts';
import type { Executor, Statement } from './statement.ts';
import { createStatementKinds } from './statement-kind.ts';
import { DatabaseUnavailable } from './unavailable.ts';

export interface Database extends Executor {
  /**
   * Runs a read whose text varies (filters, sorts): planned for its values, on a connection of its own.
   * @param values the organization first, by which connections are shared
   * @throws StatementTimeout after 10 seconds
   */
  search<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs `work` in one transaction on one connection; whatever it throws rolls back. It runs again from its start
   * after a deadlock, a serialization failure, or a lock that was not free in time.
   * @param share whose turn it is: the organization's id, or the name of what works for all of them
   */
  transaction<Result>(share: string, work: (tx: Executor) => Promise<Result>): Promise<Result>;
  /**
   * Adds rows to a table, all or none (`copyRows`).
   * @param share whose turn it is: the organization's id, or the name of what works for all of them
   */
  copy(share: string, text: string, rows: string): Promise<void>;
  /** Runs a statement whose result nothing waits for; a failure goes to the log. */
  queryInBackground(statement: Statement, values: readonly unknown[]): void;
  /** Waits for the statements that run in the background. */
  settle(): Promise<void>;
  /** Asks the database on a connection of its own. @throws DatabaseUnavailable after 2 seconds */
  checkHealth(): Promise<'writable' | 'read_only'>;
  /** How busy the connections are, for metrics. */
  readonly connections: Readonly<Record<Exclude<ConnectionKind, 'health'>, ConnectionLoad>>;
  close(): Promise<void>;
}

export interface ConnectionLoad {
  readonly size: number;
  /** Connections that are lent out; of `reads`, statements in flight. */
  readonly busy: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}

export interface DatabaseOptions {
  readonly url: string;
  /** The most connections, the health check's aside. */
  readonly connections?: number;
  /** True behind a pooler in transaction mode: the settings of a connection are then the role's. */
  readonly pooler?: boolean;
  /** How long a caller waits for locks and connections in all, in milliseconds; 10 seconds by default. */
  readonly connectWaitMs?: number;
  readonly onError?: (error: Error) => void;
  /** Called for each statement that took a second or longer, waiting included. */
  readonly onSlow?: (slow: SlowStatement) => void;
}

export interface SlowStatement {
  /** Its name; 'search', 'transaction' and 'copy' have none of their own. */
  readonly statement: string;
  readonly ms: number;
  /** Whose it is: the id of an organization, or what its values begin with. */
  readonly share: string;
}

const DEFAULT_CONNECTIONS = 16;
/** Times a statement or a transaction is tried after a deadlock or a serialization failure. */
const ATTEMPTS = 3;
/** How long a caller waits for locks and connections in all, before the answer is 503. */
const CONNECT_WAIT_MS = 10_000;
/** For so long the writes of an organization that met a lock are not pipelined. */
const CONTENTION_MS = 5_000;
const SLOW_MS = 1_000;
/** A read that failed sooner than this met a lost connection, not a database that is away. */
const REREAD_MS = 500;

const health: Statement = {
  name: 'health',
  text: `select pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "readOnly"`,
};

/**
 * Opens the database. What could wait for a lock, or run long, never shares a connection with another organization's statements
 * (ADR 0019); TIME_LIMITS lists the kinds of connections. Connects on first use and again after a loss.
 * Every method throws DatabaseUnavailable if Postgres is away, busy or read-only.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const {
    url,
    pooler = false,
    connectWaitMs: patienceMs = CONNECT_WAIT_MS,
    onError = () => {},
    onSlow = () => {},
  } = options;
  const shares = shareConnections(options.connections ?? DEFAULT_CONNECTIONS);
  const connectionsOf = (kind: 'reads' | 'health', size: number) =>
    Array.from({ length: size }, () => new PipelinedConnection(clientSettings(url, kind, pooler), onError));
  const poolOptions = (kind: 'writes' | 'transactions' | 'searches') => ({
    settings: clientSettings(url, kind, pooler),
    size: shares[kind].size,
    perShare: shares[kind].perOrganization,
    waitMs: patienceMs,
    onError,
  });

  const reads = connectionsOf('reads', shares.reads.size);
  const healthConnection = new PipelinedConnection(clientSettings(url, 'health', pooler), onError);
  const writes = createPipelinedConnections(poolOptions('writes'));
  const transactions = createSharedPool(poolOptions('transactions'));
  const searches = createSharedPool(poolOptions('searches'));
  const kindOf = createStatementKinds();
  /** Until when the writes of an organization keep off the pipelined connections. */
  const contended = new Map<string, number>();
  const background = new Set<Promise<void>>();

  const idlest = (): PipelinedConnection =>
    reads.reduce((best, pipelined) => (pipelined.inFlight < best.inFlight ? pipelined : best));

  const isContended = (share: string): boolean => {
    const until = contended.get(share);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    contended.delete(share);
    return false;
  };

  /** Tries again what wrote nothing: after a deadlock, and after a lock that was not free in time. */
  const retrying = async <Result>(share: string, attempt: () => Promise<Result>): Promise<Result> => {
    const started = performance.now();
    for (let left = ATTEMPTS; ; ) {
      try {
        return await attempt();
      } catch (error) {
        if (waitedForLock(error) && performance.now() - started < patienceMs) {
          contended.set(share, performance.now() + CONTENTION_MS);
          continue;
        }
        left -= 1;
        if (left > 0 && retryable(error)) continue;
        if (error instanceof DatabaseUnavailable && error.reason === 'read_only') renew();
        throw error;
      }
    }
  };

  /** A server that became read-only may be one that another has replaced. */
  const renew = () => {
    for (const pipelined of reads) pipelined.renew();
    writes.renew();
  };

  const timed = async <Result>(statement: string, share: string, work: Promise<Result>): Promise<Result> => {
    const started = performance.now();
    try {
      return await work;
    } finally {
      const ms = performance.now() - started;
      if (ms >= SLOW_MS) onSlow({ statement, share, ms: Math.round(ms) });
    }
  };

  const run = <Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> => {
    const kind = kindOf(statement);
    if (kind === 'read') return rereading(() => idlest().query<Row>(statement, values));
    const share = shareOf(values);
    if (kind === 'search') {
      return rereading(() => searches.run(share, (client) => client.query<Row>(statement, values)));
    }
    return retrying(share, () =>
      isContended(share)
        ? transactions.run(share, (client) => client.query<Row>(statement, values))
        : writes.query<Row>(share, statement, values),
    );
  };

  const query = <Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> =>
    timed(statement.name, shareOf(values), run<Row>(statement, values));

  return {
    query,

    copy: (share, text, rows) =>
      timed(
        'copy',
        share,
        retrying(share, () => transactions.run(share, (client) => client.copy(text, rows))),
      ),

    queryInBackground: (statement, values) => {
      const running = query(statement, values)
        .then(() => {}, onError)
        .finally(() => background.delete(running));
      background.add(running);
    },

    settle: async () => {
      await Promise.all(background);
    },

    search: <Row extends object>(text: string, values: readonly unknown[]) =>
      timed(
        'search',
        shareOf(values),
        rereading(() => searches.run(shareOf(values), (client) => client.query<Row>({ text }, values))),
      ),

    transaction: (share, work) =>
      timed(
        'transaction',
        share,
        retrying(share, () => transactions.run(share, (client) => inTransaction(client, work, onError))),
      ),

    checkHealth: async () => {
      const [row] = await rereading(() => healthConnection.query<{ readOnly: boolean }>(health, []));
      if (row?.readOnly !== true) return 'writable';
      healthConnection.renew();
      return 'read_only';
    },

    get connections() {
      const load = ({ held, waiting }: { held: number; waiting: number }, { size }: Share) => ({
        size,
        busy: held,
        waiting,
      });
      return {
        reads: {
          size: shares.reads.size,
          busy: reads.reduce((sum, pipelined) => sum + pipelined.inFlight, 0),
          waiting: 0,
        },
        writes: load(writes, shares.writes),
        transactions: load(transactions, shares.transactions),
        searches: load(searches, shares.searches),
      };
    },

    close: async () => {
      await Promise.all(background);
      await Promise.all([
        writes.close(),
        transactions.close(),
        searches.close(),
        healthConnection.close(),
        ...reads.map((pipelined) => pipelined.close()),
      ]);
    },
  };
}

/** Reads again, once, where the connection turns out to be lost: after a failover all of them are. */
async function rereading<Result>(read: () => Promise<Result>): Promise<Result> {
  const started = performance.now();
  try {
    return await read();
  } catch (error) {
    const lost = error instanceof DatabaseUnavailable && error.reason === 'unreachable';
    if (!lost || performance.now() - started > REREAD_MS) throw error;
    return read();
  }
}

async function inTransaction<Result>(
  client: PooledClient,
  work: (tx: Executor) => Promise<Result>,
  onError: (error: Error) => void,
): Promise<Result> {
  await client.query({ text: 'begin' }, []);
  try {
    const result = await work(client);
    await client.query({ text: 'commit' }, []);
    return result;
  } catch (error) {
    await client.query({ text: 'rollback' }, []).catch(onError);
    throw error;
  }
}

/** Values of statements on tenant tables begin with the organization; other statements share one part. */
function shareOf([first]: readonly unknown[]): string {
  return typeof first === 'string' ? first : '';
}
