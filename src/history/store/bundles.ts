import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

export interface BundleRow {
  readonly id: string;
  readonly requestedBy: UserId;
  readonly asOf: string;
  readonly from: string | null;
  readonly reviewId: string | null;
  /** Failed once its job is dead, or gone without having made it. */
  readonly state: 'running' | 'done' | 'failed';
  /** Why its job failed last, if it failed for good. */
  readonly error: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
}

const insert: Statement = {
  name: 'history-bundle-insert',
  text: `insert into history_bundles (org_id, id, requested_by, as_of, from_at, state, created_at, expires_at,
      review_id)
    select $1, $2, $3, $4, $5, 'running', $6, $7, $8
    where not exists (
      select from history_bundles b join jobs j on j.id = b.id
      where b.org_id = $1 and b.state = 'running' and j.dead_at is null and b.expires_at > $6)
    returning id`,
};

/** The job that makes it has its id. @returns false if one is being made */
export async function insertBundle(
  tx: Executor,
  org: OrgId,
  row: Pick<BundleRow, 'id' | 'requestedBy' | 'asOf' | 'from' | 'reviewId' | 'createdAt' | 'expiresAt'>,
): Promise<boolean> {
  const { id, requestedBy, asOf, from, reviewId, createdAt, expiresAt } = row;
  const values = [org, id, requestedBy, asOf, from, createdAt, expiresAt, reviewId];
  return (await tx.query(insert, values)).length > 0;
}

const byId: Statement = {
  name: 'history-bundle-by-id',
  text: `select b.id, b.requested_by as "requestedBy", b.as_of as "asOf", b.from_at as "from", b.review_id as "reviewId",
      case when b.state = 'done' then 'done'
        when j.id is null or j.dead_at is not null then 'failed'
        else 'running' end as state,
      case when b.state = 'running' and j.dead_at is not null then j.last_error end as error,
      b.bytes, b.sha256, b.created_at as "createdAt", b.expires_at as "expiresAt"
    from history_bundles b left join jobs j on j.id = b.id
    where b.org_id = $1 and b.id = $2 and b.expires_at > $3`,
};

/** A bundle that has not expired. @param now ISO 8601 */
export async function findBundle(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<BundleRow | undefined> {
  return (await db.query<BundleRow>(byId, [org, id, now]))[0];
}

const clear: Statement = {
  name: 'history-bundle-clear',
  text: 'delete from history_bundle_pieces where org_id = $1 and bundle_id = $2',
};
const addPiece: Statement = {
  name: 'history-bundle-add-piece',
  text: 'insert into history_bundle_pieces (org_id, bundle_id, n, bytes) values ($1, $2, $3, $4)',
};
const finish: Statement = {
  name: 'history-bundle-finish',
  text: `update history_bundles set state = 'done', bytes = $3, sha256 = $4 where org_id = $1 and id = $2`,
};

/** Removes what an interrupted run has written. */
export async function clearPieces(db: Executor, org: OrgId, id: string): Promise<void> {
  await db.query(clear, [org, id]);
}

export async function insertPiece(
  db: Executor,
  org: OrgId,
  id: string,
  n: number,
  bytes: Uint8Array,
): Promise<void> {
  await db.query(addPiece, [org, id, n, Buffer.from(bytes)]);
}

export async function finishBundle(
  db: Executor,
  org: OrgId,
  id: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
): Promise<void> {
  await db.query(finish, [org, id, bytes, sha256]);
}

const piece: Statement = {
  name: 'history-bundle-piece',
  text: 'select bytes from history_bundle_pieces where org_id = $1 and bundle_id = $2 and n = $3',
};

/** The pieces of a bundle in their order, one in memory at a time. */
export async function* readPieces(db: Executor, org: OrgId, id: string): AsyncIterable<Buffer> {
  for (let n = 0; ; n += 1) {
    const [row] = await db.query<{ bytes: Buffer }>(piece, [org, id, n]);
    if (row === undefined) return;
    yield row.bytes;
  }
}

/** The key of an organization. */
export interface KeyRow {
  readonly id: string;
  readonly publicKey: string;
  readonly sealed: string;
}

const findKeyStatement: Statement = {
  name: 'history-key',
  text: `select id, public_key as "publicKey", sealed_private_key as sealed from history_keys
    where org_id = $1 order by id limit 1`,
};
const insertKeyStatement: Statement = {
  name: 'history-key-insert',
  text: `insert into history_keys (org_id, id, public_key, sealed_private_key, created_at)
    select $1, $2, $3, $4, $5 where not exists (select from history_keys where org_id = $1)`,
};
const lockMark: Statement = {
  name: 'history-mark-lock',
  text: 'select from history_marks where org_id = $1 for update',
};

/** The key with which an organization signs, made by `make` if there is none yet: two at once get the same one. */
export function findOrInsertKey(db: Database, org: OrgId, make: () => KeyRow, at: string): Promise<KeyRow> {
  return db.transaction(org, async (tx) => {
    await tx.query(lockMark, [org]);
    const [found] = await tx.query<KeyRow>(findKeyStatement, [org]);
    if (found !== undefined) return found;
    const key = make();
    await tx.query(insertKeyStatement, [org, key.id, key.publicKey, key.sealed, at]);
    return key;
  });
}

type Row = Readonly<Record<string, unknown>>;

/** The rows of a statement whose `$2` is the id behind which it goes on, in batches. */
async function* inBatches(
  db: Database,
  text: string,
  org: OrgId,
  values: readonly unknown[],
): AsyncIterable<Row> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await db.search<Row & { readonly id: string }>(text, [org, after, ...values]);
    yield* rows;
    if (rows.length < 500) return;
    after = (rows.at(-1) as { id: string }).id;
  }
}

/** API keys that worked at a moment, without their secrets. */
export const listKeysAt = (db: Database, org: OrgId, asOf: string): AsyncIterable<Row> =>
  inBatches(
    db,
    `select id, user_id as "userId", service_account_id as "serviceAccountId", name, scopes, created_at as "createdAt",
        expires_at as "expiresAt", revoked_at as "revokedAt"
      from api_keys where org_id = $1 and id > $2 and created_at <= $3 and (revoked_at is null or revoked_at > $3)
        and (expires_at is null or expires_at > $3) order by id limit 500`,
    org,
    [asOf],
  );

/** Connections that were there at a moment and are still there, as they are set now, without secrets. */
export const listConnectionsAt = (db: Database, org: OrgId, asOf: string): AsyncIterable<Row> =>
  inBatches(
    db,
    `select c.id, c.name, c.strict, c.role_source as "roleSource", c.created_at as "createdAt",
        s.protocol as "ssoProtocol", s.provider as "ssoProvider", s.state as "ssoState"
      from connections c left join sso_connections s on s.org_id = c.org_id and s.connection_id = c.id
      where c.org_id = $1 and c.id > $2 and c.created_at <= $3 order by c.id limit 500`,
    org,
    [asOf],
  );

/** Elevations that were decided within a span. */
export const listDecisions = (db: Database, org: OrgId, from: string, to: string): AsyncIterable<Row> =>
  inBatches(
    db,
    `select id, user_id as "userId", role, state, ticket, requested_by as "requestedBy", decided_by as "decidedBy",
        created_at as "createdAt", starts_at as "startsAt", expires_at as "expiresAt", ended_at as "endedAt"
      from elevations where org_id = $1 and id > $2 and state <> 'pending' and created_at <= $4
        and coalesce(starts_at, ended_at) > $3 order by id limit 500`,
    org,
    [from, to],
  );
