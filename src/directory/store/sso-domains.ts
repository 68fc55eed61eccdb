import type { Executor, Statement } from '../../platform/statement.ts';
import type { ConnectionId, OrgId } from '../ids.ts';

const columns = 'domain, connection_id, token, enforced, created_at, checked_at, missing_at, verified_at';

/** A domain whose people sign in through a connection, once it is verified. */
export interface SsoDomainRow {
  readonly domain: string;
  readonly connection_id: ConnectionId;
  /** What the DNS record has to say. */
  readonly token: string;
  readonly enforced: boolean;
  readonly created_at: string;
  /** When the record was last looked for. */
  readonly checked_at: string | null;
  /** Since when the record of a verified domain has not been found. */
  readonly missing_at: string | null;
  readonly verified_at: string | null;
}

const listOfConnection: Statement = {
  name: 'sso-domains-of-connection',
  text: `select ${columns} from sso_domains where org_id = $1 and connection_id = $2 order by domain`,
};

export function listSsoDomains(db: Executor, org: OrgId, connection: ConnectionId): Promise<SsoDomainRow[]> {
  return db.query<SsoDomainRow>(listOfConnection, [org, connection]);
}

const listOfOrganization: Statement = {
  name: 'sso-domains-of-organization',
  text: `select ${columns} from sso_domains where org_id = $1 order by domain`,
};

/** Those of every connection. */
export function listAllSsoDomains(db: Executor, org: OrgId): Promise<SsoDomainRow[]> {
  return db.query<SsoDomainRow>(listOfOrganization, [org]);
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
