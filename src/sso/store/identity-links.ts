import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { translateConstraints } from '../../directory/store/constraint-errors.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { LinkedBy } from '../rules/account-linking.ts';
import type { SsoProtocol } from '../settings.ts';

/** What a connection calls a user. */
export interface IdentityRow {
  readonly connection_id: ConnectionId;
  readonly connection_name: string;
  readonly protocol: SsoProtocol;
  readonly subject: string;
  readonly linked_by: LinkedBy;
  readonly linked_at: string;
  readonly last_used_at: string | null;
}

const list: Statement = {
  name: 'identity-list',
  text: `select i.connection_id, c.name as connection_name, s.protocol, i.subject, i.linked_by, i.linked_at, i.last_used_at
    from identities i join connections c on c.org_id = i.org_id and c.id = i.connection_id
    join sso_connections s on s.org_id = i.org_id and s.connection_id = i.connection_id
    where i.org_id = $1 and i.user_id = $2 order by i.linked_at, i.connection_id`,
};

export function listIdentities(db: Executor, org: OrgId, user: UserId): Promise<IdentityRow[]> {
  return db.query<IdentityRow>(list, [org, user]);
}

const insert: Statement = {
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
  await translateConstraints(tx.query(insert, [org, connection, subject, user, at]));
}

const remove: Statement = {
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
  return (await tx.query<{ subject: string }>(remove, [org, user, connection]))[0]?.subject;
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
