import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { truncate } from '../../platform/truncate.ts';
import type { SsoReason } from '../rules/reasons.ts';
import type { LoginPurpose } from './requests.ts';

/**
 * Sign-ins that a connection remembers; of messages that proved nothing, which any unauthenticated client can send,
 * fewer.
 */
const KEPT = 500;
const KEPT_UNVERIFIED = 200;

const insert: Statement = {
  name: 'sso-trace-insert',
  text: `with gone as (
      delete from sso_traces where org_id = $1 and connection_id = $3 and is_verified = $11 and id <= (
        select id from sso_traces where org_id = $1 and connection_id = $3 and is_verified = $11
        order by id desc offset case when $11 then ${KEPT - 1} else ${KEPT_UNVERIFIED - 1} end limit 1)
    )
    insert into sso_traces (org_id, id, connection_id, at, purpose, outcome, reason, detail, user_id, seen, is_verified)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11
    where exists (select from sso_connections where org_id = $1 and connection_id = $3)`,
};

/** What an administrator may see of a sign-in; the caller masks it. */
export type TraceSeen = Readonly<Record<string, unknown>>;

export interface NewTrace {
  readonly id: string;
  readonly connection: ConnectionId;
  readonly purpose: LoginPurpose;
  readonly outcome: 'signed_in' | 'tested' | 'proved' | 'refused';
  readonly reason: SsoReason | undefined;
  readonly detail: string | undefined;
  readonly user: UserId | undefined;
  readonly seen: TraceSeen;
  /** Whether the provider's signature, or its answer to a code, was verified. */
  readonly isVerified: boolean;
}

/** Keeps what came of a sign-in; the oldest makes room. Of a connection that is gone nothing is kept. */
export async function insertTrace(tx: Executor, org: OrgId, trace: NewTrace, at: string): Promise<void> {
  const { id, connection, purpose, outcome, reason, detail, user, seen, isVerified } = trace;
  await tx.query(insert, [
    org,
    id,
    connection,
    at,
    purpose,
    outcome,
    reason ?? null,
    truncate(detail, 1_000) ?? null,
    user ?? null,
    JSON.stringify(seen, storable),
    isVerified,
  ]);
}

/** Whatever was shown of a message: Postgres keeps no NUL and no half of a surrogate pair. */
const storable = (_name: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;

const tested: Statement = {
  name: 'sso-connection-tested',
  text: `update sso_connections set tested_at = $3 where org_id = $1 and connection_id = $2 and updated_at <= $4 returning state`,
};

/**
 * Notes that the settings of a connection are good.
 * @param begun when the test began, ISO 8601 @returns false if they have changed since
 */
export async function recordTested(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  begun: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(tested, [org, connection, at, begun])).length > 0;
}
