import type { Logger } from 'pino';
import type { Database } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import { claimJob, completeJob, failJob, type JobHandler, releaseJobs } from './queue.ts';

const IDLE_MS = 2_000;

export interface Worker {
  /** Finishes the job in hand, gives back the rest. */
  stop(): Promise<void>;
}

/** Runs the job that is due longest. @returns false if there is none */
async function workOnOne(
  db: Database,
  id: string,
  handlers: ReadonlyMap<string, JobHandler>,
  log: Logger,
): Promise<boolean> {
  const job = await claimJob(db, id, [...handlers.keys()]);
  if (job === undefined) return false;
  try {
    await handlers.get(job.kind)?.(job.payload);
    await completeJob(db, id, job);
  } catch (error) {
    log.warn({ err: error, job: job.kind, attempt: job.attempts }, 'job failed');
    await failJob(db, id, job, error);
  }
  return true;
}

/** Works through the jobs that are due now, and ends. @returns how many there were */
export async function workOff(
  db: Database,
  handlers: ReadonlyMap<string, JobHandler>,
  log: Logger,
): Promise<number> {
  const id = uuidv7();
  let done = 0;
  while (await workOnOne(db, id, handlers, log)) done += 1;
  return done;
}

/** Works through due jobs, one after another, until it is stopped. */
export function startWorker(db: Database, handlers: ReadonlyMap<string, JobHandler>, log: Logger): Worker {
  const id = uuidv7();
  let stopping = false;
  let wake = () => {};

  const loop = async () => {
    while (!stopping) {
      const worked = await workOnOne(db, id, handlers, log).catch((error: unknown) => {
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
