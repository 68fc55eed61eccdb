import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** A place in the feed of an organization. */
export interface FeedPlace {
  readonly position: number;
  readonly id: string;
}

/** A seal as it is stored. */
export interface Seal {
  readonly n: number;
  readonly fromPosition: number;
  readonly fromId: string;
  readonly toPosition: number;
  readonly toId: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly rows: number;
  readonly root: Buffer;
  readonly prev: Buffer;
  readonly digest: Buffer;
  readonly leaves: Buffer;
  readonly sealedAt: string;
}

/** A row as it is sealed. */
export interface CanonicalRow {
  readonly id: string;
  readonly position: number;
  readonly at: string;
  /** The text that is hashed: what never changes of an event, in one form. */
  readonly canonical: string;
}

/**
 * What is sealed of an event: all but `reason`, `ip`, `user_agent` and `country`, which an erasure empties (ADR 0030).
 * Postgres writes `jsonb` in one form whatever its version.
 */
const canonical = `jsonb_build_array(e.org_id, e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  e.action, e.outcome, e.actor_type, e.actor_id, e.via, e.actor_user_id, e.actor_key_id, e.target_type, e.target_id,
  e.member_id, e.changes, e.request_id, e.session_id, e.feed_position)::text`;

/** The rows behind a place of the feed up to another one, in its order. */
export function readCanonicalRows(
  db: Database,
  org: OrgId,
  from: FeedPlace,
  to: FeedPlace,
): Promise<CanonicalRow[]> {
  return db.search<CanonicalRow>(canonicalRows, [org, from.position, from.id, to.position, to.id]);
}

const canonicalRows = `select e.id, e.feed_position as position, e.at, ${canonical} as canonical from events e
  where e.org_id = $1 and (e.feed_position, e.id) > ($2::bigint, $3::uuid)
    and (e.feed_position, e.id) <= ($4::bigint, $5::uuid)
  order by e.feed_position, e.id`;

const canonicalRowsInTransaction: Statement = { name: 'seal-rows', text: canonicalRows };

/** The same within a transaction that seals them. */
export function readRowsToSeal(
  tx: Executor,
  org: OrgId,
  from: FeedPlace,
  to: FeedPlace,
): Promise<CanonicalRow[]> {
  return tx.query<CanonicalRow>(canonicalRowsInTransaction, [
    org,
    from.position,
    from.id,
    to.position,
    to.id,
  ]);
}

const columns = `n, from_position as "fromPosition", from_id as "fromId", to_position as "toPosition", to_id as "toId",
  first_at as "firstAt", last_at as "lastAt", rows, root, prev, digest, leaves, created_at as "sealedAt"`;

const last: Statement = {
  name: 'seal-last',
  text: `select ${columns} from event_seals where org_id = $1 order by n desc limit 1`,
};

/** The newest seal. */
export async function findLastSeal(db: Executor, org: OrgId): Promise<Seal | undefined> {
  return (await db.query<Seal>(last, [org]))[0];
}

const insert: Statement = {
  name: 'seal-insert',
  text: `insert into event_seals (org_id, n, from_position, from_id, to_position, to_id, first_at, last_at, rows, root, prev,
      digest, leaves, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
};

export async function insertSeal(tx: Executor, org: OrgId, seal: Seal): Promise<void> {
  await tx.query(insert, [
    org,
    seal.n,
    seal.fromPosition,
    seal.fromId,
    seal.toPosition,
    seal.toId,
    seal.firstAt,
    seal.lastAt,
    seal.rows,
    seal.root,
    seal.prev,
    seal.digest,
    seal.leaves,
    seal.sealedAt,
  ]);
}

/** The seal with a digest. */
export async function findSealByDigest(db: Database, org: OrgId, digest: Buffer): Promise<Seal | undefined> {
  const [row] = await db.search<Seal>(
    `select ${columns} from event_seals where org_id = $1 and digest = $2 limit 1`,
    [org, digest],
  );
  return row;
}

/** Seals from a number on, in their order. */
export function listSeals(db: Database, org: OrgId, from: number, limit: number): Promise<Seal[]> {
  return db.search<Seal>(
    `select ${columns} from event_seals where org_id = $1 and n >= $2 order by n limit $3`,
    [org, from, limit],
  );
}

/** How many events are sealed. */
export async function countSealedEvents(db: Database, org: OrgId): Promise<number> {
  const [row] = await db.search<{ events: number }>(
    'select coalesce(sum(rows), 0) as events from event_seals where org_id = $1',
    [org],
  );
  return row?.events ?? 0;
}

/** The newest seals, the newest first. */
export function listNewestSeals(db: Database, org: OrgId, limit: number): Promise<Seal[]> {
  return db.search<Seal>(`select ${columns} from event_seals where org_id = $1 order by n desc limit $2`, [
    org,
    limit,
  ]);
}

/** The seal that covers a place; undefined while none does. */
export async function findSealOf(db: Database, org: OrgId, place: FeedPlace): Promise<Seal | undefined> {
  const [row] = await db.search<Seal>(
    `select ${columns} from event_seals where org_id = $1 and (to_position, to_id) >= ($2::bigint, $3::uuid)
      and (from_position, from_id) < ($2::bigint, $3::uuid) order by to_position, to_id limit 1`,
    [org, place.position, place.id],
  );
  return row;
}

/** The first day of the oldest month of events that is kept; before it, months were dropped. */
export async function findOldestMonth(db: Database): Promise<string | undefined> {
  const [row] = await db.search<{ month: string | null }>(
    `select min(substring(c.relname from '^events_([0-9]{4}_[0-9]{2})$')) as month
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'events'::regclass`,
    [],
  );
  return row?.month === null || row === undefined
    ? undefined
    : `${row.month.replace('_', '-')}-01T00:00:00.000Z`;
}

/**
 * Events of one request in the order of their ids, with their places in the feed. No index has requests: what is read are
 * the events of the organization between the two ids. @param span ids of events
 */
export function findRowsOfRequest(
  db: Database,
  org: OrgId,
  requestId: string,
  { after, before, limit }: { readonly after: string; readonly before: string; readonly limit: number },
): Promise<CanonicalRow[]> {
  return db.search<CanonicalRow>(
    `select e.id, e.feed_position as position, e.at, ${canonical} as canonical from events e
      where e.org_id = $1 and e.id > $3 and e.id < $4 and e.request_id = $2 order by e.id limit $5`,
    [org, requestId, after, before, limit],
  );
}
