import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** A stream as it is stored; times are ISO 8601. */
export interface StoredStream {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly format: 'json' | 'ocsf';
  /** PEM; null for the authorities that the server trusts anyway. */
  readonly ca: string | null;
  /** PEM */
  readonly clientCertificate: string | null;
  readonly sealedClientKey: string | null;
  readonly disabledAt: string | null;
  readonly deliveredEvent: string | null;
  readonly deliveredEventAt: string | null;
  readonly deliveredAt: string | null;
  readonly failedAt: string | null;
  readonly lastError: string | null;
  /** Attempts that failed since the last that succeeded. */
  readonly failures: number;
  readonly retryAt: string | null;
  readonly createdAt: string;
}

export type StreamSettings = Pick<
  StoredStream,
  'name' | 'host' | 'port' | 'format' | 'ca' | 'clientCertificate' | 'sealedClientKey'
>;

const columns = `id, name, host, port, format, ca, client_certificate as "clientCertificate",
  sealed_client_key as "sealedClientKey", disabled_at as "disabledAt",
  delivered_event as "deliveredEvent", delivered_event_at as "deliveredEventAt", delivered_at as "deliveredAt", failed_at as "failedAt",
  last_error as "lastError", failures, retry_at as "retryAt", created_at as "createdAt"`;

const list: Statement = {
  name: 'audit-stream-list',
  text: `select ${columns} from audit_streams where org_id = $1 order by id`,
};

/** All streams of an organization, the oldest first; commands see to it that they are few. */
export const listStreams = (db: Executor, org: OrgId): Promise<StoredStream[]> =>
  db.query<StoredStream>(list, [org]);

const byId: Statement = {
  name: 'audit-stream-by-id',
  text: `select ${columns} from audit_streams where org_id = $1 and id = $2`,
};

export async function findStream(db: Executor, org: OrgId, id: string): Promise<StoredStream | undefined> {
  return (await db.query<StoredStream>(byId, [org, id]))[0];
}

const insert: Statement = {
  name: 'audit-stream-insert',
  text: `insert into audit_streams (org_id, id, name, host, port, format, ca, client_certificate, sealed_client_key,
      created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};

/** Adds a stream. @param at ISO 8601 */
export async function insertStream(
  tx: Executor,
  org: OrgId,
  id: string,
  { name, host, port, format, ca, clientCertificate, sealedClientKey }: StreamSettings,
  at: string,
): Promise<void> {
  await tx.query(insert, [org, id, name, host, port, format, ca, clientCertificate, sealedClientKey, at]);
}

const rewrite: Statement = {
  name: 'audit-stream-rewrite',
  text: `update audit_streams set name = $3, host = $4, port = $5, format = $6, ca = $7, client_certificate = $8,
      sealed_client_key = $9, disabled_at = case when $10::boolean then null else coalesce(disabled_at, $11) end,
      retry_at = null
    where org_id = $1 and id = $2`,
};

/** Writes the settings of a stream; it is tried at once. @param at ISO 8601 */
export async function rewriteStream(
  tx: Executor,
  org: OrgId,
  id: string,
  settings: StreamSettings & { readonly enabled: boolean },
  at: string,
): Promise<void> {
  const { name, host, port, format, ca, clientCertificate, sealedClientKey, enabled } = settings;
  await tx.query(rewrite, [
    org,
    id,
    name,
    host,
    port,
    format,
    ca,
    clientCertificate,
    sealedClientKey,
    enabled,
    at,
  ]);
}

const remove: Statement = {
  name: 'audit-stream-remove',
  text: 'delete from audit_streams where org_id = $1 and id = $2 returning id',
};

/** @returns false if there is no such stream */
export async function removeStream(tx: Executor, org: OrgId, id: string): Promise<boolean> {
  return (await tx.query(remove, [org, id])).length > 0;
}

const delivered: Statement = {
  name: 'audit-stream-delivered',
  text: `update audit_streams set delivered_event = $3, delivered_event_at = $4, delivered_at = $5, failures = 0,
      last_error = null, retry_at = null
    where org_id = $1 and id = $2`,
};

/** Notes the last event that arrived. @param at ISO 8601 */
export async function noteDelivered(
  tx: Executor,
  org: OrgId,
  id: string,
  event: { readonly id: string; readonly at: string },
  at: string,
): Promise<void> {
  await tx.query(delivered, [org, id, event.id, event.at, at]);
}

const failed: Statement = {
  name: 'audit-stream-failed',
  text: `update audit_streams set failed_at = $3, last_error = $4, failures = failures + 1, retry_at = $5
    where org_id = $1 and id = $2`,
};

/** Notes that an attempt failed, and when the next one is due. Times are ISO 8601. */
export async function noteFailed(
  db: Executor,
  org: OrgId,
  id: string,
  error: string,
  at: string,
  retryAt: string,
): Promise<void> {
  await db.query(failed, [org, id, at, error, retryAt]);
}
