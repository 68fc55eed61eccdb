import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import { isReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const columns = `domain, connection_id as connection, token, enforced, created_at as "createdAt",
  checked_at as "checkedAt", missing_at as "missingAt", verified_at as "verifiedAt"`;

/** A domain whose users sign in through a connection, once it is verified. */
export interface SsoDomain {
  readonly domain: string;
  readonly connection: ConnectionId;
  /** The required value of the DNS record. */
  readonly token: string;
  readonly enforced: boolean;
  readonly createdAt: string;
  /** When the record was last looked for. */
  readonly checkedAt: string | null;
  /** Since when the record of a verified domain has not been found. */
  readonly missingAt: string | null;
  readonly verifiedAt: string | null;
}

const listOfConnection: Statement = {
  name: 'sso-domains-of-connection',
  text: `select ${columns} from sso_domains where org_id = $1 and connection_id = $2 order by domain`,
};

export function listSsoDomains(db: Executor, org: OrgId, connection: ConnectionId): Promise<SsoDomain[]> {
  return db.query<SsoDomain>(listOfConnection, [org, connection]);
}

const listOfOrganization: Statement = {
  name: 'sso-domains-of-organization',
  text: `select ${columns} from sso_domains where org_id = $1 order by domain`,
};

/** Those of every connection. */
export function listAllSsoDomains(db: Executor, org: OrgId): Promise<SsoDomain[]> {
  return db.query<SsoDomain>(listOfOrganization, [org]);
}

const remove: Statement = {
  name: 'sso-domain-remove',
  text: 'delete from sso_domains where org_id = $1 and domain = $2',
};
const free: Statement = {
  name: 'verified-domain-free',
  text: 'delete from verified_domains where domain = $2 and org_id = $1',
};

/** Removes a domain; if it was verified, anybody may verify it now. */
export async function removeSsoDomain(tx: Executor, org: OrgId, domain: string): Promise<void> {
  await tx.query(remove, [org, domain]);
  await tx.query(free, [org, domain]);
}

const insert: Statement = {
  name: 'sso-domain-insert',
  text: 'insert into sso_domains (org_id, domain, connection_id, token, created_at) values ($1, $2, $3, $4, $5)',
};

/** Adds a domain that is still to be verified. */
export async function insertSsoDomain(
  tx: Executor,
  org: OrgId,
  {
    domain,
    connection,
    token,
  }: { readonly domain: string; readonly connection: ConnectionId; readonly token: string },
  at: string,
): Promise<void> {
  await tx.query(insert, [org, domain, connection, token, at]);
}

const enforce: Statement = {
  name: 'sso-domain-enforce',
  text: 'update sso_domains set enforced = $3 where org_id = $1 and domain = $2',
};

export async function writeEnforced(
  tx: Executor,
  org: OrgId,
  domain: string,
  enforced: boolean,
): Promise<void> {
  await tx.query(enforce, [org, domain, enforced]);
}

const claim: Statement = {
  name: 'verified-domain-claim',
  text: 'insert into verified_domains (domain, org_id) values ($2, $1) on conflict (domain) do nothing',
};
const ownerOf: Statement = {
  name: 'verified-domain-owner',
  text: 'select exists (select from verified_domains where domain = $2 and org_id = $1) as ours',
};

/** A domain is verified by one organization only; a concurrent claim waits for the first. @returns whether it is ours */
export async function claimDomain(tx: Executor, org: OrgId, domain: string): Promise<boolean> {
  await tx.query(claim, [org, domain]);
  const [row] = await tx.query<{ ours: boolean }>(ownerOf, [org, domain]);
  return row?.ours === true;
}

const found: Statement = {
  name: 'sso-domain-found',
  text: `update sso_domains set verified_at = coalesce(verified_at, $3), checked_at = $3, missing_at = null
    where org_id = $1 and domain = $2`,
};

/** The record is there: the domain is verified. */
export async function recordDomainFound(tx: Executor, org: OrgId, domain: string, at: string): Promise<void> {
  await tx.query(found, [org, domain, at]);
}

const checked: Statement = {
  name: 'sso-domain-checked',
  text: `update sso_domains set checked_at = $3, missing_at = case when $4 then coalesce(missing_at, $3) else missing_at end
    where org_id = $1 and domain = $2`,
};

/** The record was looked for, and not found. @param missing whether it is not there, or DNS did not answer */
export async function recordDomainNotFound(
  tx: Executor,
  org: OrgId,
  domain: string,
  missing: boolean,
  at: string,
): Promise<void> {
  await tx.query(checked, [org, domain, at, missing]);
}

/** Once a week; while the record is missing, every day. */
const due: Statement = {
  name: 'sso-domains-due',
  text: `select org_id as org, ${columns} from sso_domains
    where verified_at is not null and ${isReal('org_id')}
      and checked_at <= $1::timestamptz - case when missing_at is null then interval '7 days' else interval '1 day' end
    order by checked_at limit $2`,
};

/** Some of the verified domains, of any organization, that are to be looked at again. @param now ISO 8601 */
export function findDueDomains(
  db: Executor,
  now: string,
  limit: number,
): Promise<(SsoDomain & { readonly org: OrgId })[]> {
  return db.query(due, [now, limit]);
}
