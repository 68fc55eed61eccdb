import type { CommandRunner } from '../../directory/command-runner.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { type ActivationCommands, createActivationCommands } from './activation.ts';
import { type CertificateCommands, createCertificateCommands } from './certificates.ts';
import { createChangeConnection } from './change.ts';
import { createSsoConnections, type SsoConnections } from './connections.ts';
import { createDomainCommands, type DomainCommands, type ResolveTxt } from './domains.ts';

import { createIdentityLinks, type IdentityLinks } from './identity-links.ts';
import { createMetadataCommands, type MetadataCommands } from './metadata.ts';
import { createOwnKeyCommands, type OwnKeyCommands } from './own-keys.ts';
import type { ProviderReader } from './provider-reader.ts';
import { createProvisioningCommands, type ProvisioningCommands } from './provisioning.ts';
import { createSsoTraces, type SsoTraces } from './traces.ts';

/** What administrators do with single sign-on. All of it needs `sso:manage`. */
export interface SsoAdministration {
  readonly connections: SsoConnections;
  readonly provisioning: ProvisioningCommands;
  readonly keys: OwnKeyCommands;
  readonly certificates: CertificateCommands;
  readonly metadata: MetadataCommands;
  readonly activation: ActivationCommands;
  readonly domains: DomainCommands;
  readonly traces: SsoTraces;
  readonly identities: IdentityLinks;
}

export interface SsoAdministrationDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly providers: ProviderReader;
  readonly resolveTxt: ResolveTxt;
  readonly publicUrl: string;
}

/** Builds it. */
export function createSsoAdministration(given: SsoAdministrationDependencies): SsoAdministration {
  const dependencies = { ...given, change: createChangeConnection(given) };
  return {
    connections: createSsoConnections(dependencies),
    provisioning: createProvisioningCommands(dependencies),
    keys: createOwnKeyCommands(dependencies),
    certificates: createCertificateCommands(dependencies),
    metadata: createMetadataCommands(dependencies),
    activation: createActivationCommands(dependencies),
    domains: createDomainCommands(dependencies),
    traces: createSsoTraces(dependencies),
    identities: createIdentityLinks(dependencies),
  };
}
