import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { JobCount } from './store/job-log.ts';

export interface BacklogSource {
  countJobs(): Promise<readonly JobCount[]>;
  countWaitingDeliveries(): Promise<number>;
}

/** What waits in the background and what has failed for good, over all processes. */
export interface Backlog {
  /** A sentence if jobs are dead; undefined if there are none, or if the database does not answer. */
  describeDeadJobs(): Promise<string | undefined>;
}

/** Scrapes and probes of several systems ask the database once in this time. */
const FRESH_MS = 5_000;
const DESCRIBE_MS = 500;

interface Counts {
  readonly jobs: readonly JobCount[];
  readonly deliveries: number;
}

/** Registers the gauges of background work. @param kinds always shown, at 0 if nothing waits */
export function measureBacklog(metrics: Registry, kinds: readonly string[], source: BacklogSource): Backlog {
  let counted: Promise<Counts | undefined> | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;
  const counts = (): Promise<Counts | undefined> => {
    if (counted === undefined || performance.now() - countedAt > FRESH_MS) {
      countedAt = performance.now();
      counted = Promise.all([source.countJobs(), source.countWaitingDeliveries()]).then(
        ([jobs, deliveries]) => ({ jobs, deliveries }),
        () => undefined,
      );
    }
    return counted;
  };

  const gaugeOfKinds = (name: string, help: string, measure: (count: JobCount) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['kind'],
      // Each process counts the same queue.
      aggregator: 'max',
      registers: [metrics],
      async collect() {
        const known = await counts();
        this.reset();
        if (known === undefined) return;
        for (const kind of kinds) this.set({ kind }, 0);
        for (const count of known.jobs) this.set({ kind: count.kind }, measure(count));
      },
    });
  gaugeOfKinds('rollcall_jobs_waiting', 'Jobs that wait or run, by kind.', ({ waiting }) => waiting);
  gaugeOfKinds('rollcall_jobs_dead', 'Jobs that failed for good, by kind.', ({ dead }) => dead);
  gaugeOfKinds(
    'rollcall_jobs_oldest_due_seconds',
    'For how long the oldest job that is due has been due, by kind.',
    ({ oldestSeconds }) => oldestSeconds,
  );
  new Gauge({
    name: 'rollcall_webhook_deliveries_waiting',
    help: 'Webhook deliveries that wait for their first or next attempt.',
    aggregator: 'max',
    registers: [metrics],
    async collect() {
      const known = await counts();
      this.reset();
      if (known !== undefined) this.set(known.deliveries);
    },
  });

  return {
    describeDeadJobs: async () => {
      // A readiness probe does not wait for a slow count.
      const known = await Promise.race([counts(), delay(DESCRIBE_MS, undefined, { ref: false })]);
      const dead = known?.jobs.filter((count) => count.dead > 0) ?? [];
      if (dead.length === 0) return undefined;
      const each = dead.map((count) => `${count.dead} of ${count.kind}`).join(', ');
      return `Jobs failed for good: ${each}. See rollcall jobs list --state dead.`;
    },
  };
}
