import type { DomainError } from '../../directory/errors.ts';
import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { readStored } from '../../directory/organizations/settings.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import type { Executor } from '../../platform/db/statement.ts';
import type { MetadataChanges } from '../rules/metadata-refresh.ts';
import {
  type OidcSettings,
  oidcSettingsShape,
  type Provisioning,
  readProvisioning,
  type SamlSettings,
  type SsoProvider,
  type SsoState,
  samlSettingsShape,
} from '../settings.ts';
import { listSsoCertificates, type SsoCertificate } from '../store/certificates.ts';
import { findSsoConnection, type StoredSsoConnection } from '../store/connections.ts';
import { listSsoDomains, type SsoDomain } from '../store/domains.ts';
import { listSsoKeys, type SsoKey } from '../store/keys.ts';
import type { ProviderCertificate } from './provider-reader.ts';

export type { SsoCertificate } from '../store/certificates.ts';
export type { SsoDomain } from '../store/domains.ts';
export type { SsoKey } from '../store/keys.ts';

/** What new metadata would change, and waits for an administrator. */
export interface StagedMetadata {
  readonly changes: MetadataChanges<ProviderCertificate>;
  /** When it came, ISO 8601. */
  readonly at: string;
}

interface SharedParts {
  readonly id: ConnectionId;
  readonly name: string;
  readonly provider: SsoProvider;
  readonly state: SsoState;
  readonly provisioning: Provisioning;
  readonly hasClientSecret: boolean;
  readonly staged: StagedMetadata | undefined;
  /** What an administrator did not want: it is not staged again by itself. */
  readonly dropped: StagedMetadata['changes'] | undefined;
  readonly metadataCheckedAt: string | undefined;
  readonly metadataError: string | undefined;
  /** When a sign-in last proved the settings as they are; undefined since they were changed. */
  readonly testedAt: string | undefined;
  readonly hasScim: boolean;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What the protocol of a connection needs to know of the provider. */
export type ProtocolSettings =
  | { readonly protocol: 'saml'; readonly settings: SamlSettings }
  | { readonly protocol: 'oidc'; readonly settings: OidcSettings };

/** A connection that signs users in, as an administrator sees it: no secret is in it. */
export type SsoConnection = SharedParts & ProtocolSettings;

/** The same with what belongs to it. */
export type CompleteSsoConnection = SsoConnection & {
  readonly certificates: readonly SsoCertificate[];
  /** Our own keys that are in use. */
  readonly keys: readonly SsoKey[];
  readonly domains: readonly SsoDomain[];
};

/** @param at ISO 8601 @throws DomainError `not_found` */
export async function loadCompleteConnection(
  db: Executor,
  org: OrgId,
  id: ConnectionId,
  at: string,
): Promise<CompleteSsoConnection> {
  const row = await findSsoConnection(db, org, id);
  if (row === undefined) throw connectionNotFound();
  return {
    ...toSsoConnection(row),
    certificates: await listSsoCertificates(db, org, id),
    keys: await listSsoKeys(db, org, id, at),
    domains: await listSsoDomains(db, org, id),
  };
}

/**
 * Whether the caller may know of a connection, before anything that takes long.
 * @throws DomainError `not_found`, `forbidden`
 */
export async function requireSsoConnection(db: Executor, by: Authority, id: ConnectionId): Promise<void> {
  requireWholeOrganization(by, 'sso:manage');
  if ((await findSsoConnection(db, by.org, id)) === undefined) throw connectionNotFound();
}

/** As it is stored: waiting, or dropped. */
export type StoredStaged = StagedMetadata & { readonly dropped?: true };

function toStaged(stored: StoredStaged | null): Pick<SharedParts, 'staged' | 'dropped'> {
  if (stored === null) return { staged: undefined, dropped: undefined };
  return stored.dropped === true
    ? { staged: undefined, dropped: stored.changes }
    : { staged: stored, dropped: undefined };
}

/** A row as a connection. */
export function toSsoConnection(row: StoredSsoConnection): SsoConnection {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    state: row.state,
    provisioning: readProvisioning(row.provisioning),
    hasClientSecret: row.hasSecret,
    ...toStaged(row.staged as StoredStaged | null),
    metadataCheckedAt: row.metadataCheckedAt ?? undefined,
    metadataError: row.metadataError ?? undefined,
    testedAt: row.testedAt ?? undefined,
    hasScim: row.hasScim,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    ...(row.protocol === 'saml'
      ? { protocol: 'saml', settings: readStored(samlSettingsShape, row.settings) }
      : { protocol: 'oidc', settings: readStored(oidcSettingsShape, row.settings) }),
  };
}

export const connectionNotFound = (): DomainError => notFound('sso_connection');
