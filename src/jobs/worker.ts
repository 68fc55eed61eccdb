import type { Logger } from 'pino';
import type { Database } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import { claimJob, completeJob, failJob, type JobHandler, releaseJobs } from './queue.ts';

const IDLE_MS = 2_000;

export interface Worker {
  /** Finishes the job in hand, gives back the rest. */
  stop(): Promise<void>;
}

/** Works through due jobs, one after another, until it is stopped. */
export function startWorker(db: Database, handlers: ReadonlyMap<string, JobHandler>, log: Logger): Worker {
  const id = uuidv7();
  const kinds = [...handlers.keys()];
  let stopping = false;
  let wake = () => {};

  const workOnOne = async (): Promise<boolean> => {
    const job = await claimJob(db, id, kinds);
    if (job === undefined) return false;
    try {
      await handlers.get(job.kind)?.(job.payload);
      await completeJob(db, id, job);
    } catch (error) {
      log.warn({ err: error, job: job.kind, attempt: job.attempts }, 'job failed');
      await failJob(db, id, job, error);
    }
    return true;
  };

  const loop = async () => {
    while (!stopping) {
      const worked = await workOnOne().catch((error: unknown) => {
        log.warn({ err: error }, 'jobs cannot be reached');
        return false;
      });
      if (!worked && !stopping) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, IDLE_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  };

  const running = loop();
  return {
    stop: async () => {
      stopping = true;
      wake();
      await running;
      await releaseJobs(db, id).catch((error: unknown) => log.warn({ err: error }, 'jobs were not released'));
    },
  };
}
