import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

export const JOB_STATES = ['waiting', 'running', 'dead'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job without its payload, which is never shown. */
export interface Job {
  readonly id: string;
  /** Null for a job of no organization. */
  readonly org: OrgId | null;
  readonly kind: string;
  readonly state: JobState;
  /** Since it was queued. */
  readonly attempts: number;
  readonly lastError: string | null;
  readonly dueAt: string;
  readonly deadAt: string | null;
  readonly createdAt: string;
  /** How far it is, in percent; null for a job that does not tell. */
  readonly progress: number | null;
}

export interface JobFilter extends IdPage {
  readonly state: JobState | undefined;
  readonly kind: string | undefined;
}

/** `$2` is the time. */
const state = `case when dead_at is not null then 'dead' when leased_until > $2::timestamptz then 'running' else 'waiting' end`;
const columns = `id, org_id as org, kind, attempts, last_error as "lastError", due_at as "dueAt", dead_at as "deadAt",
  created_at as "createdAt", progress, ${state} as state`;

/**
 * Jobs of one organization, or of all and of none, the newest first. A scheduled job belongs to no organization and is
 * not listed.
 * @param now ISO 8601
 */
export function listJobs(db: Database, org: OrgId | 'all', filter: JobFilter, now: string): Promise<Job[]> {
  const query = builder('jobs').select(builder.raw(columns));
  if (org === 'all') query.whereRaw('$1::text is not null').whereNull('every_seconds');
  else query.whereRaw('org_id = $1');
  if (filter.state !== undefined) query.whereRaw(`${state} = ?`, [filter.state]);
  if (filter.kind !== undefined) query.where('kind', filter.kind);
  return runQuery<Job>(db, [org, now], pageById(query, 'id', 'desc', filter));
}

const byId: Statement = {
  name: 'job-by-id',
  text: `select ${columns} from jobs where org_id = $1 and id = $3`,
};

/** @param now ISO 8601 */
export async function findJob(db: Executor, org: OrgId, id: string, now: string): Promise<Job | undefined> {
  return (await db.query<Job>(byId, [org, now, id]))[0];
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
        as "oldestSeconds"
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
  readonly oldestSeconds: number;
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
