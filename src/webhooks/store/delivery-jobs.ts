import type { OrgId } from '../../directory/ids.ts';
import { isReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { uuidv7 } from '../../platform/ids.ts';

/** Sends what is due for one webhook. */
export const DELIVERY_JOB = 'deliver_webhook';
/** The same for a webhook whose last attempt failed: however many hang, the others are served. */
export const FAILING_DELIVERY_JOB = 'deliver_failing_webhook';

/** There is one job for each webhook: a request while it waits makes it due earlier, one while it runs is counted. */
export const ONE_JOB_EACH = `on conflict (subject_id) where subject_id is not null do update
  set due_at = least(jobs.due_at, excluded.due_at), revision = jobs.revision + 1, dead_at = null`;

const request: Statement = {
  name: 'webhook-job-request',
  text: `insert into jobs (org_id, id, kind, payload, subject_id, due_at, created_at, queued_at)
    values ($1, $2, '${DELIVERY_JOB}', jsonb_build_object('org', $1::uuid, 'webhook', $3::uuid), $3, $4, $4, $4)
    ${ONE_JOB_EACH}`,
};

/** Asks for the job that sends what is due for a webhook. @param at ISO 8601 */
export async function requestDeliveryJob(
  tx: Executor,
  org: OrgId,
  webhook: string,
  at: string,
): Promise<void> {
  await tx.query(request, [org, uuidv7(Date.parse(at)), webhook, at]);
}

const requestMissing: Statement = {
  name: 'webhook-job-request-missing',
  text: `insert into jobs (id, org_id, kind, payload, subject_id, due_at, created_at, queued_at)
    select gen_random_uuid(), w.org_id, '${DELIVERY_JOB}', jsonb_build_object('org', w.org_id, 'webhook', w.id), w.id,
      $1::timestamptz, $1, $1
    from webhooks w
    where w.disabled_at is null and ${isReal('w.org_id')}
      and not exists (select from jobs j where j.subject_id = w.id)
      and exists (select from webhook_deliveries d
        where d.org_id = w.org_id and d.webhook_id = w.id and d.state = 'waiting')
    ${ONE_JOB_EACH}`,
};

/** Asks for the jobs of webhooks for which something waits without one, as the version before leaves them. */
export async function requestMissingDeliveryJobs(db: Executor, at: string): Promise<void> {
  await db.query(requestMissing, [at]);
}
