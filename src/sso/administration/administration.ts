import type { CommandRunner } from '../../directory/command-runner.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { createActivationCommands } from './activation.ts';
import { createCertificateCommands } from './certificates.ts';
import { createChangeConnection } from './change.ts';
import { createSsoConnections } from './connections.ts';
import { createDomainCommands, type ResolveTxt } from './domains.ts';
import { createIdentityLinks } from './identity-links.ts';
import { createMetadataCommands } from './metadata.ts';
import { createOwnKeyCommands } from './own-keys.ts';
import type { ProviderReader } from './provider-reader.ts';
import { createProvisioningCommands } from './provisioning.ts';
import { createProvisioningPreview } from './provisioning-preview.ts';
import { createSsoTraces } from './traces.ts';

export interface SsoAdministrationDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly providers: ProviderReader;
  readonly resolveTxt: ResolveTxt;
  readonly publicUrl: string;
}

/** Builds the commands and queries of single sign-on for administrators. All of them need `sso:manage`. */
export function createSsoAdministration(given: SsoAdministrationDependencies) {
  const dependencies = { ...given, change: createChangeConnection(given) };
  return {
    connections: createSsoConnections(dependencies),
    provisioning: createProvisioningCommands(dependencies),
    previewProvisioning: createProvisioningPreview(given),
    keys: createOwnKeyCommands(dependencies),
    certificates: createCertificateCommands(dependencies),
    metadata: createMetadataCommands(dependencies),
    activation: createActivationCommands(dependencies),
    domains: createDomainCommands(dependencies),
    traces: createSsoTraces(dependencies),
    identities: createIdentityLinks(dependencies),
  };
}

export type SsoAdministration = ReturnType<typeof createSsoAdministration>;
