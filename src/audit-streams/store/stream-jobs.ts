import { nextEvent } from '../../audit/store/feed.ts';
import type { OrgId } from '../../directory/ids.ts';
import { isReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** Sends what waits for one stream. */
export const STREAM_JOB = 'send_audit_stream';
/** The same for a stream whose last attempt failed: however many hang, the others are served. */
export const FAILING_STREAM_JOB = 'send_failing_audit_stream';

const request: Statement = {
  name: 'audit-stream-job-request',
  text: `insert into jobs (id, org_id, kind, payload, subject_id, due_at, created_at, queued_at)
    select gen_random_uuid(), s.org_id, '${STREAM_JOB}', jsonb_build_object('org', s.org_id, 'stream', s.id), s.id,
      $1::timestamptz, $1, $1
    from audit_streams s join event_cursors c on c.org_id = s.org_id and c.consumer = 'stream:' || s.id
    cross join ${nextEvent('s.org_id', 'c.position', 'c.event_id')} e
    where s.disabled_at is null and ${isReal('s.org_id')}
      and not exists (select from jobs j where j.subject_id = s.id and j.dead_at is null)
    on conflict (subject_id) where subject_id is not null do update
      set due_at = least(jobs.due_at, excluded.due_at), revision = jobs.revision + 1, dead_at = null`,
};

/** Asks for the jobs of streams for which events wait and that have none. @param at ISO 8601 */
export async function requestStreamJobs(db: Executor, at: string): Promise<void> {
  await db.query(request, [at]);
}

const hasten: Statement = {
  name: 'audit-stream-job-hasten',
  text: `update jobs set due_at = least(due_at, $3::timestamptz), revision = revision + 1
    where org_id = $1 and subject_id = $2`,
};

/** Has a stream that waits for its next attempt tried now. @param at ISO 8601 */
export async function hastenStreamJob(tx: Executor, org: OrgId, stream: string, at: string): Promise<void> {
  await tx.query(hasten, [org, stream, at]);
}
