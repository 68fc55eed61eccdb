import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { truncate } from '../../platform/truncate.ts';

const note: Statement = {
  name: 'sso-metadata-checked',
  text: `update sso_connections set metadata_checked_at = $3, metadata_etag = $4, metadata_error = $5,
      metadata_due_at = $3::timestamptz + coalesce(make_interval(secs => $6), metadata_due_at - metadata_checked_at, interval '1 day')
    where org_id = $1 and connection_id = $2`,
};

/** What came of reading the metadata of a provider. */
export interface MetadataCheck {
  readonly etag: string | undefined;
  /** Why it could not be read, in words. */
  readonly error: string | undefined;
  /** Seconds until it is read again; undefined: as many as the last time. */
  readonly refreshIn: number | undefined;
}

export async function recordMetadataCheck(
  db: Executor,
  org: OrgId,
  id: ConnectionId,
  { etag, error, refreshIn }: MetadataCheck,
  at: string,
): Promise<void> {
  await db.query(note, [org, id, at, etag ?? null, truncate(error, 1_000) ?? null, refreshIn ?? null]);
}

const forget: Statement = {
  name: 'sso-metadata-forget',
  text: `update sso_connections set metadata_checked_at = null, metadata_etag = null, metadata_error = null,
      metadata_due_at = null
    where org_id = $1 and connection_id = $2`,
};

/** The metadata is read from no address any more, or from another. */
export async function forgetMetadataChecks(tx: Executor, org: OrgId, id: ConnectionId): Promise<void> {
  await tx.query(forget, [org, id]);
}

/** Due metadata of active connections; that of others is read on an administrator's request. */
const due: Statement = {
  name: 'sso-metadata-due',
  text: `select org_id, connection_id, settings ->> 'metadataUrl' as url, settings ->> 'entityId' as entity_id,
      metadata_etag as etag
    from sso_connections
    where state = 'active' and settings ->> 'metadataUrl' is not null
      and (metadata_due_at is null or metadata_due_at <= $1)
    order by metadata_due_at nulls first limit $2`,
};

export interface DueMetadata {
  readonly org_id: OrgId;
  readonly connection_id: ConnectionId;
  readonly url: string;
  readonly entity_id: string;
  readonly etag: string | null;
}

/** Some of the connections, of any organization, whose metadata is to be read again. @param now ISO 8601 */
export function findDueMetadata(db: Executor, now: string, limit: number): Promise<DueMetadata[]> {
  return db.query<DueMetadata>(due, [now, limit]);
}
