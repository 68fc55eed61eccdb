import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Database } from './platform/db/database.ts';
import { observeDatabase } from './platform/db/metrics.ts';
import { packageVersion } from './platform/package-root.ts';

/** What this process measures of itself and of its connections; requests and jobs add theirs. */
export function createMetrics(db: Database): Registry {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  observeDatabase(metrics, db);
  new Gauge({
    name: 'rollcall_info',
    help: 'The versions of Rollcall and Node.js that run.',
    labelNames: ['version', 'node'],
    aggregator: 'max',
    registers: [metrics],
  }).set({ version: packageVersion(import.meta.url), node: process.version }, 1);
  return metrics;
}
