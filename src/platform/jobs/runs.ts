import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { DatabaseUnavailable } from '../db/unavailable.ts';
import { type JobKind, PermanentFailure, type RunAgain } from './job-kind.ts';
import {
  claimJobs,
  completeJob,
  failJob,
  type Job,
  LEASE_SECONDS,
  releaseJobs,
  renewLeases,
  writeProgress,
} from './queue.ts';

const COMPLETE_RETRY_MS = 500;

export interface RunOptions {
  readonly db: Database;
  /** By their names. */
  readonly kinds: ReadonlyMap<string, JobKind>;
  readonly now: () => Date;
  readonly log: Logger;
}

/** The jobs that one worker runs at the moment. */
export interface Runs {
  readonly count: number;
  readonly leases: readonly string[];
  /** Claims what is due and begins to run it. @returns how many */
  begin(): Promise<number>;
  allEnded(): Promise<void>;
  /** Extends the leases, and breaks off the runs whose lease is lost. */
  renew(): Promise<void>;
  /** Tells all runs to end, and gives their jobs back. */
  breakOff(): void;
}

interface Run {
  readonly job: Job;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  /** By the monotonic clock: when the lease was last known to be valid. */
  renewedAt: number;
}

/** Builds the runs of a worker. @param onEnd called when a run has ended and its slot is free */
export function createRuns({ db, kinds, now, log }: RunOptions, worker: string, onEnd: () => void): Runs {
  const running = new Map<string, Run>();

  const freeSlots = (): Map<string, number> => {
    const free = new Map([...kinds.values()].map(({ name, concurrency }) => [name, concurrency]));
    for (const { job } of running.values()) free.set(job.kind, (free.get(job.kind) ?? 0) - 1);
    return new Map([...free].filter(([, slots]) => slots > 0));
  };

  /**
   * Notes that a job has succeeded, repeatedly while the lease is valid: its work is done, and a database that is
   * away for a moment must not have a mail sent twice.
   */
  const complete = async (job: Job, runAgain: RunAgain | undefined, signal: AbortSignal): Promise<void> => {
    for (;;) {
      try {
        return await completeJob(db, job, runAgain, now());
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable) || signal.aborted) throw error;
        await delay(COMPLETE_RETRY_MS);
      }
    }
  };

  const settle = async (job: Job, kind: JobKind, signal: AbortSignal): Promise<void> => {
    try {
      if (job.everySeconds === null && job.attempts > kind.retry.attempts) {
        throw new PermanentFailure('The process ended each time while the job ran.');
      }
      const reportProgress = (percent: number) => writeProgress(db, job, percent);
      const runAgain = await kind.run(job.payload, { signal, lease: job.leasedBy, reportProgress });
      await complete(job, runAgain, signal);
    } catch (error) {
      if (signal.aborted) return releaseJobs(db, worker, [job.leasedBy]);
      const dead = await failJob(db, job, kind, error, now());
      const facts = { err: error, job: job.id, kind: job.kind, attempt: job.attempts };
      if (dead) log.error(facts, 'job failed for good');
      else log.warn(facts, 'job failed');
    }
  };

  const start = (job: Job): void => {
    const kind = kinds.get(job.kind);
    if (kind === undefined) return;
    const controller = new AbortController();
    const ended = settle(job, kind, controller.signal)
      .catch((error: unknown) => log.warn({ err: error, job: job.id, kind: job.kind }, 'job was not settled'))
      .finally(() => {
        running.delete(job.leasedBy);
        onEnd();
      });
    running.set(job.leasedBy, { job, controller, ended, renewedAt: performance.now() });
  };

  return {
    get count() {
      return running.size;
    },
    get leases() {
      return [...running.keys()];
    },

    begin: async () => {
      const free = freeSlots();
      if (free.size === 0) return 0;
      const jobs = await claimJobs(db, worker, free, now());
      for (const job of jobs) start(job);
      return jobs.length;
    },

    allEnded: async () => {
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },

    renew: async () => {
      if (running.size === 0) return;
      const before = performance.now();
      const claimed = new Set(running.keys());
      const held = await renewLeases(db, worker, [...claimed]).catch((error: unknown) => {
        log.warn({ err: error }, 'leases of jobs could not be renewed');
        return undefined;
      });
      for (const [lease, run] of running) {
        if (held?.has(lease)) run.renewedAt = before;
        const isLost = held !== undefined && claimed.has(lease) && !held.has(lease);
        const isOver = performance.now() - run.renewedAt > LEASE_SECONDS * 1_000;
        if (isLost || isOver) run.controller.abort(new Error('The lease of the job was lost.'));
      }
    },

    breakOff: () => {
      for (const { controller } of running.values()) controller.abort(new Error('The worker stops.'));
    },
  };
}
