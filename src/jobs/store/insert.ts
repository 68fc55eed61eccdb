import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { timeOfUuidv7 } from '../../platform/ids.ts';

const insert: Statement = {
  name: 'job-insert',
  text: `insert into jobs (org_id, id, kind, payload, due_at, created_at, queued_at)
    values ($1, $2, $3, $4::jsonb, $5, $5, $5)`,
};

/** Work that is done once the transaction has committed. */
export interface NewJob {
  /** A UUIDv7: the job is due at its time. */
  readonly id: string;
  readonly org: OrgId;
  readonly kind: string;
  readonly payload: object;
}

/** Writes a job into the outbox, in the transaction of what it follows from. */
export async function insertJob(tx: Executor, { id, org, kind, payload }: NewJob): Promise<void> {
  await tx.query(insert, [org, id, kind, JSON.stringify(payload), timeOfUuidv7(id).toISOString()]);
}

const request: Statement = {
  name: 'job-request',
  text: `insert into jobs (org_id, id, kind, payload, subject_id, due_at, created_at, queued_at)
    values ($1, $2, $3, $4::jsonb, $6, $5, $5, $5)
    on conflict (subject_id) where subject_id is not null do update
    set due_at = least(jobs.due_at, excluded.due_at), revision = jobs.revision + 1, dead_at = null, progress = null`,
};

/**
 * Asks for the one job about a subject: it is inserted, or due at once if it waits, or runs again behind the run that is on.
 * @param subject an id that no other kind of job is about
 */
export async function requestJob(
  tx: Executor,
  { id, org, kind, payload }: NewJob,
  subject: string,
): Promise<void> {
  const dueAt = timeOfUuidv7(id).toISOString();
  await tx.query(request, [org, id, kind, JSON.stringify(payload), dueAt, subject]);
}
