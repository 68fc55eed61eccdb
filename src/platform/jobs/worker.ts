import { setTimeout as delay } from 'node:timers/promises';
import { listenForNotifications } from '../db/listen.ts';
import { uuidv7 } from '../ids.ts';
import { findUnknownKinds, HEARTBEAT_SECONDS, mendSchedules, releaseJobs, scheduleJob } from './queue.ts';
import { createRuns, type RunOptions, type Runs } from './runs.ts';

/** How long a worker sleeps at most: for jobs that become due, and where notifications are not delivered. */
const POLL_MS = 2_000;
const CENSUS_MS = 60_000;
/** What runs may end by itself for so long after a stop, and once it is told to break off. */
const FINISH_MS = 2_000;
const BREAK_OFF_MS = 5_000;

export interface Worker {
  /** Lets jobs in hand finish for 2 seconds, breaks off the others and gives them back. */
  stop(): Promise<void>;
}

/** Runs the jobs that are due now and those that follow from them. @returns how many runs there were */
export async function runDueJobs(options: RunOptions): Promise<number> {
  const alarm = createAlarm();
  const runs = createRuns(options, uuidv7(), alarm.ring);
  const heartbeat = setInterval(() => void runs.renew(), HEARTBEAT_SECONDS * 1_000);
  try {
    for (let count = 0; ; ) {
      const begun = await runs.begin();
      count += begun;
      if (begun > 0) continue;
      if (runs.count === 0) return count;
      await alarm.wait(POLL_MS / 4);
    }
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * Runs jobs as they become due, those of different kinds side by side, until it is stopped.
 * @param listenUrl where notifications are heard
 */
export async function startWorker(options: RunOptions, listenUrl: string): Promise<Worker> {
  const { db, kinds, now, log } = options;
  for (const { name, everySeconds } of kinds.values()) {
    if (everySeconds !== undefined) await scheduleJob(db, name, everySeconds, now());
  }
  const worker = uuidv7();
  const alarm = createAlarm();
  const runs = createRuns(options, worker, alarm.ring);
  let stopping = false;

  const work = async () => {
    while (!stopping) {
      const begun = await runs.begin().catch((error: unknown) => {
        log.warn({ err: error }, 'jobs could not be claimed');
        return 0;
      });
      if (begun === 0 && !stopping) await alarm.wait(POLL_MS);
    }
  };
  const listener = listenForNotifications({
    url: listenUrl,
    channel: 'rollcall_jobs',
    onNotify: alarm.ring,
    onError: (error) => log.warn({ err: error }, 'job notifications are not delivered; the queue is polled'),
  });
  const heartbeat = setInterval(() => void runs.renew(), HEARTBEAT_SECONDS * 1_000);
  const census = setInterval(() => void takeCensus(options), CENSUS_MS);
  void takeCensus(options);
  const working = work();

  return {
    stop: async () => {
      stopping = true;
      clearInterval(census);
      alarm.ring();
      await listener.close();
      await working;
      await endRuns(runs);
      clearInterval(heartbeat);
      await releaseJobs(db, worker, runs.leases).catch((error: unknown) =>
        log.warn({ err: error }, 'jobs were not released'),
      );
    },
  };
}

/** Wakes one sleeper; an alarm that rings while it is awake keeps it from sleeping next time. */
function createAlarm() {
  let rung = false;
  let wake = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (milliseconds: number) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}

async function endRuns(runs: Runs): Promise<void> {
  await Promise.race([runs.allEnded(), delay(FINISH_MS, undefined, { ref: false })]);
  runs.breakOff();
  await Promise.race([runs.allEnded(), delay(BREAK_OFF_MS, undefined, { ref: false })]);
}

async function takeCensus({ db, kinds, log, now }: RunOptions): Promise<void> {
  try {
    await mendSchedules(db, [...kinds.keys()], now());
    for (const { kind, jobs } of await findUnknownKinds(db, [...kinds.keys()])) {
      log.error({ kind, jobs }, 'jobs of a kind that this version does not know wait in the queue');
    }
  } catch (error) {
    log.warn({ err: error }, 'jobs could not be counted');
  }
}
