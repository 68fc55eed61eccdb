import { setTimeout as delay } from 'node:timers/promises';
import type { Placement } from './placement.ts';
import { stopServer } from './postmaster.ts';
import { type Server, type Settings, startServer } from './server.ts';

/** A server that is restarted on the same port when it ends unexpectedly. */
export interface SupervisedServer {
  readonly port: number;
  /** Waits until Postgres is gone. */
  stop(): Promise<void>;
}

/** Postgres restarts its own sessions after a crash; this is for the postmaster, killed from outside. */
const RESTARTS = 10;
const RESTART_DELAY_MS = 1_000;

/**
 * Starts Postgres on a cluster, and again when it ends by itself: up to ten times, after that it stays down and every
 * query fails, which is what readiness tells.
 *
 * @throws EmbeddedPostgresError when it doesn't come up the first time
 */
export async function superviseServer(
  placement: Placement,
  cluster: string,
  settings: Settings,
  onLog: (line: string) => void,
): Promise<SupervisedServer> {
  let stopping = false;
  const first = await startServer(placement, cluster, settings, undefined, onLog);

  const restart = async (how: string): Promise<Server | undefined> => {
    onLog(`Postgres ended by itself (${how}); it is started again.`);
    await delay(RESTART_DELAY_MS);
    if (stopping) return undefined;
    try {
      const server = await startServer(placement, cluster, settings, first.port, onLog);
      if (stopping) await stopServer(placement, cluster);
      return server;
    } catch (error) {
      onLog(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };

  const supervise = async () => {
    let server: Server | undefined = first;
    for (let restarts = 0; restarts < RESTARTS && server !== undefined; restarts++) {
      const how: string = await server.ended;
      if (stopping) return;
      server = await restart(how);
    }
    await server?.ended;
    if (!stopping) onLog('Postgres keeps ending and is not started again.');
  };
  const supervised = supervise();

  return {
    port: first.port,
    async stop() {
      stopping = true;
      // The server's process alone doesn't keep this one running until its end is known.
      const keepAlive = setInterval(() => undefined, 1_000);
      try {
        await stopServer(placement, cluster);
        await supervised;
      } finally {
        clearInterval(keepAlive);
      }
    },
  };
}
