import type { Database } from '../platform/db.ts';
import type { Seal } from '../platform/sealing.ts';
import { createAdminister } from './administer.ts';
import { createApiKeyCommands } from './api-keys/commands.ts';
import { createApiKeys } from './api-keys/verify.ts';
import { createAuthorizationQueries } from './authorization/queries.ts';
import { createScimConnectionCommands } from './connections/commands.ts';
import { createScimConnectionQueries } from './connections/queries.ts';
import { createElevationCommands } from './elevations/commands.ts';
import { createElevationQueries } from './elevations/queries.ts';
import { createExportCommands } from './exports/commands.ts';
import { createGroupAdministration } from './groups/administration.ts';
import { createImportCommands } from './imports/commands.ts';
import { createImportQueries } from './imports/queries.ts';
import { createJobAdministration } from './jobs/administration.ts';
import { linksOf } from './mails.ts';
import { createChecklistCommands } from './onboarding/checklist.ts';
import { createJobFunctionCommands } from './onboarding/job-functions.ts';
import { createSettingsCommands } from './organizations/settings-commands.ts';
import { createBulkCommands } from './people/bulk.ts';
import { createEditCommands } from './people/edit.ts';
import { createEmailChangeCommands } from './people/email-changes.ts';
import { createInvitationCommands } from './people/invitations.ts';
import { createLifecycleCommands } from './people/lifecycle.ts';
import { createPeopleQueries } from './people/queries.ts';
import { createRoleCommands } from './people/roles.ts';
import { createRepeats } from './repeats.ts';
import { createResourceCommands } from './resources/commands.ts';
import { createServiceAccountCommands } from './service-accounts/commands.ts';
import { createSignInCommands } from './sign-in/commands.ts';
import { createSecondFactor } from './sign-in/second-factor.ts';
import { createSecurityQueries } from './sign-in/security.ts';
import { createSessionCommands } from './sign-in/session-commands.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSsoAdministration } from './sso/administration/administration.ts';
import type { ResolveTxt } from './sso/administration/domain-record.ts';
import type { ProviderReader } from './sso/administration/providers.ts';
import { createSignOn } from './sso/sign-on/sign-on.ts';
import { createWebhookCommands } from './webhooks/commands.ts';
import { createDeliveryLog } from './webhooks/delivery-log.ts';

export interface AdministrationDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: Seal;
  /** What links in mails begin with. */
  readonly publicUrl: string;
  /** Whether a webhook may lead into a private network. */
  readonly allowPrivateWebhooks: boolean;
  readonly providers: ProviderReader;
  readonly resolveTxt: ResolveTxt;
}

/** Everything of the directory that people use, as opposed to connections. */
export type Administration = ReturnType<typeof createAdministration>;

/** Builds it. */
export function createAdministration({
  db,
  now,
  seal,
  publicUrl,
  allowPrivateWebhooks,
  providers,
  resolveTxt,
}: AdministrationDependencies) {
  const administer = createAdminister({ db, now });
  const dependencies = { db, now, administer, seal, links: linksOf(publicUrl) };
  const peopleQueries = createPeopleQueries(dependencies);
  const people = {
    roles: createRoleCommands(dependencies),
    lifecycle: createLifecycleCommands(dependencies),
    invitations: createInvitationCommands(dependencies),
    groups: createGroupAdministration(dependencies),
  };
  const sessions = createSessions(dependencies);
  const signIn = createSignInCommands(dependencies);
  return {
    ...people,
    now,
    publicUrl,
    bulk: createBulkCommands(people),
    exports: createExportCommands(dependencies),
    sessions,
    apiKeys: createApiKeys(dependencies),
    apiKeyCommands: createApiKeyCommands(dependencies),
    serviceAccounts: createServiceAccountCommands(dependencies),
    repeats: createRepeats(dependencies),
    signIn,
    signOn: createSignOn({ ...dependencies, sessions, signIn }),
    sso: createSsoAdministration({ ...dependencies, providers, resolveTxt, publicUrl }),
    people: peopleQueries,
    edit: createEditCommands(dependencies),
    emailChanges: createEmailChangeCommands(dependencies),
    resources: createResourceCommands(dependencies),
    authorization: createAuthorizationQueries(dependencies),
    webhooks: createWebhookCommands({ administer, seal, allowPrivateWebhooks }),
    deliveryLog: createDeliveryLog(dependencies),
    scimConnections: createScimConnectionCommands(dependencies),
    scimConnectionQueries: createScimConnectionQueries(dependencies),
    elevations: createElevationCommands(dependencies),
    imports: createImportCommands({ administer, publicUrl }),
    importQueries: createImportQueries({ db }),
    elevationQueries: createElevationQueries({ db, now, people: peopleQueries }),
    security: createSecurityQueries({ db, now, people: peopleQueries }),
    sessionCommands: createSessionCommands(dependencies),
    secondFactor: createSecondFactor(dependencies),
    settings: createSettingsCommands(dependencies),
    checklists: createChecklistCommands({ ...dependencies, people: peopleQueries }),
    jobs: createJobAdministration(dependencies),
    jobFunctions: createJobFunctionCommands(dependencies),
  };
}
