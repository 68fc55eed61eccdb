import type { OrgId } from '../directory/ids.ts';
import type { Executor, Statement } from '../platform/db/statement.ts';

/** A request that is known by a key of its actor. */
export interface KeyedRequest {
  readonly org: OrgId;
  readonly actor: string;
  readonly key: string;
  /** Digest of the request. */
  readonly hash: Buffer;
}

export interface KnownRequest {
  readonly requestHash: Buffer;
  /** Null until the request was answered. */
  readonly status: number | null;
  readonly sealedAnswer: string | null;
  /** What its commands returned, by their numbers; sealed. */
  readonly results: Readonly<Record<string, string>>;
}

const find: Statement = {
  name: 'idempotency-find',
  text: `select request_hash as "requestHash", status, sealed_answer as "sealedAnswer", results from idempotency_keys
    where org_id = $1 and actor_id = $2 and key = $3 and created_at >= $4::timestamptz - interval '1 day'`,
};

/** The request and answer stored under an actor's key within the last day. @param at ISO 8601, now */
export async function findRequest(
  db: Executor,
  { org, actor, key }: KeyedRequest,
  at: string,
): Promise<KnownRequest | undefined> {
  return (await db.query<KnownRequest>(find, [org, actor, key, at]))[0];
}

const stale = `k.created_at < excluded.created_at - interval '1 day'`;

/** Writes a row that is not there or is older than a day, or adds to the row of the same request. */
const write = (name: string, columns: string, values: string, changes: string): Statement => ({
  name,
  text: `insert into idempotency_keys as k (org_id, actor_id, key, request_hash, created_at, ${columns})
    values ($1, $2, $3, $4, $5, ${values})
    on conflict (org_id, actor_id, key) do update set request_hash = excluded.request_hash,
      created_at = case when ${stale} then excluded.created_at else k.created_at end, ${changes}
    where k.request_hash = excluded.request_hash or ${stale}
    returning key`,
});

const recordResult = write(
  'idempotency-record',
  'results',
  'jsonb_build_object($6::text, $7::text)',
  `results = case when ${stale} then excluded.results else k.results || excluded.results end,
      status = case when ${stale} then null else k.status end,
      sealed_answer = case when ${stale} then null else k.sealed_answer end`,
);

/**
 * Keeps what a command of a request returned, in the command's transaction.
 * @returns false if the key has come with another request meanwhile
 */
export async function recordCommandResult(
  tx: Executor,
  { org, actor, key, hash }: KeyedRequest,
  command: number,
  sealed: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(recordResult, [org, actor, key, hash, at, String(command), sealed])).length > 0;
}

const recordAnswer = write(
  'idempotency-finish',
  'status, sealed_answer',
  '$6, $7',
  'status = excluded.status, sealed_answer = excluded.sealed_answer',
);

/** Keeps the answer of a request. */
export async function recordRequestAnswer(
  db: Executor,
  { org, actor, key, hash }: KeyedRequest,
  answer: { readonly status: number; readonly sealed: string },
  at: string,
): Promise<void> {
  await db.query(recordAnswer, [org, actor, key, hash, at, answer.status, answer.sealed]);
}
