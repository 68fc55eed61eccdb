import type { Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { type CertificateSource, insertSsoCertificate, removeSsoCertificate } from '../store/certificates.ts';
import type { WholeSsoConnection } from './administered.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import type { ProviderCertificate, ProviderReader } from './providers.ts';

/** How many certificates a connection may have: each is tried with every sign-in. */
const MOST_CERTIFICATES = 20;

export interface CertificateCommands {
  /**
   * Trusts a certificate from now on; nothing changes if it was trusted before.
   * @param text PEM, or base64 of the DER
   * @throws Refusal `invalid_certificate`, `too_many`, `not_found`, `version_mismatch`, `forbidden`
   */
  add(
    by: Authority,
    id: ConnectionId,
    text: string,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /** @throws Refusal `last_certificate` of an active connection, `not_found`, `version_mismatch`, `forbidden` */
  remove(
    by: Authority,
    id: ConnectionId,
    fingerprint: string,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
}

/** Builds the commands about the certificates of a SAML provider (SSO.md §3.3). */
export function createCertificateCommands({
  providers,
  change,
}: {
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}): CertificateCommands {
  return {
    add: (by, id, text, ifMatch) =>
      change(by, id, ifMatch, async ({ work, before }) => {
        demandSaml(before);
        const added = await addCertificates(work, before, [providers.readCertificate(text)], 'upload');
        return added === 0 ? 'none' : 'changed';
      }),

    remove: (by, id, fingerprint, ifMatch) =>
      change(by, id, ifMatch, async ({ work, before }) => {
        if (!before.certificates.some((each) => each.fingerprint === fingerprint)) {
          throw notFound('sso_certificate');
        }
        if (before.state === 'active' && before.certificates.length === 1) {
          throw new Refusal(
            'last_certificate',
            'This is the last certificate of an active connection: add the next one first, or deactivate the connection.',
          );
        }
        await removeCertificates(work, id, [fingerprint]);
        return 'untested';
      }),
  };
}

/** Trusts certificates, and says so of those that are new. @returns how many are @throws Refusal `too_many` */
export async function addCertificates(
  { tx, org, at, note }: Work,
  { id, certificates: present }: Pick<WholeSsoConnection, 'id' | 'certificates'>,
  certificates: readonly ProviderCertificate[],
  source: CertificateSource,
): Promise<number> {
  const known = new Set(present.map(({ fingerprint }) => fingerprint));
  const fresh = certificates.filter(({ fingerprint }) => !known.has(fingerprint));
  if (known.size + fresh.length > MOST_CERTIFICATES) {
    throw new Refusal(
      'too_many',
      `A connection may have ${MOST_CERTIFICATES} certificates: remove those that are over.`,
    );
  }
  let added = 0;
  for (const certificate of fresh) {
    if (!(await insertSsoCertificate(tx, org, id, certificate, source, at))) continue;
    added += 1;
    note({
      action: 'sso_certificate.added',
      target: ['connection', id],
      changes: { values: { fingerprint: [null, certificate.fingerprint], source: [null, source] } },
    });
  }
  return added;
}

/** Trusts certificates no more, and says so. */
export async function removeCertificates(
  { tx, org, note }: Work,
  id: ConnectionId,
  fingerprints: readonly string[],
): Promise<void> {
  for (const fingerprint of fingerprints) {
    await removeSsoCertificate(tx, org, id, fingerprint);
    note({
      action: 'sso_certificate.removed',
      target: ['connection', id],
      changes: { values: { fingerprint: [fingerprint, null] } },
    });
  }
}

/** @throws Refusal `conflict` of a connection that speaks OpenID Connect, whose keys are its provider's to publish */
export function demandSaml(
  connection: WholeSsoConnection,
): asserts connection is Extract<WholeSsoConnection, { protocol: 'saml' }> {
  if (connection.protocol === 'saml') return;
  throw new Refusal(
    'conflict',
    'This connection speaks OpenID Connect: certificates and metadata are of SAML connections.',
  );
}
