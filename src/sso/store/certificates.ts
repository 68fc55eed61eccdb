import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { truncate } from '../../platform/truncate.ts';
import type { ProviderCertificate } from '../administration/provider-reader.ts';

export type CertificateSource = 'upload' | 'metadata';

/** A certificate with which the provider of a connection signs. */
export interface SsoCertificate {
  readonly fingerprint: string;
  readonly pem: string;
  readonly subject: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly source: CertificateSource;
  readonly addedAt: string;
  readonly lastUsedAt: string | null;
}

const list: Statement = {
  name: 'sso-certificates-list',
  text: `select fingerprint, pem, subject, not_before as "notBefore", not_after as "notAfter", source,
      added_at as "addedAt", last_used_at as "lastUsedAt" from sso_certificates
    where org_id = $1 and connection_id = $2 order by added_at, fingerprint`,
};

/** The oldest first. */
export function listSsoCertificates(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
): Promise<SsoCertificate[]> {
  return db.query<SsoCertificate>(list, [org, connection]);
}

const insert: Statement = {
  name: 'sso-certificate-insert',
  text: `insert into sso_certificates (org_id, connection_id, fingerprint, pem, subject, not_before, not_after, source, added_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (org_id, connection_id, fingerprint) do nothing returning fingerprint`,
};

/** @returns false if the connection has it already */
export async function insertSsoCertificate(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  { fingerprint, pem, subject, notBefore, notAfter }: ProviderCertificate,
  source: CertificateSource,
  at: string,
): Promise<boolean> {
  const values = [
    org,
    connection,
    fingerprint,
    pem,
    truncate(subject, 1_000),
    notBefore,
    notAfter,
    source,
    at,
  ];
  return (await tx.query(insert, values)).length > 0;
}

const remove: Statement = {
  name: 'sso-certificate-remove',
  text: `delete from sso_certificates where org_id = $1 and connection_id = $2 and fingerprint = $3`,
};

export async function removeSsoCertificate(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  fingerprint: string,
): Promise<void> {
  await tx.query(remove, [org, connection, fingerprint]);
}
