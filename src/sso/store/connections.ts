import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import { isReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { truncate } from '../../platform/truncate.ts';
import type { SsoProtocol, SsoProvider, SsoState } from '../settings.ts';

const columns = `s.connection_id as id, c.name, s.protocol, s.provider, s.state, s.settings, s.provisioning,
    s.sealed_secret is not null as "hasSecret", s.staged, s.metadata_checked_at as "metadataCheckedAt",
    s.metadata_error as "metadataError", s.tested_at as "testedAt", s.version, s.created_at as "createdAt",
    greatest(s.updated_at, s.changed_at) as "updatedAt",
    exists (select from scim_tokens t where t.org_id = s.org_id and t.connection_id = s.connection_id) as "hasScim"`;
const source = `sso_connections s join connections c on c.org_id = s.org_id and c.id = s.connection_id`;

export interface StoredSsoConnection {
  readonly id: ConnectionId;
  readonly name: string;
  readonly protocol: SsoProtocol;
  readonly provider: SsoProvider;
  readonly state: SsoState;
  readonly settings: unknown;
  readonly provisioning: unknown;
  readonly hasSecret: boolean;
  readonly staged: unknown;
  readonly metadataCheckedAt: string | null;
  readonly metadataError: string | null;
  readonly testedAt: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Whether SCIM provisions through it, or has. */
  readonly hasScim: boolean;
}

const byId: Statement = {
  name: 'sso-connection-by-id',
  text: `select ${columns} from ${source} where s.org_id = $1 and s.connection_id = $2`,
};

export async function findSsoConnection(
  db: Executor,
  org: OrgId,
  id: ConnectionId,
): Promise<StoredSsoConnection | undefined> {
  return (await db.query<StoredSsoConnection>(byId, [org, id]))[0];
}

const list: Statement = {
  name: 'sso-connection-list',
  text: `select ${columns} from ${source} where s.org_id = $1 order by s.connection_id`,
};

/** All connections of an organization that sign users in; commands see to it that they are few. */
export function listSsoConnections(db: Executor, org: OrgId): Promise<StoredSsoConnection[]> {
  return db.query<StoredSsoConnection>(list, [org]);
}

const nameOf: Statement = {
  name: 'connection-exists',
  text: 'select name from connections where org_id = $1 and id = $2',
};

/** Whether the organization has a connection of this id, whatever it does. */
export async function connectionExists(db: Executor, org: OrgId, id: ConnectionId): Promise<boolean> {
  return (await db.query(nameOf, [org, id])).length > 0;
}

const rename: Statement = {
  name: 'connection-rename',
  text: 'update connections set name = $3 where org_id = $1 and id = $2',
};

export async function renameConnection(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  name: string,
): Promise<void> {
  await tx.query(rename, [org, id, name]);
}

const insert: Statement = {
  name: 'sso-connection-insert',
  text: `insert into sso_connections (org_id, connection_id, protocol, provider, settings, sealed_secret, created_at, updated_at)
    values ($1, $2, $3, $4, $5::jsonb, $6, $7, $7)`,
};

interface NewSsoConnection {
  readonly id: ConnectionId;
  readonly protocol: SsoProtocol;
  readonly provider: SsoProvider;
  readonly settings: object;
  readonly sealedSecret: string | undefined;
}

/** Adds single sign-on, as a draft, to a connection that is there. */
export async function insertSsoConnection(
  tx: Executor,
  org: OrgId,
  { id, protocol, provider, settings, sealedSecret }: NewSsoConnection,
  at: string,
): Promise<void> {
  await tx.query(insert, [org, id, protocol, provider, JSON.stringify(settings), sealedSecret ?? null, at]);
}

const rewrite: Statement = {
  name: 'sso-connection-rewrite',
  text: `update sso_connections set provider = $3, settings = $4::jsonb,
      sealed_secret = case when $5 then $6 else sealed_secret end
    where org_id = $1 and connection_id = $2`,
};

/** Writes what is known of the provider. @param secret sealed; null takes it away, undefined leaves it */
export async function rewriteSsoConnection(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  { provider, settings }: Pick<NewSsoConnection, 'provider' | 'settings'>,
  secret?: string | null,
): Promise<void> {
  const values = [org, id, provider, JSON.stringify(settings), secret !== undefined, secret ?? null];
  await tx.query(rewrite, values);
}

const provision: Statement = {
  name: 'sso-connection-provisioning',
  text: 'update sso_connections set provisioning = $3::jsonb where org_id = $1 and connection_id = $2',
};

export async function writeProvisioning(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  provisioning: object,
): Promise<void> {
  await tx.query(provision, [org, id, JSON.stringify(provisioning)]);
}

const setState: Statement = {
  name: 'sso-connection-state',
  text: 'update sso_connections set state = $3 where org_id = $1 and connection_id = $2',
};

export async function writeSsoState(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  state: SsoState,
): Promise<void> {
  await tx.query(setState, [org, id, state]);
}

const touch: Statement = {
  name: 'sso-connection-touch',
  text: `update sso_connections set version = version + 1, changed_at = $4,
      tested_at = case when $3 then null else tested_at end, updated_at = case when $3 then $4 else updated_at end
    where org_id = $1 and connection_id = $2`,
};

/** Counts a change. @param untests whether the change invalidates the last test */
export async function touchSsoConnection(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  untests: boolean,
  at: string,
): Promise<void> {
  await tx.query(touch, [org, id, untests, at]);
}

const stage: Statement = {
  name: 'sso-connection-stage',
  text: 'update sso_connections set staged = $3::jsonb where org_id = $1 and connection_id = $2',
};

/** Keeps what new metadata would change until an administrator decides; null: nothing. */
export async function writeStaged(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  staged: object | null,
): Promise<void> {
  await tx.query(stage, [org, id, staged === null ? null : JSON.stringify(staged)]);
}

const remove: Statement = {
  name: 'sso-connection-remove',
  text: 'delete from sso_connections where org_id = $1 and connection_id = $2',
};

const removeIdle: Statement = {
  name: 'connection-remove-idle',
  text: `delete from connections c where c.org_id = $1 and c.id = $2
    and not exists (select from scim_tokens t where t.org_id = $1 and t.connection_id = $2)
    and not exists (select from user_links u where u.org_id = $1 and u.connection_id = $2)
    and not exists (select from group_links g where g.org_id = $1 and g.connection_id = $2)`,
};

/** Removes single sign-on with all that belongs to it, and the connection itself unless SCIM uses it. */
export async function removeSsoConnection(tx: Executor, org: OrgId, id: ConnectionId): Promise<void> {
  await tx.query(remove, [org, id]);
  await tx.query(removeIdle, [org, id]);
}

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
  text: `select org_id as org, connection_id as connection, settings ->> 'metadataUrl' as url,
      settings ->> 'entityId' as "entityId", metadata_etag as etag
    from sso_connections
    where state = 'active' and settings ->> 'metadataUrl' is not null and ${isReal('org_id')}
      and (metadata_due_at is null or metadata_due_at <= $1)
    order by metadata_due_at nulls first limit $2`,
};

export interface DueMetadata {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly url: string;
  readonly entityId: string;
  readonly etag: string | null;
}

/** Some of the connections, of any organization, whose metadata is to be read again. @param now ISO 8601 */
export function findDueMetadata(db: Executor, now: string, limit: number): Promise<DueMetadata[]> {
  return db.query<DueMetadata>(due, [now, limit]);
}
