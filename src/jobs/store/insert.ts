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
