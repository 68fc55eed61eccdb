import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { translateConstraints } from '../../directory/store/constraint-errors.ts';
import { isStillMailed, mailedKey } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { LinkedBy } from '../rules/account-linking.ts';
import type { SsoProtocol } from '../settings.ts';

const insert: Statement = {
  name: 'identity-insert',
  text: `insert into identities (org_id, connection_id, subject, user_id, linked_by, linked_at, last_used_at)
    values ($1, $2, $3, $4, $5, $6, $6)`,
};

/** What a connection calls a user. */
interface NewIdentity {
  readonly connection: ConnectionId;
  readonly subject: string;
  readonly user: UserId;
  readonly linkedBy: LinkedBy;
}

/** @throws DomainError `identity_taken` */
export async function insertIdentity(
  tx: Executor,
  org: OrgId,
  { connection, subject, user, linkedBy }: NewIdentity,
  at: string,
): Promise<void> {
  await translateConstraints(tx.query(insert, [org, connection, subject, user, linkedBy, at]));
}

const used: Statement = {
  name: 'identity-used',
  text: `update identities set last_used_at = $5, subject = $4
    where org_id = $1 and connection_id = $2 and subject = $3`,
};

/** When it is used, an identity is stored in the form in which it is compared. */
export async function recordIdentityUse(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  { known, subject }: { readonly known: string; readonly subject: string },
  at: string,
): Promise<void> {
  await tx.query(used, [org, connection, known, subject, at]);
}

const insertConfirmation: Statement = {
  name: 'identity-confirmation-insert',
  text: `insert into identity_confirmations (org_id, id, hash, connection_id, subject, user_id, created_at, expires_at,
      email_key)
    select $1, $2, $3, $4, $5, u.id, $7, $7::timestamptz + interval '1 hour', ${mailedKey} from users u
    where u.org_id = $1 and u.id = $6 and not exists (
      select from identity_confirmations where org_id = $1 and user_id = $6 and created_at > $7::timestamptz - interval '1 minute'
    ) returning expires_at as "expiresAt"`,
};

/** A user who has to confirm by mail that an identity is theirs. */
interface NewConfirmation {
  readonly id: string;
  readonly hash: Buffer;
  readonly connection: ConnectionId;
  readonly subject: string;
  readonly user: UserId;
}

/** @returns when it ends; undefined if one was made within the last minute: that mail is on its way */
export async function insertConfirmationRow(
  tx: Executor,
  org: OrgId,
  { id, hash, connection, subject, user }: NewConfirmation,
  at: string,
): Promise<string | undefined> {
  const values = [org, id, hash, connection, subject, user, at];
  return (await tx.query<{ expiresAt: string }>(insertConfirmation, values))[0]?.expiresAt;
}

/** Without an organization, since this is where one begins: the hash tells it. */
const byHash: Statement = {
  name: 'identity-confirmation-by-hash',
  text: `select c.org_id as org, c.id, c.connection_id as connection, c.subject, c.user_id as "user",
      o.name as organization, n.name as "connectionName", coalesce(u.email, u.user_name) as email
    from identity_confirmations c join organizations o on o.id = c.org_id
    join connections n on n.org_id = c.org_id and n.id = c.connection_id
    join sso_connections s on s.org_id = c.org_id and s.connection_id = c.connection_id and s.state = 'active'
    join users u on u.org_id = c.org_id and u.id = c.user_id and u.deleted_at is null and u.status = 'active'
    where c.hash = $1 and c.used_at is null and c.expires_at > $2 and ${isStillMailed('c', 'created_at')}`,
};

interface Confirmation {
  readonly org: OrgId;
  readonly id: string;
  readonly connection: ConnectionId;
  readonly subject: string;
  readonly user: UserId;
  readonly organization: string;
  readonly connectionName: string;
  readonly email: string;
}

/** @param now ISO 8601 @returns undefined if the link is unknown, used or over, or the connection is not switched on */
export async function findConfirmation(
  db: Executor,
  hash: Buffer,
  now: string,
): Promise<Confirmation | undefined> {
  return (await db.query<Confirmation>(byHash, [hash, now]))[0];
}

const useConfirmation: Statement = {
  name: 'identity-confirmation-use',
  text: `update identity_confirmations c set used_at = $3 from users u
    where c.org_id = $1 and c.id = $2 and c.used_at is null and u.org_id = $1 and u.id = c.user_id
      and u.deleted_at is null and u.status = 'active' and ${isStillMailed('c', 'created_at')} returning c.id`,
};

/** @returns false if it was used meanwhile, or the user has another address */
export async function useConfirmationRow(tx: Executor, org: OrgId, id: string, at: string): Promise<boolean> {
  return (await tx.query(useConfirmation, [org, id, at])).length > 0;
}

const forgetConfirmations: Statement = {
  name: 'identity-confirmations-forget',
  text: 'delete from identity_confirmations where org_id = $1 and connection_id = $2 and used_at is null',
};

/** Forgets what a connection has asked users: their answer would be to another question. */
export async function forgetConfirmationRows(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
): Promise<void> {
  await tx.query(forgetConfirmations, [org, connection]);
}

const connectionOfUser: Statement = {
  name: 'identity-connection-of-user',
  text: `select i.connection_id as connection from identities i
    join sso_connections s on s.org_id = i.org_id and s.connection_id = i.connection_id and s.state = 'active'
    where i.org_id = $1 and i.user_id = $2
    order by exists (
      select from sessions n where n.org_id = $1 and n.id = $3 and n.connection_id = i.connection_id
    ) desc, i.last_used_at desc nulls last limit 1`,
};

/** The connection through which a user signs in: the one that began the session, else the one used last. */
export async function findConnectionOf(
  db: Executor,
  org: OrgId,
  user: UserId,
  session: string,
): Promise<ConnectionId | undefined> {
  type Row = { readonly connection: ConnectionId };
  return (await db.query<Row>(connectionOfUser, [org, user, session]))[0]?.connection;
}

/** What a connection calls a user. */
export interface Identity {
  readonly connection: ConnectionId;
  readonly connectionName: string;
  readonly protocol: SsoProtocol;
  readonly subject: string;
  readonly linkedBy: LinkedBy;
  readonly linkedAt: string;
  readonly lastUsedAt: string | null;
}

const list: Statement = {
  name: 'identity-list',
  text: `select i.connection_id as connection, c.name as "connectionName", s.protocol, i.subject, i.linked_by as "linkedBy",
      i.linked_at as "linkedAt", i.last_used_at as "lastUsedAt"
    from identities i join connections c on c.org_id = i.org_id and c.id = i.connection_id
    join sso_connections s on s.org_id = i.org_id and s.connection_id = i.connection_id
    where i.org_id = $1 and i.user_id = $2 order by i.linked_at, i.connection_id`,
};

export function listIdentities(db: Executor, org: OrgId, user: UserId): Promise<Identity[]> {
  return db.query<Identity>(list, [org, user]);
}

const link: Statement = {
  name: 'identity-link',
  text: `insert into identities (org_id, connection_id, subject, user_id, linked_by, linked_at)
    values ($1, $2, $3, $4, 'admin', $5)`,
};

/** Links an identity that no one has used yet. @throws DomainError `identity_taken` */
export async function linkIdentity(
  tx: Executor,
  org: OrgId,
  { connection, subject, user }: Readonly<{ connection: ConnectionId; subject: string; user: UserId }>,
  at: string,
): Promise<void> {
  await translateConstraints(tx.query(link, [org, connection, subject, user, at]));
}

const unlink: Statement = {
  name: 'identity-unlink',
  text: 'delete from identities where org_id = $1 and user_id = $2 and connection_id = $3 returning subject',
};

/** @returns the subject; undefined if the user has no identity there */
export async function unlinkIdentity(
  tx: Executor,
  org: OrgId,
  user: UserId,
  connection: ConnectionId,
): Promise<string | undefined> {
  return (await tx.query<{ subject: string }>(unlink, [org, user, connection]))[0]?.subject;
}

const owners: Statement = {
  name: 'identity-owners',
  text: `select exists (select from users u join identities i on i.org_id = u.org_id and i.user_id = u.id
    where u.org_id = $1 and u.owner and i.connection_id = $2) as held`,
};

/** Whether a connection can sign an owner in. */
export async function ownersSignInThrough(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
): Promise<boolean> {
  const [row] = await tx.query<{ held: boolean }>(owners, [org, connection]);
  return row?.held === true;
}
