import { uuidv7 } from '../../platform/ids.ts';
import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId } from '../ids.ts';

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
