import { createServer, type Server } from 'node:http';
import { Router } from 'express';
import type { Registry } from 'prom-client';

interface HealthDependencies {
  /** Undefined where they are served on an address of their own. */
  readonly metrics: Registry | undefined;
  /** Throws a sentence if the server is not ready to serve: the database is away, migrations wait. */
  readonly checkReady: () => Promise<void>;
  /** A warning for operators although the server serves; undefined if there is none. */
  readonly describeTrouble: () => Promise<string | undefined>;
}

/** Builds `/healthz` (the process), `/readyz` (database and migrations) and `/metrics` (Prometheus). */
export function createHealthRouter({ metrics, checkReady, describeTrouble }: HealthDependencies): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    try {
      await checkReady();
      const detail = await describeTrouble();
      response.json({ status: 'ready', ...(detail !== undefined && { detail }) });
    } catch (error) {
      response
        .status(503)
        .set('Retry-After', '5')
        .json({ status: 'not ready', detail: (error as Error).message });
    }
  });
  if (metrics !== undefined) {
    router.get('/metrics', async (_request, response) => {
      response.type(metrics.contentType).send(await metrics.metrics());
    });
  }
  return router;
}

/** Serves `/metrics` on an address of its own, where the world cannot reach it. */
interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  /** The metrics in Prometheus' text format. */
  readonly read: () => Promise<string>;
}

/** Starts it. @throws Error if the port is in use */
export async function startMetricsServer({ host, port, read }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000 }, async (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end('Not found: see /metrics.\n');
      return;
    }
    try {
      const text = await read();
      response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    } catch {
      response.writeHead(500).end('The metrics cannot be read.\n');
    }
  });
  await listening(server, port, host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
