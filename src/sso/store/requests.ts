import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** Why a user is sent to their provider. */
export type LoginPurpose = 'sign_in' | 'test' | 'step_up';

const insert: Statement = {
  name: 'sso-request-insert',
  text: `insert into sso_requests (org_id, connection_id, key, purpose, browser_hash, sealed, return_to, user_id, session_id,
      created_at, expires_at, from_elsewhere)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10::timestamptz + interval '10 minutes', $11)`,
};

export interface NewLoginRequest {
  /** What the answer will name: SAML's request id, the digest of OpenID Connect's `state`. */
  readonly key: string;
  readonly purpose: LoginPurpose;
  readonly browserHash: Buffer;
  /** What the protocol wants to find again, sealed. */
  readonly sealed: string | undefined;
  readonly returnTo: string | undefined;
  readonly user: UserId | undefined;
  readonly session: string | undefined;
  /** Whether a page of another site sent the browser here. */
  readonly fromElsewhere: boolean;
}

export async function insertLoginRequest(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  request: NewLoginRequest,
  at: string,
): Promise<void> {
  const { key, purpose, browserHash, sealed, returnTo, user, session, fromElsewhere } = request;
  await db.query(insert, [
    org,
    connection,
    key,
    purpose,
    browserHash,
    sealed ?? null,
    returnTo ?? null,
    user ?? null,
    session ?? null,
    at,
    fromElsewhere,
  ]);
}

/** A request accepts one answer: a concurrent second one waits for the row and finds it used. */
const use: Statement = {
  name: 'sso-request-use',
  text: `with before as (
      select key, used_at from sso_requests where org_id = $1 and connection_id = $2 and key = $3 and expires_at > $4
      for update
    ), used as (
      update sso_requests r set used_at = $4 from before b
      where r.org_id = $1 and r.connection_id = $2 and r.key = b.key and b.used_at is null
    )
    select r.purpose, r.browser_hash as "browserHash", r.sealed, r.return_to as "returnTo", r.user_id as "user",
      r.session_id as "sessionId", r.created_at as "createdAt", r.from_elsewhere as "fromElsewhere", b.used_at as "usedAt"
    from before b join sso_requests r on r.org_id = $1 and r.connection_id = $2 and r.key = b.key`,
};

export interface LoginRequest {
  readonly purpose: LoginPurpose;
  readonly browserHash: Buffer;
  readonly sealed: string | null;
  readonly returnTo: string | null;
  readonly user: UserId | null;
  readonly sessionId: string | null;
  readonly createdAt: string;
  readonly fromElsewhere: boolean;
  /** When it was used before; null if this is its first use. */
  readonly usedAt: string | null;
}

/** Consumes a request. @returns undefined if it does not exist or is too old */
export async function useLoginRequest(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  key: string,
  at: string,
): Promise<LoginRequest | undefined> {
  return (await tx.query<LoginRequest>(use, [org, connection, key, at]))[0];
}

const look: Statement = {
  name: 'sso-request-by-key',
  text: `select browser_hash as "browserHash", used_at as "usedAt" from sso_requests
    where org_id = $1 and connection_id = $2 and key = $3 and expires_at > $4`,
};

/** Reads a request without consuming it. @returns undefined if it does not exist or is too old */
export async function findLoginRequest(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  key: string,
  at: string,
): Promise<Pick<LoginRequest, 'browserHash' | 'usedAt'> | undefined> {
  type Row = Pick<LoginRequest, 'browserHash' | 'usedAt'>;
  return (await db.query<Row>(look, [org, connection, key, at]))[0];
}

const pending: Statement = {
  name: 'sso-request-pending',
  text: `select purpose from sso_requests where org_id = $1 and connection_id = $2 and browser_hash = $3
    and used_at is null and expires_at > $4 order by created_at desc limit 1`,
};

/** Why a browser was last sent to its provider, if no answer has come since. */
export async function findPendingPurpose(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  browserHash: Buffer,
  at: string,
): Promise<LoginPurpose | undefined> {
  const values = [org, connection, browserHash, at];
  return (await db.query<{ purpose: LoginPurpose }>(pending, values))[0]?.purpose;
}

const replay: Statement = {
  name: 'sso-replay-insert',
  text: `insert into sso_replays (org_id, connection_id, assertion_id, expires_at) values ($1, $2, $3, $4)
    on conflict do nothing returning assertion_id`,
};

/** Remembers what was used until it would be rejected for its age. @returns false if it was used before */
export async function insertReplay(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: string,
  until: string,
): Promise<boolean> {
  return (await tx.query(replay, [org, connection, id, until])).length > 0;
}

const replayed: Statement = {
  name: 'sso-replay-exists',
  text: `select exists (
    select from sso_replays where org_id = $1 and connection_id = $2 and assertion_id = $3) as held`,
};

/** Whether an assertion was used before. */
export async function wasUsed(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: string,
): Promise<boolean> {
  return (await db.query<{ held: boolean }>(replayed, [org, connection, id]))[0]?.held === true;
}
