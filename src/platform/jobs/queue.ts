import type { Database } from '../db/database.ts';
import type { Statement } from '../db/statement.ts';
import { uuidv7 } from '../ids.ts';
import { type JobKind, PermanentFailure, type RunAgain } from './job-kind.ts';
import { isExhausted, waitAfter } from './retry-policy.ts';

/** A claimed job: no other worker runs it until the lease ends. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  /** This one included. */
  readonly attempts: number;
  /** Null for a job that runs on request. */
  readonly everySeconds: number | null;
  readonly queuedAt: string;
  readonly revision: number;
  readonly leasedBy: string;
}

/** How long a lease is valid without a heartbeat: as long as a job of a killed process waits for another. */
export const LEASE_SECONDS = 15;
export const HEARTBEAT_SECONDS = 5;
/** A scheduled job that failed comes back after this at most, if its schedule is shorter. */
const SCHEDULE_RETRY_SECONDS = 60;
const MAX_ERROR = 1_000;

const schedule: Statement = {
  name: 'job-schedule',
  text: `insert into jobs (id, kind, every_seconds, due_at, created_at, queued_at) values ($1, $2, $3, $4, $4, $4)
    on conflict (kind) where every_seconds is not null do update
    set every_seconds = excluded.every_seconds, due_at = least(jobs.due_at, excluded.due_at + make_interval(secs => $3))`,
};

/**
 * For each kind as many as it has free slots, so that no kind waits for another. Leases go by the clock of Postgres,
 * which all workers share: by its own clock, a worker that is ahead would take jobs over that others are running.
 */
const claim: Statement = {
  name: 'job-claim',
  text: `with slots as (select * from unnest($2::text[], $3::integer[]) as s (kind, free)
    ), due as (
      select j.id from slots cross join lateral (
        select id from jobs
        where kind = slots.kind and dead_at is null and due_at <= $4::timestamptz
          and (leased_until is null or leased_until <= now())
        order by due_at limit slots.free for update skip locked
      ) as j
    )
    update jobs set leased_until = now() + make_interval(secs => $5), leased_by = gen_random_uuid()::text,
      attempts = attempts + 1
    from due where jobs.id = due.id and $1::text is not null
    returning jobs.id, kind, payload, attempts, every_seconds as "everySeconds", queued_at as "queuedAt", revision,
      leased_by as "leasedBy"`,
};

const renew: Statement = {
  name: 'job-renew',
  text: `update jobs set leased_until = now() + make_interval(secs => $2)
    where leased_by = any($3::text[]) and $1::text is not null returning leased_by as "leasedBy"`,
};

const finish: Statement = {
  name: 'job-finish',
  text: 'delete from jobs where id = $1 and leased_by = $2 and revision = $3 returning id',
};

/** A job that was requested again while it ran is due immediately. */
const again: Statement = {
  name: 'job-again',
  text: `update jobs set kind = coalesce($4, kind), attempts = 0, last_error = null, leased_until = null,
      leased_by = null, queued_at = $6, due_at = case when revision = $3 then $5::timestamptz else $6::timestamptz end
    where id = $1 and leased_by = $2 returning id`,
};

const fail: Statement = {
  name: 'job-fail',
  text: `update jobs set due_at = $3, last_error = $4, dead_at = $5, leased_until = null, leased_by = null
    where id = $1 and leased_by = $2 returning id`,
};

const progress: Statement = {
  name: 'job-progress',
  text: 'update jobs set progress = $3 where id = $1 and leased_by = $2 returning id',
};

const release: Statement = {
  name: 'job-release',
  text: `update jobs set leased_until = null, leased_by = null, attempts = greatest(attempts - 1, 0)
    where leased_by = any($2::text[]) and $1::text is not null`,
};

const unknown: Statement = {
  name: 'job-unknown',
  text: `select kind, count(*) as jobs from jobs where dead_at is null and not kind = any($1::text[]) group by kind`,
};

/**
 * A clock that went back leaves schedules due in what was the present: they would pause for as long as it went back. A
 * failed one may wait for a minute, whatever its schedule.
 */
const mend: Statement = {
  name: 'job-mend-schedules',
  text: `update jobs set due_at = $2::timestamptz + make_interval(secs => every_seconds)
    where kind = any($1::text[]) and every_seconds is not null
      and due_at > $2::timestamptz + make_interval(secs => 2 * greatest(every_seconds, ${SCHEDULE_RETRY_SECONDS}))`,
};

/** Has schedules that are due too late, since a clock went back, run in time again. */
export async function mendSchedules(db: Database, kinds: readonly string[], now: Date): Promise<void> {
  await db.query(mend, [kinds, now.toISOString()]);
}

/** Makes a job that runs every so many seconds; one row, however many processes ask for it. */
export async function scheduleJob(
  db: Database,
  kind: string,
  everySeconds: number,
  now: Date,
): Promise<void> {
  await db.query(schedule, [uuidv7(), kind, everySeconds, now.toISOString()]);
}

/** Claims what is due. @param free how many more jobs of each kind this worker runs */
export function claimJobs(
  db: Database,
  worker: string,
  free: ReadonlyMap<string, number>,
  now: Date,
): Promise<Job[]> {
  return db.query<Job>(claim, [
    worker,
    [...free.keys()],
    [...free.values()],
    now.toISOString(),
    LEASE_SECONDS,
  ]);
}

/** Extends leases. @returns those that are still valid */
export async function renewLeases(
  db: Database,
  worker: string,
  leases: readonly string[],
): Promise<ReadonlySet<string>> {
  const values = [worker, LEASE_SECONDS, leases];
  const rows = await db.query<{ leasedBy: string }>(renew, values);
  return new Set(rows.map(({ leasedBy }) => leasedBy));
}

/** Ends a successful run: a scheduled job waits for its next time, another is gone unless it asks to run again. */
export async function completeJob(
  db: Database,
  job: Job,
  runAgain: RunAgain | undefined,
  now: Date,
): Promise<void> {
  const { id, leasedBy, revision, everySeconds } = job;
  const at = now.toISOString();
  if (everySeconds !== null) {
    const next = new Date(now.getTime() + everySeconds * 1_000).toISOString();
    await db.query(again, [id, leasedBy, revision, null, next, at]);
  } else if (runAgain !== undefined) {
    await db.query(again, [id, leasedBy, revision, runAgain.kind, runAgain.at.toISOString(), at]);
  } else if ((await db.query(finish, [id, leasedBy, revision])).length === 0) {
    await db.query(again, [id, leasedBy, revision, null, at, at]);
  }
}

/**
 * Ends a failed run: the job waits longer each time, and is dead once its kind's policy is exhausted or the failure is
 * a PermanentFailure. A scheduled job never dies.
 * @returns whether the job is dead now
 */
export async function failJob(
  db: Database,
  job: Job,
  kind: JobKind,
  error: unknown,
  now: Date,
): Promise<boolean> {
  const { id, leasedBy, attempts, everySeconds } = job;
  const policy = kind.retry;
  const isScheduled = everySeconds !== null;
  const longestWaitSeconds = isScheduled
    ? Math.max(everySeconds, SCHEDULE_RETRY_SECONDS)
    : policy.longestWaitSeconds;
  const wait = waitAfter(attempts, { ...policy, longestWaitSeconds }, Math.random());
  const dead =
    !isScheduled &&
    (error instanceof PermanentFailure || isExhausted(attempts, new Date(job.queuedAt), now, policy));
  const written = await db.query(fail, [
    id,
    leasedBy,
    new Date(now.getTime() + wait * 1_000).toISOString(),
    describeFailure(error),
    dead ? now.toISOString() : null,
  ]);
  return dead && written.length > 0;
}

/** Keeps how far a run is, in percent. */
export async function writeProgress(db: Database, { id, leasedBy }: Job, percent: number): Promise<void> {
  await db.query(progress, [id, leasedBy, percent]);
}

/** Releases jobs whose runs were interrupted, so that another worker runs them immediately. */
export async function releaseJobs(db: Database, worker: string, leases: readonly string[]): Promise<void> {
  if (leases.length > 0) await db.query(release, [worker, leases]);
}

/** Counts the jobs that no worker of this version runs. */
export function findUnknownKinds(
  db: Database,
  known: readonly string[],
): Promise<readonly { readonly kind: string; readonly jobs: number }[]> {
  return db.query<{ kind: string; jobs: number }>(unknown, [known]);
}

/** An administrator reads it: no mail address stays in it. */
function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/[^\s<>"',;:()[\]]+@[^\s<>"',;:()[\]]+/g, '(address)').slice(0, MAX_ERROR);
}
