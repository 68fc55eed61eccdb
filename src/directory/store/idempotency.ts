import type { Executor, Statement } from '../../platform/statement.ts';
import type { OrgId } from '../ids.ts';

const begin: Statement = {
  name: 'idempotency-begin',
  text: `with fresh as (
      insert into idempotency_keys as k (org_id, actor_id, key, request_hash, created_at) values ($1, $2, $3, $4, $5)
      on conflict (org_id, actor_id, key) do update set request_hash = excluded.request_hash, created_at = $5,
        status = null, sealed_answer = null
      where k.created_at < $5::timestamptz - interval '1 day'
        or (k.status is null and k.created_at < $5::timestamptz - interval '2 minutes')
      returning key
    )
    select exists (select from fresh) as begun, k.request_hash, k.status, k.sealed_answer
    from (values (1)) as one left join idempotency_keys k on k.org_id = $1 and k.actor_id = $2 and k.key = $3`,
};

export interface IdempotencyRow {
  readonly begun: boolean;
  readonly request_hash: Buffer | null;
  readonly status: number | null;
  readonly sealed_answer: string | null;
}

/** Takes a key for a request, unless it is taken: then what was asked and answered under it. */
export async function beginRequest(
  db: Executor,
  org: OrgId,
  actor: string,
  key: string,
  hash: Buffer,
  at: string,
): Promise<IdempotencyRow> {
  return (await db.query<IdempotencyRow>(begin, [org, actor, key, hash, at]))[0] as IdempotencyRow;
}

const finish: Statement = {
  name: 'idempotency-finish',
  text: 'update idempotency_keys set status = $4, sealed_answer = $5 where org_id = $1 and actor_id = $2 and key = $3',
};

export async function finishRequest(
  db: Executor,
  org: OrgId,
  actor: string,
  key: string,
  status: number,
  sealed: string,
): Promise<void> {
  await db.query(finish, [org, actor, key, status, sealed]);
}

const forget: Statement = {
  name: 'idempotency-forget',
  text: 'delete from idempotency_keys where org_id = $1 and actor_id = $2 and key = $3',
};

/** Frees the key of a request that came to nothing. */
export async function forgetRequest(db: Executor, org: OrgId, actor: string, key: string): Promise<void> {
  await db.query(forget, [org, actor, key]);
}
