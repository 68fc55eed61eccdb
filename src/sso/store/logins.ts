import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { displayNameOf, hasManagedRole, lockHolds } from '../../directory/store/fragments.ts';
import type { AddressVariants } from '../../directory/users/rules/address-variants.ts';
import type { Role, UserSource } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { LinkCandidate } from '../rules/account-linking.ts';

/**
 * The users that an identity may belong to. Their rows are locked until the transaction ends, so that a concurrent
 * deactivation is either seen here or ends the new session.
 */
const candidates: Statement = {
  name: 'arrival-candidates',
  text: `with ids as (
      select user_id as id from identities where org_id = $1 and connection_id = $2 and subject in ($3, $7)
      union
      select user_id from user_links where org_id = $1 and external_id = $4 and connection_id = $2
      union
      select id from users where org_id = $1 and user_name_key = any($5::text[])
      union
      select id from users where org_id = $1 and email_key = any($5::text[])
      union
      select k.user_id from user_email_keys k where k.org_id = $1 and k.email_key = any($5::text[]) and exists (
        select from users s where s.org_id = $1 and s.id = k.user_id and s.shared_email_key is not null
      )
    )
    select u.id, u.status, u.role, u.owner, u.source, u.version, u.deleted_at is not null as deleted,
      ${lockHolds('$6')} as locked, ${displayNameOf('u')} as name, coalesce(u.email, u.user_name) as email,
      coalesce(u.user_name_key = any($5::text[]) or coalesce(u.email_key, u.shared_email_key) = any($5::text[]), false)
        as "byEmail",
      u.shared_email_key is not null as "sharesAddress",
      coalesce(l.external_id = $4, false) as "byExternalId",
      l.user_id is not null as "provisionedHere", l.external_id as "externalIdHere",
      (select i.subject from identities i where i.org_id = $1 and i.user_id = u.id and i.connection_id = $2) as "subjectHere",
      exists (select from user_links o where o.org_id = $1 and o.user_id = u.id) as managed,
      ${hasManagedRole('u')} as "roleManaged",
      exists (select from invitations v where v.org_id = $1 and v.user_id = u.id
        and v.accepted_at is null and v.revoked_at is null and v.expires_at > $6) as invited
    from users u left join user_links l on l.org_id = $1 and l.user_id = u.id and l.connection_id = $2
    where u.org_id = $1 and u.id in (select id from ids) for update of u`,
};

/** A candidate with what a sign-in changes. */
export interface LoginCandidate extends LinkCandidate {
  readonly role: Role;
  readonly source: UserSource;
  readonly version: number;
  readonly name: string | null;
  readonly email: string;
  readonly byEmail: boolean;
  readonly byExternalId: boolean;
  /** Whether any connection provisions the user: then name and status are the directory's. */
  readonly managed: boolean;
  /** Whether SCIM's `roles` set the direct role, which sign-ins then leave alone. */
  readonly roleManaged: boolean;
}

/** What an identity may be found by. */
export interface LoginNames {
  readonly subject: string;
  readonly subjectAsSent: string;
  readonly externalId: string;
  readonly address: AddressVariants;
}

export function findLinkCandidates(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  { subject, subjectAsSent, externalId, address }: LoginNames,
  at: string,
): Promise<LoginCandidate[]> {
  const values = [org, connection, subject, externalId, address.spellings, at, subjectAsSent];
  return tx.query<LoginCandidate>(candidates, values);
}

const facts: Statement = {
  name: 'arrival-facts',
  text: `select
      exists (select from scim_tokens t where t.org_id = $1 and t.connection_id = $2 and t.last_used_at is not null) as "scimUsed",
      exists (select from group_links g where g.org_id = $1 and g.connection_id = $2) as "scimPushesGroups",
      exists (select from sso_domains d where d.org_id = $1 and d.domain = $3 and d.connection_id = $2
        and d.verified_at is not null) as "domainVerified",
      exists (select from verified_domains v where v.domain = $3) as "domainClaimed"`,
};

export interface LoginFacts {
  readonly scimUsed: boolean;
  readonly scimPushesGroups: boolean;
  /** Whether this connection has proved the domain; and whether any has, of whichever organization. */
  readonly domainVerified: boolean;
  readonly domainClaimed: boolean;
}

/** Further facts that decide a login. @param domain of the address; undefined if there is none */
export async function findLoginFacts(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  domain: string | undefined,
): Promise<LoginFacts> {
  const [row] = await tx.query<LoginFacts>(facts, [org, connection, domain ?? null]);
  return row as LoginFacts;
}

/** Tags sort between the plus sign and the comma behind it: a range of the index. */
const inactiveVariant: Statement = {
  name: 'arrival-inactive-variant',
  text: `select exists (
      select from unnest($2::text[]) as v (address),
        lateral (select split_part(address, '@', 1) as local, split_part(address, '@', 2) as domain) as p
      join users u on u.org_id = $1 and u.status = 'inactive' and (
        u.email_key = p.local || '@' || p.domain or u.user_name_key = p.local || '@' || p.domain
        or (u.email_key >= p.local || '+' and u.email_key < p.local || ',' and split_part(u.email_key, '@', 2) = p.domain)
        or (u.user_name_key >= p.local || '+' and u.user_name_key < p.local || ','
          and split_part(u.user_name_key, '@', 2) = p.domain)
      )
    ) or exists (
      select from unnest($2::text[]) as v (address),
        lateral (select split_part(address, '@', 1) as local, split_part(address, '@', 2) as domain) as p
      join user_email_keys k on k.org_id = $1 and (
        k.email_key = p.local || '@' || p.domain
        or (k.email_key >= p.local || '+' and k.email_key < p.local || ',' and split_part(k.email_key, '@', 2) = p.domain)
      )
      join users u on u.org_id = $1 and u.id = k.user_id and u.status = 'inactive' and u.shared_email_key = k.email_key
    ) as held`,
};

/** Whether an inactive user has the address of a user who is to be created, but for a tag. */
export async function hasInactiveVariant(
  tx: Executor,
  org: OrgId,
  { untagged }: AddressVariants,
): Promise<boolean> {
  if (untagged.length === 0) return false;
  return (await tx.query<{ held: boolean }>(inactiveVariant, [org, untagged]))[0]?.held === true;
}

const acceptAll: Statement = {
  name: 'arrival-accept-invitations',
  text: `update invitations set accepted_at = $3 where org_id = $1 and user_id = $2
    and accepted_at is null and revoked_at is null returning id`,
};

/** Uses up the invitation of a user who came by single sign-on (R53). @returns whether there was one */
export async function acceptInvitationsOf(
  tx: Executor,
  org: OrgId,
  user: UserId,
  at: string,
): Promise<boolean> {
  return (await tx.query(acceptAll, [org, user, at])).length > 0;
}
