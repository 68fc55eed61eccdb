import { isMemberOf } from '../directory/groups/store/membership-sql.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { displayNameOf, isMailedToAddress, mailedKey } from '../directory/store/fragments.ts';
import { referenceTo } from '../directory/store/references.ts';
import type { Reference } from '../directory/users/reference.ts';
import type { UserStatus } from '../directory/users/user.ts';
import type { Database } from '../platform/db/database.ts';
import { builder, type IdPage, pageById, runQuery } from '../platform/db/query-builder.ts';
import type { Executor, Statement } from '../platform/db/statement.ts';

const insert: Statement = {
  name: 'invitation-insert',
  text: `insert into invitations (org_id, id, user_id, hash, invited_by, job_function, reason, created_at, expires_at,
      mail_id, email_key)
    select $1, $2, u.id, $4, $5, $6, $7, $8, $9, $10, ${mailedKey} from users u where u.org_id = $1 and u.id = $3`,
};

export interface NewInvitation {
  readonly id: string;
  readonly user: UserId;
  readonly hash: Buffer;
  /** The job that mails it. */
  readonly mail: string;
  readonly invitedBy: UserId;
  readonly jobFunction: string | undefined;
  readonly reason: string | undefined;
  readonly expiresAt: string;
}

export async function insertInvitation(
  tx: Executor,
  org: OrgId,
  invitation: NewInvitation,
  at: string,
): Promise<void> {
  const { id, user, hash, mail, invitedBy, jobFunction, reason, expiresAt } = invitation;
  await tx.query(insert, [
    org,
    id,
    user,
    hash,
    invitedBy,
    jobFunction ?? null,
    reason ?? null,
    at,
    expiresAt,
    mail,
  ]);
}

const byId: Statement = {
  name: 'invitation-by-id',
  text: `select id, user_id as "user", expires_at as "expiresAt", accepted_at as "acceptedAt", revoked_at as "revokedAt"
    from invitations where org_id = $1 and id = $2`,
};

/** An invitation. Times are ISO 8601. */
export interface Invitation {
  readonly id: string;
  readonly user: UserId;
  readonly expiresAt: string;
  readonly acceptedAt: string | null;
  readonly revokedAt: string | null;
}

export async function findInvitation(tx: Executor, org: OrgId, id: string): Promise<Invitation | undefined> {
  return (await tx.query<Invitation>(byId, [org, id]))[0];
}

/** Without an organization, since this is where one begins: the hash tells it. */
const byHash: Statement = {
  name: 'invitation-by-hash',
  text: `select i.org_id as org, i.id, i.user_id as "user", i.expires_at as "expiresAt", i.accepted_at as "acceptedAt",
      i.revoked_at as "revokedAt", u.email, u.owner,
      ${displayNameOf('u')} as name, u.status, u.deleted_at is not null as deleted, o.name as organization,
      coalesce(${displayNameOf('b')}, b.email, b.user_name) as inviter,
      exists (select from user_links l where l.org_id = u.org_id and l.user_id = u.id) as managed
    from invitations i join organizations o on o.id = i.org_id
    join users u on u.org_id = i.org_id and u.id = i.user_id
    left join users b on b.org_id = i.org_id and b.id = i.invited_by
    where i.hash = $1 and (i.accepted_at is not null or (${isMailedToAddress('i')}))`,
};

/** An invitation and the user who is invited. */
export interface InvitationOfLink extends Invitation {
  readonly org: OrgId;
  readonly email: string;
  readonly owner: boolean;
  readonly name: string | null;
  readonly status: UserStatus;
  readonly deleted: boolean;
  readonly organization: string;
  readonly inviter: string | null;
  readonly managed: boolean;
}

/** The invitation whose link has this token. */
export async function findInvitationByHash(
  db: Executor,
  hash: Buffer,
): Promise<InvitationOfLink | undefined> {
  return (await db.query<InvitationOfLink>(byHash, [hash]))[0];
}

const renew: Statement = {
  name: 'invitation-renew',
  text: `update invitations i set hash = $3, expires_at = $4, mail_id = $5, sent_at = null, email_key = ${mailedKey}
    from users u
    where i.org_id = $1 and i.id = $2 and u.org_id = $1 and u.id = i.user_id`,
};

/** Gives an invitation another link, another end and another mail: the old link is dead by that. */
export async function renewInvitation(
  tx: Executor,
  org: OrgId,
  id: string,
  { hash, expiresAt, mail }: Pick<NewInvitation, 'hash' | 'expiresAt' | 'mail'>,
): Promise<void> {
  await tx.query(renew, [org, id, hash, expiresAt, mail]);
}

const sent: Statement = {
  name: 'invitation-sent',
  text: 'update invitations set sent_at = $4 where org_id = $1 and id = $2 and mail_id = $3',
};

/** Notes that the mail server accepted the mail of an invitation, unless another mail has replaced it. */
export async function markInvitationSent(
  db: Executor,
  org: OrgId,
  id: string,
  mail: string,
  at: string,
): Promise<void> {
  await db.query(sent, [org, id, mail, at]);
}

const accept: Statement = {
  name: 'invitation-accept',
  text: `update invitations i set accepted_at = $4 from users u
    where i.org_id = $1 and i.id = $2 and i.hash = $3
      and i.accepted_at is null and i.revoked_at is null and i.expires_at > $4
      and u.org_id = $1 and u.id = i.user_id and ${isMailedToAddress('i')} returning i.id`,
};

/** @returns false if it was used, sent again or taken back meanwhile, or the user has another address */
export async function acceptInvitationRow(
  tx: Executor,
  org: OrgId,
  id: string,
  hash: Buffer,
  at: string,
): Promise<boolean> {
  return (await tx.query(accept, [org, id, hash, at])).length > 0;
}

const revoke: Statement = {
  name: 'invitation-revoke',
  text: 'update invitations set revoked_at = $3 where org_id = $1 and id = $2',
};

export async function revokeInvitationRow(tx: Executor, org: OrgId, id: string, at: string): Promise<void> {
  await tx.query(revoke, [org, id, at]);
}

const invited: Statement = {
  name: 'invitation-waits',
  text: `select exists (
      select from invitations where org_id = $1 and user_id = $2 and accepted_at is null and revoked_at is null
    ) and not exists (select from user_links where org_id = $1 and user_id = $2)
      and not exists (select from user_passwords where org_id = $1 and user_id = $2) as waits`,
};

/** Whether an invitation is all that a user came by, and was neither used nor taken back, expired or not. */
export async function isInvited(db: Executor, org: OrgId, user: UserId): Promise<boolean> {
  const [row] = await db.query<{ waits: boolean }>(invited, [org, user]);
  return row?.waits === true;
}

const columns = `i.id, i.user_id as "user", u.email, ${displayNameOf('u')} as name, u.role, i.sent_at as "sentAt",
  i.expires_at as "expiresAt", case when i.sent_at is not null then 'sent'
    when j.id is null or j.dead_at is not null then 'failed' else 'queued' end as "mailStatus",
  case when i.sent_at is null then j.last_error end as "mailError",
  ${referenceTo('i.org_id', 'i.invited_by')} as inviter, i.job_function as "jobFunction", i.reason`;

export interface ListedInvitation {
  readonly id: string;
  readonly user: UserId;
  readonly email: string;
  readonly name: string | null;
  readonly role: string;
  /** Null until the mail server has accepted the mail. */
  readonly sentAt: string | null;
  readonly mailStatus: 'queued' | 'sent' | 'failed';
  /** What the last attempt failed with. */
  readonly mailError: string | null;
  readonly expiresAt: string;
  readonly inviter: Reference | null;
  readonly jobFunction: string | null;
  readonly reason: string | null;
}

/** Invitations that wait, the newest first; of all groups or of some. */
export function listInvitations(
  db: Database,
  org: OrgId,
  { groups, ...page }: IdPage & { readonly groups: readonly string[] | undefined },
): Promise<ListedInvitation[]> {
  const query = builder
    .select(builder.raw(columns))
    .fromRaw(
      `invitations i join users u on u.org_id = i.org_id and u.id = i.user_id
      left join jobs j on j.id = i.mail_id and j.org_id = i.org_id`,
    )
    .whereRaw(`i.org_id = $1 and i.accepted_at is null and i.revoked_at is null and u.status = 'pending'`)
    .whereNull('u.deleted_at');
  if (groups !== undefined) query.whereRaw(isMemberOf('?'), [[...groups]]);
  return runQuery<ListedInvitation>(db, [org], pageById(query, 'i.id', 'desc', page));
}
