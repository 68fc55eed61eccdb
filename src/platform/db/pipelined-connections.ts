import type pg from 'pg';
import { createFairSemaphore, WaitedTooLong } from '../fair-semaphore.ts';
import { PipelinedConnection } from './pipelined-connection.ts';
import type { Statement } from './statement.ts';
import { DatabaseUnavailable } from './unavailable.ts';

/** Pipelined connections of which each is one organization's while it has statements in flight. */
export interface PipelinedConnections {
  readonly held: number;
  readonly waiting: number;
  /**
   * Runs a statement behind others of the same organization only.
   * @throws DatabaseUnavailable, StatementTimeout, pg.DatabaseError
   */
  query<Row extends object>(share: string, statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** Lets what is in flight end, and opens other connections for what comes. */
  renew(): void;
  close(): Promise<void>;
}

export interface PipelinedConnectionsOptions {
  readonly settings: pg.ClientConfig;
  readonly size: number;
  readonly perShare: number;
  /** How long a statement waits for a connection, in milliseconds. */
  readonly waitMs: number;
  readonly onError: (error: Error) => void;
}

/** After so long an organization takes no more statements onto its connection while another waits for one. */
const LEASE_MS = 20;

interface Lease {
  readonly pipelined: PipelinedConnection;
  readonly since: number;
}

/** Builds them. An organization gets its first connection before any other gets a second one. */
export function createPipelinedConnections(options: PipelinedConnectionsOptions): PipelinedConnections {
  const { settings, size, perShare, waitMs, onError } = options;
  const connections = Array.from({ length: size }, () => new PipelinedConnection(settings, onError));
  const free = [...connections];
  const leases = new Map<string, Lease[]>();
  const places = createFairSemaphore({ places: size, perKey: perShare, waitMs });

  const lend = (share: string): Lease => {
    // The one used last is the likeliest to be connected and to have the statement prepared.
    const lease = { pipelined: free.pop() as PipelinedConnection, since: performance.now() };
    const held = leases.get(share);
    if (held === undefined) leases.set(share, [lease]);
    else held.push(lease);
    return lease;
  };

  const giveBack = (share: string, lease: Lease): void => {
    const held = leases.get(share);
    const index = held?.indexOf(lease) ?? -1;
    if (held === undefined || index === -1) return;
    held.splice(index, 1);
    if (held.length === 0) leases.delete(share);
    free.push(lease.pipelined);
    places.release(share);
  };

  /** The organization's idlest connection, or another one where it has none that is idle and one is free. */
  const leaseNow = (share: string): Lease | undefined => {
    const held = leases.get(share);
    if (held !== undefined) {
      const idlest = held.reduce((best, each) =>
        each.pipelined.inFlight < best.pipelined.inFlight ? each : best,
      );
      const others = places.waiting > 0;
      if (idlest.pipelined.inFlight === 0 || (!others && held.length >= perShare)) return idlest;
      if (!others && !places.tryAcquire(share)) return idlest;
      if (others) return performance.now() - idlest.since < LEASE_MS ? idlest : undefined;
      return lend(share);
    }
    return places.tryAcquire(share) ? lend(share) : undefined;
  };

  const waitForLease = async (share: string): Promise<Lease> => {
    try {
      await places.acquire(share);
    } catch (error) {
      if (error instanceof WaitedTooLong) throw new DatabaseUnavailable('busy', error);
      throw error;
    }
    return lend(share);
  };

  return {
    get held() {
      return places.held;
    },
    get waiting() {
      return places.waiting;
    },
    query: async <Row extends object>(share: string, statement: Statement, values: readonly unknown[]) => {
      const lease = leaseNow(share) ?? (await waitForLease(share));
      try {
        return await lease.pipelined.query<Row>(statement, values);
      } finally {
        if (lease.pipelined.inFlight === 0) giveBack(share, lease);
      }
    },
    renew: () => {
      for (const pipelined of connections) pipelined.renew();
    },
    close: async () => {
      await Promise.all(connections.map((pipelined) => pipelined.close()));
    },
  };
}
