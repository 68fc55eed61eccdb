import type { ConnectionId, OrgId, UserId } from '../directory/ids.ts';
import { lockHolds } from '../directory/store/fragments.ts';
import { referenceTo } from '../directory/store/references.ts';
import type { Reference } from '../directory/users/reference.ts';
import type { Executor, Statement } from '../platform/db/statement.ts';

export type SetUpKind = 'sso' | 'scim';

/** A link as administrators see it; times are ISO 8601. */
export interface SetUpLinkRow {
  readonly id: string;
  readonly kind: SetUpKind;
  readonly connection: ConnectionId;
  readonly label: string;
  readonly mayActivate: boolean;
  readonly createdBy: Reference;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** When it was first used. */
  readonly openedAt: string | null;
  readonly revokedAt: string | null;
}

/** A link that works at this moment, with the user in whose name. */
export interface LiveLink
  extends Pick<SetUpLinkRow, 'id' | 'kind' | 'connection' | 'mayActivate' | 'expiresAt'> {
  readonly isOpened: boolean;
  readonly org: OrgId;
  readonly creator: UserId;
}

const kindSql = `case when l.sso_connection_id is null then 'scim' else 'sso' end as kind,
  coalesce(l.sso_connection_id, l.scim_connection_id) as connection`;

/**
 * A link works as long as the user who made it is active and was not deactivated since: it gives nothing that they could
 * not do, and does not come back with them.
 */
const isMakerActive = (now: string) => `u.status = 'active' and u.deleted_at is null and not ${lockHolds(now)}
    and (u.keys_from is null or l.created_at > u.keys_from)`;

const live = (now: string) => `select l.org_id as org, l.id, ${kindSql}, l.may_activate as "mayActivate",
    l.expires_at as "expiresAt", l.created_by as creator, l.opened_at is not null as "isOpened", l.hash
  from set_up_links l join users u on u.org_id = l.org_id and u.id = l.created_by
  where l.revoked_at is null and l.expires_at > ${now} and ${isMakerActive(now)}`;

const byHash: Statement = { name: 'set-up-link-by-hash', text: `${live('$2')} and l.hash = $1` };

/** Links with a hash of their token, of any organization. @param now ISO 8601 */
export function findLinksByHash(
  db: Executor,
  hash: Buffer,
  now: string,
): Promise<(LiveLink & { readonly hash: Buffer })[]> {
  return db.query(byHash, [hash, now]);
}

const byId: Statement = { name: 'set-up-link-live', text: `${live('$3')} and l.org_id = $1 and l.id = $2` };

/** @param now ISO 8601 @returns undefined if it is revoked, expired, or gone with its connection */
export async function findLiveLink(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<LiveLink | undefined> {
  return (await db.query<LiveLink>(byId, [org, id, now]))[0];
}

const list: Statement = {
  name: 'set-up-link-list',
  text: `select l.id, ${kindSql}, l.label, l.may_activate as "mayActivate", ${referenceTo('l.org_id', 'l.created_by')} as "createdBy",
      l.created_at as "createdAt", l.expires_at as "expiresAt", l.opened_at as "openedAt", l.revoked_at as "revokedAt"
    from set_up_links l
    where l.org_id = $1 and (($2 = 'sso' and l.sso_connection_id = $3) or ($2 = 'scim' and l.scim_connection_id = $3))
    order by l.id desc limit 200`,
};

/** Links of a connection, the newest first; those that work no more among them. */
export function listLinks(
  db: Executor,
  org: OrgId,
  kind: SetUpKind,
  connection: ConnectionId,
): Promise<SetUpLinkRow[]> {
  return db.query<SetUpLinkRow>(list, [org, kind, connection]);
}

const insert: Statement = {
  name: 'set-up-link-insert',
  text: `insert into set_up_links (org_id, id, sso_connection_id, scim_connection_id, label, hash, may_activate, created_by,
      created_at, expires_at)
    values ($1, $2, case when $3 = 'sso' then $4::uuid end, case when $3 = 'scim' then $4::uuid end, $5, $6, $7, $8, $9, $10)`,
};

export interface NewLink extends Pick<SetUpLinkRow, 'id' | 'kind' | 'connection' | 'label' | 'mayActivate'> {
  readonly hash: Buffer;
  readonly creator: UserId;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export async function insertLink(tx: Executor, org: OrgId, link: NewLink): Promise<void> {
  const { id, kind, connection, label, hash, mayActivate, creator, createdAt, expiresAt } = link;
  await tx.query(insert, [
    org,
    id,
    kind,
    connection,
    label,
    hash,
    mayActivate,
    creator,
    createdAt,
    expiresAt,
  ]);
}

const revoke: Statement = {
  name: 'set-up-link-revoke',
  text: `update set_up_links set revoked_at = $3, test_hash = null where org_id = $1 and id = $2 and revoked_at is null
    returning id`,
};

/** @returns false if it is revoked already @param at ISO 8601 */
export async function revokeLink(tx: Executor, org: OrgId, id: string, at: string): Promise<boolean> {
  return (await tx.query(revoke, [org, id, at])).length > 0;
}

const open: Statement = {
  name: 'set-up-link-open',
  text: `update set_up_links set opened_at = $3 where org_id = $1 and id = $2 and opened_at is null returning id`,
};

/** @returns whether this is its first use @param at ISO 8601 */
export async function openLink(tx: Executor, org: OrgId, id: string, at: string): Promise<boolean> {
  return (await tx.query(open, [org, id, at])).length > 0;
}

const writeTest: Statement = {
  name: 'set-up-link-test',
  text: 'update set_up_links set test_hash = $3, test_until = $4 where org_id = $1 and id = $2',
};

/** Remembers the code of a test sign-in; the one before works no more. @param until ISO 8601 */
export async function writeTestCode(
  tx: Executor,
  org: OrgId,
  id: string,
  hash: Buffer,
  until: string,
): Promise<void> {
  await tx.query(writeTest, [org, id, hash, until]);
}

const useTest: Statement = {
  name: 'set-up-link-use-test',
  text: `update set_up_links l set test_hash = null from users u
    where l.org_id = $1 and l.sso_connection_id = $2 and l.test_hash = $3 and l.test_until > $4
      and l.revoked_at is null and l.expires_at > $4
      and u.org_id = l.org_id and u.id = l.created_by and ${isMakerActive('$4')}
    returning l.id`,
};

/** Uses a code up. @param now ISO 8601 @returns whether it was one of a link of this connection */
export async function useTestCode(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  hash: Buffer,
  now: string,
): Promise<boolean> {
  return (await db.query(useTest, [org, connection, hash, now])).length > 0;
}
