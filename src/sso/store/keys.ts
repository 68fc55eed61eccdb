import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

export type SsoKeyUse = 'signing' | 'encryption';

/** A key of ours without its private part. */
export interface SsoKey {
  readonly id: string;
  readonly use: SsoKeyUse;
  readonly certificate: string;
  readonly createdAt: string;
  /** Until when it stays valid beside its successor. */
  readonly retiresAt: string | null;
}

const list: Statement = {
  name: 'sso-keys-list',
  text: `select id, use, certificate, created_at as "createdAt", retires_at as "retiresAt" from sso_keys
    where org_id = $1 and connection_id = $2 and (retires_at is null or retires_at > $3)
    order by use desc, created_at, id`,
};

/** The keys in use, the oldest of each use first. @param now ISO 8601 */
export function listSsoKeys(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  now: string,
): Promise<SsoKey[]> {
  return db.query<SsoKey>(list, [org, connection, now]);
}

const insert: Statement = {
  name: 'sso-key-insert',
  text: `insert into sso_keys (org_id, connection_id, id, use, sealed_private_key, certificate, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)`,
};

export interface NewSsoKey {
  readonly id: string;
  readonly use: SsoKeyUse;
  readonly sealedPrivateKey: string;
  readonly certificate: string;
}

export async function insertSsoKey(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  { id, use, sealedPrivateKey, certificate }: NewSsoKey,
  at: string,
): Promise<void> {
  await tx.query(insert, [org, connection, id, use, sealedPrivateKey, certificate, at]);
}

const retire: Statement = {
  name: 'sso-key-retire',
  text: 'update sso_keys set retires_at = $4 where org_id = $1 and connection_id = $2 and id = $3',
};

/** Sets until when a key stays valid. @param until ISO 8601 */
export async function retireSsoKey(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: string,
  until: string,
): Promise<void> {
  await tx.query(retire, [org, connection, id, until]);
}

const removeRetired: Statement = {
  name: 'sso-keys-remove-retired',
  text: `delete from sso_keys where org_id = $1 and connection_id = $2 and retires_at <= $3 returning id, use`,
};

/** Deletes the keys whose time has ended, private parts and all. @returns which */
export function removeRetiredKeys(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  now: string,
): Promise<{ id: string; use: SsoKeyUse }[]> {
  return tx.query(removeRetired, [org, connection, now]);
}

const withRetired: Statement = {
  name: 'sso-keys-with-retired',
  text: 'select distinct org_id as org, connection_id as connection from sso_keys where retires_at <= $1 limit 200',
};

/** Connections, of any organization, that have keys whose time has ended. @param now ISO 8601 */
export function findConnectionsWithRetiredKeys(
  db: Executor,
  now: string,
): Promise<{ org: OrgId; connection: ConnectionId }[]> {
  return db.query(withRetired, [now]);
}
