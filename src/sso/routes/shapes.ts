import { z } from 'zod';
import type { RouteAnswer } from '../../rest/route.ts';
import { time } from '../../rest/shapes.ts';
import type { SsoConnections } from '../administration/connections.ts';
import { domainRecord } from '../rules/domains.ts';
import { WARNING_CODES } from '../rules/warnings.ts';
import { oidcSettingsShape, SSO_PROVIDERS, samlSettingsShape } from '../settings.ts';
import { serviceProviderShape, serviceProviderValues } from './service-provider.ts';

type ConnectionReport = Awaited<ReturnType<SsoConnections['get']>>;
export type CompleteConnection = ConnectionReport['connection'];

export const certificateShape = z
  .object({
    fingerprint: z.string().meta({ description: 'SHA-256 of the DER, 64 hexadecimal digits.' }),
    subject: z.string(),
    notBefore: time,
    notAfter: time,
    expired: z.boolean(),
    source: z.enum(['upload', 'metadata']),
    addedAt: time,
    lastUsedAt: time.nullable().meta({ description: 'When it last verified a sign-in.' }),
    pem: z.string(),
  })
  .meta({ id: 'SsoCertificate' });

const keyShape = z
  .object({
    id: z.string(),
    use: z.enum(['signing', 'encryption']),
    certificate: z.string().meta({ description: 'PEM, for the provider.' }),
    createdAt: time,
    retiresAt: time.nullable().meta({ description: 'Until when it stays valid beside its successor.' }),
  })
  .meta({ id: 'SsoKey' });

export const domainShape = z
  .object({
    domain: z.string(),
    enforced: z.boolean().meta({
      description: 'Users of the domain cannot sign in with a password, except owners.',
    }),
    verifiedAt: time.nullable(),
    checkedAt: time.nullable(),
    missingSince: time
      .nullable()
      .meta({ description: 'Since when the record of a verified domain is gone.' }),
    record: z
      .object({ type: z.literal('TXT'), name: z.string(), value: z.string() })
      .meta({ description: 'The DNS record that proves the domain.' }),
  })
  .meta({ id: 'SsoDomain' });

const warningShape = z.object({ code: z.enum(WARNING_CODES), message: z.string() });

const stagedShape = z.object({
  at: time,
  entityId: z.string().optional(),
  sso: z.object({ url: z.string(), binding: z.enum(['redirect', 'post']) }).optional(),
  slo: z
    .object({ url: z.string(), binding: z.enum(['redirect', 'post']), responseUrl: z.string().nullable() })
    .nullable()
    .optional()
    .meta({ description: 'null removes single logout.' }),
  addCertificates: z.array(
    z.object({ fingerprint: z.string(), subject: z.string(), notBefore: time, notAfter: time }),
  ),
  removeCertificates: z.array(z.string()).meta({ description: 'Fingerprints.' }),
});

const summary = {
  id: z.string(),
  name: z.string(),
  protocol: z.enum(['saml', 'oidc']),
  provider: z.enum(SSO_PROVIDERS),
  state: z.enum(['draft', 'active', 'off']),
  hasScim: z.boolean().meta({ description: 'Whether SCIM provisions through it as well.' }),
  testedAt: time.nullable().meta({
    description: 'When a test last proved the settings as they are; null since they were changed.',
  }),
  version: z.int(),
  createdAt: time,
  updatedAt: time,
};

export const listedShape = z
  .object({
    ...summary,
    enabled: z.boolean(),
    jitEnabled: z.boolean(),
    allowedDomains: z.array(z.string()).meta({
      description:
        'Domains whose users are created at sign-in: verified domains, and those of the JIT settings.',
    }),
  })
  .meta({ id: 'SsoConnectionSummary' });

export const connectionShape = z
  .object({
    ...summary,
    settings: z.union([z.strictObject(samlSettingsShape.shape), z.strictObject(oidcSettingsShape.shape)]),
    hasClientSecret: z.boolean(),
    serviceProvider: serviceProviderShape,
    keys: z.array(keyShape),
    certificates: z.array(certificateShape),
    domains: z.array(domainShape),
    metadata: z.object({
      checkedAt: time.nullable(),
      error: z.string().nullable().meta({ description: 'Why it could not be read the last time.' }),
    }),
    staged: stagedShape
      .nullable()
      .meta({ description: 'What new metadata would change, and waits for an administrator.' }),
    warnings: z.array(warningShape),
  })
  .meta({ id: 'SsoConnection' });

const presentSummary = (connection: Omit<CompleteConnection, 'certificates' | 'keys' | 'domains'>) => ({
  id: connection.id,
  name: connection.name,
  protocol: connection.protocol,
  provider: connection.provider,
  state: connection.state,
  hasScim: connection.hasScim,
  testedAt: connection.testedAt ?? null,
  version: connection.version,
  createdAt: connection.createdAt,
  updatedAt: connection.updatedAt,
});

/** A connection in a list. */
export function presentListed(
  connection: Awaited<ReturnType<SsoConnections['list']>>[number],
): z.input<typeof listedShape> {
  const { provisioning, domains } = connection;
  const verified = domains.filter(({ verifiedAt }) => verifiedAt !== null).map(({ domain }) => domain);
  return {
    ...presentSummary(connection),
    enabled: connection.state === 'active',
    jitEnabled: provisioning.enabled,
    allowedDomains: [...new Set([...verified, ...provisioning.allowedDomains])],
  };
}

/** Answers with a connection and its warnings. */
export function answerConnection(
  { connection, warnings }: ConnectionReport,
  publicUrl: string,
  now: Date,
): RouteAnswer<200> {
  const { id, protocol, settings, staged } = connection;
  const body: z.input<typeof connectionShape> = {
    ...presentSummary(connection),
    settings,
    hasClientSecret: connection.hasClientSecret,
    serviceProvider: serviceProviderValues(protocol, publicUrl, id),
    keys: [...connection.keys],
    certificates: connection.certificates.map((certificate) => presentCertificate(certificate, now)),
    domains: connection.domains.map(presentDomain),
    metadata: { checkedAt: connection.metadataCheckedAt ?? null, error: connection.metadataError ?? null },
    staged: staged === undefined ? null : presentStaged(staged),
    warnings: [...warnings],
  };
  return { status: 200, body, version: connection.version };
}

/** A certificate of the provider. It is public, all of it. */
export const presentCertificate = (
  certificate: CompleteConnection['certificates'][number],
  now: Date,
): z.input<typeof certificateShape> => ({
  ...certificate,
  expired: certificate.notAfter <= now.toISOString(),
});

/** A domain, and the record that proves it. */
export function presentDomain(row: CompleteConnection['domains'][number]): z.input<typeof domainShape> {
  const { domain, enforced, verifiedAt, checkedAt, missingAt, token } = row;
  return {
    domain,
    enforced,
    verifiedAt,
    checkedAt,
    missingSince: missingAt,
    record: { type: 'TXT', ...domainRecord(domain, token) },
  };
}

function presentStaged({
  at,
  changes,
}: NonNullable<CompleteConnection['staged']>): z.input<typeof stagedShape> {
  const { entityId, sso, slo, addCertificates = [], removeCertificates = [] } = changes;
  return {
    at,
    ...(entityId === undefined ? {} : { entityId }),
    ...(sso === undefined ? {} : { sso }),
    ...(slo === undefined ? {} : { slo: slo && { ...slo, responseUrl: slo.responseUrl ?? null } }),
    addCertificates: addCertificates.map(({ fingerprint, subject, notBefore, notAfter }) => ({
      fingerprint,
      subject,
      notBefore,
      notAfter,
    })),
    removeCertificates: [...removeCertificates],
  };
}
