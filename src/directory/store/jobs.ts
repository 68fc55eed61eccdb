import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId } from '../ids.ts';

const insert: Statement = {
  name: 'job-insert',
  text: `insert into jobs (id, org_id, kind, payload, due_at, created_at) values ($1, $2, $3, $4::jsonb, now(), now())`,
};

/** Work that is done once the transaction has committed. */
export interface NewJob {
  readonly id: string;
  readonly org: OrgId;
  readonly kind: string;
  readonly payload: object;
}

/** Writes a job into the outbox, in the transaction of what it follows from. */
export async function insertJob(tx: Executor, { id, org, kind, payload }: NewJob): Promise<void> {
  await tx.query(insert, [id, org, kind, JSON.stringify(payload)]);
}
