import { DAY_MS, writtenDay } from '../../platform/time.ts';
import type { CompleteSsoConnection, StagedMetadata } from '../administration/administered.ts';
import type { ProviderMetadata } from '../administration/provider-reader.ts';

/** What does not stop a connection, and an administrator should know. */
export interface ConnectionWarning {
  readonly code: WarningCode;
  readonly message: string;
}

export const WARNING_CODES = [
  'live_edit',
  'incomplete',
  'untested',
  'certificate_missing',
  'certificate_left_out',
  'requests_unsigned',
  'certificate_expired',
  'certificate_expires',
  'client_secret_missing',
  'idp_initiated',
  'no_verified_domain',
  'domain_record_missing',
  'nobody_created',
  'metadata_failed',
  'metadata_staged',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Days before its end in which a certificate is warned about. */
const SOON_DAYS = 30;

/** Of a change to a connection through which users sign in at this moment. */
export const LIVE_EDIT: ConnectionWarning = {
  code: 'live_edit',
  message: 'This connection is active: the change holds from the next sign-in on. Test it now.',
};

/** Warnings about metadata that an administrator has just submitted: ignored parts and unsupported requirements. */
export function metadataWarnings(
  { leftOut, wantsSignedRequests }: Pick<ProviderMetadata, 'leftOut' | 'wantsSignedRequests'>,
  { protocol, settings }: CompleteSsoConnection,
): ConnectionWarning[] {
  const warnings: ConnectionWarning[] = leftOut.map((sentence) => ({
    code: 'certificate_left_out',
    message: `A certificate in the metadata was not accepted, and what it signs is rejected. ${sentence}`,
  }));
  if (protocol === 'saml' && wantsSignedRequests && !settings.signRequests) {
    warnings.push({
      code: 'requests_unsigned',
      message:
        'The provider wants signed requests, and this connection does not sign them: set signRequests.',
    });
  }
  return warnings;
}

type Warn = (code: WarningCode, message: string) => void;

/** What is to be known of a connection, the most urgent first. */
export function connectionWarnings(connection: CompleteSsoConnection, now: Date): ConnectionWarning[] {
  const warnings: ConnectionWarning[] = [];
  const warn: Warn = (code, message) => warnings.push({ code, message });
  if (connection.protocol === 'saml') warnOfSaml(connection, now, warn);
  else warnOfOidc(connection, warn);
  const { state, testedAt, metadataError, staged } = connection;
  if (state === 'active' && testedAt === undefined) {
    warn('untested', 'The connection has changed since its last test. Test it again.');
  }
  if (staged !== undefined) {
    warn(
      'metadata_staged',
      `The provider’s metadata has changed and needs your confirmation: ${changesOf(staged.changes)}. Check with the provider, then confirm or discard the change.`,
    );
  }
  if (metadataError !== undefined) {
    warn('metadata_failed', `The provider’s metadata could not be read: ${metadataError}`);
  }
  warnOfDomains(connection, warn);
  return warnings;
}

function changesOf({ entityId, sso, slo, removeCertificates }: StagedMetadata['changes']): string {
  const changes = [
    entityId === undefined ? undefined : `another entity ID (${entityId})`,
    sso === undefined ? undefined : `users would sign in at ${sso.url}`,
    slo === null ? 'single logout would end' : slo && `users would sign out at ${slo.url}`,
    removeCertificates === undefined ? undefined : 'certificates that may be in use would be removed',
  ];
  return changes.filter((each) => each !== undefined).join(', ');
}

function warnOfSaml(
  { settings, certificates }: Extract<CompleteSsoConnection, { protocol: 'saml' }>,
  now: Date,
  warn: Warn,
): void {
  if (settings.entityId === '' || settings.ssoUrl === '') {
    warn('incomplete', 'The provider’s entity ID or sign-in URL is missing. Add the provider’s metadata.');
  }
  if (certificates.length === 0) {
    warn(
      'certificate_missing',
      'The provider’s certificate is missing. No sign-in can be verified without it.',
    );
  }
  const soon = new Date(now.getTime() + SOON_DAYS * DAY_MS).toISOString();
  for (const { notAfter: end, fingerprint } of certificates) {
    const which = `The certificate ${fingerprint.slice(0, 8)}…`;
    if (end <= now.toISOString()) {
      warn(
        'certificate_expired',
        `${which} expired on ${writtenDay(end)}. Sign-ins still work, because the key is what is trusted. Ask the provider for a new certificate.`,
      );
    } else if (end <= soon) {
      warn(
        'certificate_expires',
        `${which} expires on ${writtenDay(end)}. Add the provider’s next certificate.`,
      );
    }
  }
  if (settings.allowIdpInitiated) {
    warn(
      'idp_initiated',
      'Sign-ins that start at the provider are allowed, so a user can be tricked into another user’s session. Turn this off unless you need it.',
    );
  }
}

function warnOfOidc(
  { settings, hasClientSecret }: Extract<CompleteSsoConnection, { protocol: 'oidc' }>,
  warn: Warn,
): void {
  if (settings.issuer === '' || settings.clientId === '') {
    warn('incomplete', 'The issuer or the client ID is missing.');
  }
  if (settings.clientAuth !== 'private_key_jwt' && !hasClientSecret) {
    warn('client_secret_missing', 'The client secret is missing. No sign-in works without it.');
  }
}

function warnOfDomains({ domains, provisioning }: CompleteSsoConnection, warn: Warn): void {
  const verified = domains.some(({ verifiedAt }) => verifiedAt !== null);
  if (!verified) {
    warn(
      'no_verified_domain',
      'No domain is verified. Users are not sent to this provider by their email address, and existing accounts are not linked by it. Add your domain and verify it by DNS.',
    );
  }
  for (const { domain, missingAt } of domains) {
    if (missingAt === null) continue;
    warn(
      'domain_record_missing',
      `The DNS record of ${domain} has been missing since ${writtenDay(missingAt)}. Create it again. The domain stays yours until you remove it.`,
    );
  }
  if (provisioning.enabled && !verified && provisioning.allowedDomains.length === 0) {
    warn(
      'nobody_created',
      'JIT provisioning is on but creates no users. Verify a domain, or add the allowed domains.',
    );
  }
}
