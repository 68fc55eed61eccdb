import { Router } from 'express';
import type { Registry } from 'prom-client';

export interface HealthDependencies {
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
