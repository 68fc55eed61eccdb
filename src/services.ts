import { createApiKeyCommands } from './access/api-keys/commands.ts';
import { createApiKeys } from './access/api-keys/verify.ts';
import { createAuthorizationQueries } from './access/authorization/queries.ts';
import { createElevationCommands } from './access/elevations/commands.ts';
import { createElevationQueries } from './access/elevations/queries.ts';
import { createResourceCommands } from './access/resources/commands.ts';
import { createServiceAccountCommands } from './access/service-accounts/commands.ts';
import { createActivityCommands } from './activity/commands.ts';
import { createActivityExport } from './activity/export.ts';
import { createActivityQueries } from './activity/queries.ts';
import { createAlerts } from './alerts/commands.ts';
import { createAuditExport } from './audit/export.ts';
import { createAuditQueries } from './audit/queries.ts';
import { createSealQueries } from './audit/seal-queries.ts';
import { createCommandRunner } from './directory/command-runner.ts';
import { createGroupAdministration } from './directory/groups/commands.ts';
import { createSettingsCommands } from './directory/organizations/commands.ts';
import { createRoleCommands } from './directory/roles/commands.ts';
import { createEditCommands } from './directory/users/edit-commands.ts';
import { createUserQueries } from './directory/users/queries.ts';
import type { ReadProfile } from './directory/users/rules/profile-patch.ts';
import { createEmailChangeCommands } from './email-changes/commands.ts';
import { createExportCommands } from './exports/commands.ts';
import { createIdempotencyStore } from './idempotency/idempotency-store.ts';
import { createImportCommands } from './imports/commands.ts';
import { createImportQueries } from './imports/queries.ts';
import { createInvitationCommands } from './invitations/commands.ts';
import { createJobAdministration } from './jobs/commands.ts';
import { createBulkCommands } from './lifecycle/bulk.ts';
import { createLifecycleCommands } from './lifecycle/commands.ts';
import { linksOf } from './notifications/mails.ts';
import { createChecklistCommands } from './onboarding/checklist.ts';
import { createJobFunctionCommands } from './onboarding/job-functions.ts';
import type { Database } from './platform/db/database.ts';
import type { SecretBox } from './platform/secret-box.ts';
import { createScimConnectionCommands } from './provisioning/commands.ts';
import { createLogQueries } from './provisioning/log/queries.ts';
import { type CarryOut, createReplayCommands } from './provisioning/log/replay.ts';
import { createScimConnectionQueries } from './provisioning/queries.ts';
import { createReviewCommands } from './reviews/commands.ts';
import { createReviewDecisions } from './reviews/decisions.ts';
import { createReviewQueries } from './reviews/queries.ts';
import { createReviewReports } from './reviews/report.ts';
import { createSignInCommands } from './sign-in/commands.ts';
import { createSecurityQueries } from './sign-in/queries.ts';
import { createSecondFactor } from './sign-in/second-factor.ts';
import { createSessionCommands, createSessions } from './sign-in/sessions.ts';
import { createSsoAdministration } from './sso/administration/administration.ts';
import type { ResolveTxt } from './sso/administration/domains.ts';
import type { ProviderReader } from './sso/administration/provider-reader.ts';
import { createSsoLogins } from './sso/login/login.ts';
import { createWebhookCommands } from './webhooks/commands.ts';
import { createDeliveryLog } from './webhooks/delivery-log.ts';

export interface AdministrationDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
  /** What links in mails begin with. */
  readonly publicUrl: string;
  /** Whether a webhook may lead into a private network. */
  readonly allowPrivateWebhooks: boolean;
  readonly providers: ProviderReader;
  readonly resolveTxt: ResolveTxt;
  /** Checks profiles by the schemas of the installation. */
  readonly readProfile: ReadProfile;
  /** For how many days activity events are kept. */
  readonly activityDays: number;
  /** Carries out a stored SCIM request again. */
  readonly carryOut: CarryOut;
}

/** Everything of the directory that users use, as opposed to connections. */
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
  readProfile,
  activityDays,
  carryOut,
}: AdministrationDependencies) {
  const runner = createCommandRunner({ db, now });
  const dependencies = { db, now, runner, seal, links: linksOf(publicUrl) };
  const userQueries = createUserQueries(dependencies);
  const users = {
    roles: createRoleCommands(dependencies),
    lifecycle: createLifecycleCommands(dependencies),
    invitations: createInvitationCommands(dependencies),
    groups: createGroupAdministration(dependencies),
  };
  const sessions = createSessions(dependencies);
  const signIn = createSignInCommands(dependencies);
  const audit = createAuditQueries({ db });
  const activity = createActivityQueries({ db, now, audit });
  const scimConnectionQueries = createScimConnectionQueries(dependencies);
  const provisioningLog = createLogQueries({ db, connections: scimConnectionQueries });
  return {
    ...users,
    now,
    publicUrl,
    bulk: createBulkCommands(users),
    exports: createExportCommands(dependencies),
    sessions,
    apiKeys: createApiKeys(dependencies),
    apiKeyCommands: createApiKeyCommands(dependencies),
    serviceAccounts: createServiceAccountCommands(dependencies),
    idempotencyStore: createIdempotencyStore(dependencies),
    signIn,
    ssoLogins: createSsoLogins({ ...dependencies, sessions, signIn }),
    sso: createSsoAdministration({ ...dependencies, providers, resolveTxt, publicUrl }),
    userQueries,
    edit: createEditCommands({ ...dependencies, readProfile }),
    emailChanges: createEmailChangeCommands(dependencies),
    resources: createResourceCommands(dependencies),
    authorization: createAuthorizationQueries(dependencies),
    webhooks: createWebhookCommands({ runner, seal, allowPrivateWebhooks }),
    deliveryLog: createDeliveryLog(dependencies),
    scimConnections: createScimConnectionCommands(dependencies),
    scimConnectionQueries,
    provisioningLog,
    replays: createReplayCommands({ runner, queries: provisioningLog, carryOut }),
    elevations: createElevationCommands(dependencies),
    imports: createImportCommands({ runner, publicUrl }),
    importQueries: createImportQueries({ db }),
    elevationQueries: createElevationQueries({ db, now, userQueries }),
    security: createSecurityQueries({ db, now, userQueries }),
    sessionCommands: createSessionCommands(dependencies),
    secondFactor: createSecondFactor(dependencies),
    settings: createSettingsCommands(dependencies),
    checklists: createChecklistCommands({ ...dependencies, userQueries }),
    jobs: createJobAdministration(dependencies),
    audit,
    auditExport: createAuditExport({ runner, audit }),
    alerts: createAlerts(dependencies),
    reviews: createReviewCommands(dependencies),
    reviewDecisions: createReviewDecisions(dependencies),
    reviewQueries: createReviewQueries({ db, now }),
    reviewReports: createReviewReports({ db, now, runner }),
    seals: createSealQueries({ db }),
    activity,
    activityExport: createActivityExport({ runner, activity }),
    activityCommands: createActivityCommands({ db, now, retentionDays: activityDays }),
    jobFunctions: createJobFunctionCommands(dependencies),
  };
}
