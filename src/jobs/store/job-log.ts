import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

export const JOB_STATES = ['waiting', 'running', 'dead'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job without its payload, which is never shown. */
export interface JobRow {
  readonly id: string;
  /** Null for a job of no organization. */
  readonly org_id: OrgId | null;
  readonly kind: string;
  readonly state: JobState;
  /** Since it was queued. */
  readonly attempts: number;
  readonly last_error: string | null;
  readonly due_at: string;
  readonly dead_at: string | null;
  readonly created_at: string;
}

export interface JobFilter {
  readonly state: JobState | undefined;
  readonly kind: string | undefined;
  /** The last job of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** `$2` is the time. A scheduled job belongs to no organization and is not listed. */
const columns = `id, org_id, kind, attempts, last_error, due_at, dead_at, created_at,
  case when dead_at is not null then 'dead' when leased_until > $2::timestamptz then 'running' else 'waiting' end as state`;

const list: Statement = {
  name: 'job-list',
  text: `select * from (select ${columns} from jobs
      where org_id = $1 and ($5::uuid is null or id < $5) and ($4::text is null or kind = $4)) as j
    where $3::text is null or state = $3 order by id desc limit $6`,
};

const listAll: Statement = {
  name: 'job-list-all',
  text: `select * from (select ${columns} from jobs
      where $1::text is not null and every_seconds is null and ($5::uuid is null or id < $5)
        and ($4::text is null or kind = $4)) as j
    where $3::text is null or state = $3 order by id desc limit $6`,
};

/** Jobs of one organization, or of all and of none, the newest first. @param now ISO 8601 */
export function listJobs(
  db: Executor,
  org: OrgId | 'all',
  { state, kind, after, limit }: JobFilter,
  now: string,
): Promise<JobRow[]> {
  const values = [org, now, state ?? null, kind ?? null, after ?? null, limit];
  return db.query<JobRow>(org === 'all' ? listAll : list, values);
}

const byId: Statement = {
  name: 'job-by-id',
  text: `select ${columns} from jobs where org_id = $1 and id = $3`,
};

/** @param now ISO 8601 */
export async function findJob(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<JobRow | undefined> {
  return (await db.query<JobRow>(byId, [org, now, id]))[0];
}

/** Which dead jobs a command is about: one, those of a kind, or all of the organization or, without one, of all. */
export interface DeadJobs {
  readonly org: OrgId | undefined;
  readonly id: string | undefined;
  readonly kind: string | undefined;
}

const dead = `dead_at is not null and ($1::uuid is null or org_id = $1) and ($2::uuid is null or id = $2)
  and ($3::text is null or kind = $3)`;

const retry: Statement = {
  name: 'job-retry',
  text: `with retried as (
      update jobs set dead_at = null, attempts = 0, due_at = $4, queued_at = $4 where ${dead} returning id
    ), woken as (
      select pg_notify('rollcall_jobs', '') where exists (select from retried)
    )
    select retried.id from retried left join woken on true`,
};

const discard: Statement = {
  name: 'job-discard',
  text: `delete from jobs where ${dead} returning id`,
};

/** Puts dead jobs back into the queue, with all their attempts. @param at ISO 8601 @returns how many */
export async function retryDeadJobs(db: Executor, { org, id, kind }: DeadJobs, at: string): Promise<number> {
  return (await db.query(retry, [org ?? null, id ?? null, kind ?? null, at])).length;
}

/** Deletes dead jobs. @returns how many */
export async function discardDeadJobs(db: Executor, { org, id, kind }: DeadJobs): Promise<number> {
  return (await db.query(discard, [org ?? null, id ?? null, kind ?? null])).length;
}

const count: Statement = {
  name: 'job-count',
  text: `select kind, count(*) filter (where dead_at is null) as waiting, count(*) filter (where dead_at is not null) as dead,
      coalesce(max(extract(epoch from $1::timestamptz - due_at)) filter (where dead_at is null and due_at <= $1), 0)::float8
        as oldest_seconds
    from jobs where every_seconds is null group by kind`,
  long: true,
};

/** How a kind of job is doing, over all organizations. */
export interface JobCount {
  readonly kind: string;
  /** Running ones included. */
  readonly waiting: number;
  readonly dead: number;
  /** For how long the oldest of them has been due. */
  readonly oldest_seconds: number;
}

/** Counts the jobs that run on request. @param now ISO 8601 */
export function countJobs(db: Executor, now: string): Promise<JobCount[]> {
  return db.query<JobCount>(count, [now]);
}

const backlog: Statement = {
  name: 'webhook-backlog',
  text: `select count(*) as deliveries from webhook_deliveries where state = 'waiting' and $1::text is not null`,
  long: true,
};

/** Counts the deliveries that wait for their first or next attempt. */
export async function countWaitingDeliveries(db: Executor): Promise<number> {
  return (await db.query<{ deliveries: number }>(backlog, ['metrics']))[0]?.deliveries ?? 0;
}
