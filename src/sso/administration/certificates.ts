import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { certificateTarget } from '../events.ts';
import { type CertificateSource, insertSsoCertificate, removeSsoCertificate } from '../store/certificates.ts';
import type { CompleteSsoConnection } from './administered.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import type { ProviderCertificate, ProviderReader } from './provider-reader.ts';

/** How many certificates a connection may have: each is tried with every sign-in. */
const MAX_CERTIFICATES = 20;

export interface CertificateCommands {
  /**
   * Trusts a certificate from now on; nothing changes if it was trusted before.
   * @param text PEM, or base64 of the DER
   * @throws DomainError `invalid_certificate`, `too_many`, `not_found`, `version_mismatch`, `forbidden`
   */
  add(
    by: Authority,
    id: ConnectionId,
    text: string,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /** @throws DomainError `last_certificate` of an active connection, `not_found`, `version_mismatch`, `forbidden` */
  remove(
    by: Authority,
    id: ConnectionId,
    fingerprint: string,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
}

/** Builds the commands about the certificates of a SAML provider (docs/sso-design.md §3). */
export function createCertificateCommands({
  providers,
  change,
}: {
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}): CertificateCommands {
  return {
    add: (by, id, text, ifMatch) =>
      change(by, id, ifMatch, async ({ context, before }) => {
        requireSaml(before);
        const added = await addCertificates(context, before, [providers.readCertificate(text)], 'upload');
        return added === 0 ? 'none' : 'changed';
      }),

    remove: (by, id, fingerprint, ifMatch) =>
      change(by, id, ifMatch, async ({ context, before }) => {
        if (!before.certificates.some((each) => each.fingerprint === fingerprint)) {
          throw notFound('sso_certificate');
        }
        if (before.state === 'active' && before.certificates.length === 1) {
          throw new DomainError(
            'last_certificate',
            'This is the last certificate of an active connection: add the next one first, or deactivate the connection.',
          );
        }
        await removeCertificates(context, id, [fingerprint]);
        return 'untested';
      }),
  };
}

/** Trusts certificates and records the new ones. @returns how many are new @throws DomainError `too_many` */
export async function addCertificates(
  { tx, org, at, recordEvent }: CommandContext,
  { id, certificates: present }: Pick<CompleteSsoConnection, 'id' | 'certificates'>,
  certificates: readonly ProviderCertificate[],
  source: CertificateSource,
): Promise<number> {
  const known = new Set(present.map(({ fingerprint }) => fingerprint));
  const fresh = certificates.filter(({ fingerprint }) => !known.has(fingerprint));
  if (known.size + fresh.length > MAX_CERTIFICATES) {
    throw new DomainError(
      'too_many',
      `A connection may have ${MAX_CERTIFICATES} certificates: remove expired ones.`,
    );
  }
  let added = 0;
  for (const certificate of fresh) {
    if (!(await insertSsoCertificate(tx, org, id, certificate, source, at))) continue;
    added += 1;
    recordEvent({
      action: 'sso_certificate.added',
      target: certificateTarget(id, certificate.fingerprint),
      member: id,
      changes: { values: { fingerprint: [null, certificate.fingerprint], source: [null, source] } },
    });
  }
  return added;
}

/** Stops trusting certificates, and records it. */
export async function removeCertificates(
  { tx, org, recordEvent }: CommandContext,
  id: ConnectionId,
  fingerprints: readonly string[],
): Promise<void> {
  for (const fingerprint of fingerprints) {
    await removeSsoCertificate(tx, org, id, fingerprint);
    recordEvent({
      action: 'sso_certificate.removed',
      target: certificateTarget(id, fingerprint),
      member: id,
      changes: { values: { fingerprint: [fingerprint, null] } },
    });
  }
}

/** @throws DomainError `conflict` for an OpenID Connect connection, whose provider publishes its keys */
export function requireSaml(
  connection: CompleteSsoConnection,
): asserts connection is Extract<CompleteSsoConnection, { protocol: 'saml' }> {
  if (connection.protocol === 'saml') return;
  throw new DomainError(
    'conflict',
    'This connection speaks OpenID Connect: certificates and metadata are of SAML connections.',
  );
}
