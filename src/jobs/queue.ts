import type { Database } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Statement } from '../platform/statement.ts';

/** A claimed job: nobody else works on it until the lease ends. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly attempts: number;
  /** Null for a job that runs once. */
  readonly every_seconds: number | null;
}

/** A handler must be safe to repeat: a job whose worker died runs again. */
export type JobHandler = (payload: unknown) => Promise<void>;

const LEASE_SECONDS = 60;
const MAX_ATTEMPTS = 10;
const LONGEST_WAIT_SECONDS = 3_600;

const schedule: Statement = {
  name: 'job-schedule',
  text: `insert into jobs (id, kind, every_seconds, due_at, created_at) values ($1, $2, $3, now(), now())
    on conflict (kind) where every_seconds is not null do update set every_seconds = excluded.every_seconds`,
};

const claim: Statement = {
  name: 'job-claim',
  text: `update jobs set leased_until = now() + make_interval(secs => $2), leased_by = $1, attempts = attempts + 1
    where id = (
      select id from jobs
      where dead_at is null and due_at <= now() and (leased_until is null or leased_until < now())
        and kind = any($3::text[])
      order by due_at for update skip locked limit 1
    )
    returning id, kind, payload, attempts, every_seconds`,
};

const finish: Statement = { name: 'job-finish', text: 'delete from jobs where id = $1 and leased_by = $2' };

const again: Statement = {
  name: 'job-again',
  text: `update jobs set due_at = now() + make_interval(secs => $3), leased_until = null, leased_by = null,
      attempts = $4, last_error = $5, dead_at = case when $6 then now() end
    where id = $1 and leased_by = $2`,
};

const release: Statement = {
  name: 'job-release',
  text: 'update jobs set leased_until = null, leased_by = null, attempts = attempts - 1 where leased_by = $1',
};

/** Makes a job that comes back every so many seconds; one row, however many processes say so. */
export async function scheduleJob(db: Database, kind: string, everySeconds: number): Promise<void> {
  await db.query(schedule, [uuidv7(), kind, everySeconds]);
}

/** Claims the job that is due longest, of the kinds that this worker knows. */
export async function claimJob(
  db: Database,
  worker: string,
  kinds: readonly string[],
): Promise<Job | undefined> {
  const [job] = await db.query<Job>(claim, [worker, LEASE_SECONDS, kinds]);
  return job;
}

/** A job is done: a scheduled one waits for its next time, another is gone. */
export async function completeJob(db: Database, worker: string, job: Job): Promise<void> {
  if (job.every_seconds === null) await db.query(finish, [job.id, worker]);
  else await db.query(again, [job.id, worker, job.every_seconds, 0, null, false]);
}

/**
 * A job failed: it waits longer each time, with jitter, and is left for a person after ten times. A scheduled one
 * never waits long: what it looks after goes on happening.
 */
export async function failJob(db: Database, worker: string, job: Job, error: unknown): Promise<void> {
  const longest = job.every_seconds === null ? LONGEST_WAIT_SECONDS : Math.max(job.every_seconds, 60);
  const wait = Math.min(2 ** job.attempts, longest) * (0.5 + Math.random());
  const dead = job.attempts >= MAX_ATTEMPTS && job.every_seconds === null;
  const message = error instanceof Error ? error.message : String(error);
  await db.query(again, [job.id, worker, wait, job.attempts, message.slice(0, 1_000), dead]);
}

/** Gives back what this worker holds, so that another goes on at once. */
export async function releaseJobs(db: Database, worker: string): Promise<void> {
  await db.query(release, [worker]);
}
