import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { SsoProtocol, SsoState } from '../settings.ts';

/** Without an organization, since this is where one begins: an address of ours names the connection. */
const byId: Statement = {
  name: 'sso-connection-to-sign-on',
  text: `select s.org_id as org, s.connection_id as connection, c.name, o.name as organization, s.protocol, s.state, s.version,
      s.settings, s.provisioning, s.sealed_secret as "sealedSecret",
      coalesce((select json_agg(json_build_object('fingerprint', x.fingerprint, 'pem', x.pem) order by x.added_at desc)
        from sso_certificates x where x.org_id = s.org_id and x.connection_id = s.connection_id), '[]') as certificates,
      coalesce((select json_agg(json_build_object('id', k.id, 'use', k.use, 'sealed', k.sealed_private_key,
          'certificate', k.certificate) order by k.created_at desc, k.id desc)
        from sso_keys k where k.org_id = s.org_id and k.connection_id = s.connection_id
          and (k.retires_at is null or k.retires_at > $2)), '[]') as keys
    from sso_connections s join connections c on c.org_id = s.org_id and c.id = s.connection_id
    join organizations o on o.id = s.org_id
    where s.connection_id = $1 and o.demonstration_of is null`,
};

export interface StoredLoginConnection {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly name: string;
  readonly organization: string;
  readonly protocol: SsoProtocol;
  readonly state: SsoState;
  readonly version: number;
  readonly settings: unknown;
  readonly provisioning: unknown;
  readonly sealedSecret: string | null;
  readonly certificates: readonly { readonly fingerprint: string; readonly pem: string }[];
  readonly keys: readonly {
    readonly id: string;
    readonly use: 'signing' | 'encryption';
    readonly sealed: string;
    readonly certificate: string;
  }[];
}

/** @param now ISO 8601; keys that have retired by then are left out */
export async function findLoginConnection(
  db: Executor,
  id: ConnectionId,
  now: string,
): Promise<StoredLoginConnection | undefined> {
  return (await db.query<StoredLoginConnection>(byId, [id, now]))[0];
}

const version: Statement = {
  name: 'sso-connection-version',
  text: 'select version from sso_connections where org_id = $1 and connection_id = $2',
};

/** @returns undefined if the connection is gone */
export async function findSsoVersion(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
): Promise<number | undefined> {
  return (await tx.query<{ version: number }>(version, [org, id]))[0]?.version;
}

const byDomain: Statement = {
  name: 'sso-connection-by-domain',
  text: `select d.org_id as org, d.connection_id as connection, d.enforced from verified_domains v
    join sso_domains d on d.org_id = v.org_id and d.domain = v.domain and d.verified_at is not null
    join sso_connections s on s.org_id = d.org_id and s.connection_id = d.connection_id and s.state = 'active'
    where v.domain = $1`,
};

export interface ConnectionOfDomain {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly enforced: boolean;
}

/** The connection that a domain's users sign in through, of whichever organization has proved the domain. */
export async function findConnectionOfDomain(
  db: Executor,
  domain: string,
): Promise<ConnectionOfDomain | undefined> {
  return (await db.query<ConnectionOfDomain>(byDomain, [domain]))[0];
}

const enforced: Statement = {
  name: 'sso-domain-enforced',
  text: `select exists (select from sso_domains d
    join sso_connections s on s.org_id = d.org_id and s.connection_id = d.connection_id and s.state = 'active'
    where d.org_id = $1 and d.domain = $2 and d.enforced and d.verified_at is not null) as held`,
};

/** Whether users of a domain sign in through their provider only (R143). */
export async function domainIsEnforced(db: Executor, org: OrgId, domain: string): Promise<boolean> {
  const [row] = await db.query<{ held: boolean }>(enforced, [org, domain]);
  return row?.held === true;
}

const used: Statement = {
  name: 'sso-certificate-used',
  text: `update sso_certificates set last_used_at = $4 where org_id = $1 and connection_id = $2 and fingerprint = $3
    and (last_used_at is null or last_used_at < $4::timestamptz - interval '1 minute')`,
};

/** To the minute, so that a busy connection does not write the same row with every sign-in. */
export async function recordCertificateUse(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  fingerprint: string,
  at: string,
): Promise<void> {
  await tx.query(used, [org, connection, fingerprint, at]);
}
