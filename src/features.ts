import type { Logger } from 'pino';
import { accessFeature } from './access/feature.ts';
import { activityFeature } from './activity/feature.ts';
import { alertsFeature } from './alerts/feature.ts';
import { attentionFeature } from './attention/feature.ts';
import { auditFeature } from './audit/feature.ts';
import { auditStreamsFeature } from './audit-streams/feature.ts';
import type { Core, Feature } from './core.ts';
import { type DemonstrationSettings, demonstrationFeature } from './demonstration/feature.ts';
import { directoryFeature } from './directory/feature.ts';
import type { ReadProfile } from './directory/users/rules/profile-patch.ts';
import { emailChangesFeature } from './email-changes/feature.ts';
import { exportsFeature } from './exports/feature.ts';
import { historyFeature } from './history/feature.ts';
import type { RequestLimitOptions } from './http/rate-limit.ts';
import { importsFeature } from './imports/feature.ts';
import { invitationsFeature } from './invitations/feature.ts';
import { jobsFeature } from './jobs/feature.ts';
import { createLifecycleCommands } from './lifecycle/commands.ts';
import { lifecycleFeature } from './lifecycle/feature.ts';
import { maintenanceJobs } from './maintenance/jobs.ts';
import type { Retention } from './maintenance/retention.ts';
import { notificationsFeature } from './notifications/feature.ts';
import { onboardingFeature } from './onboarding/feature.ts';
import type { Mailer } from './platform/mailer.ts';
import { postureFeature } from './posture/feature.ts';
import { provisioningFeature } from './provisioning/feature.ts';
import type { CarryOut } from './provisioning/log/replay.ts';
import type { Rehearse } from './provisioning/self-test/commands.ts';
import { reviewsFeature } from './reviews/feature.ts';
import { setUpLinksFeature } from './set-up-links/feature.ts';
import { signInFeature } from './sign-in/feature.ts';
import { type SsoSettings, ssoFeature } from './sso/feature.ts';
import { undoFeature } from './undo/feature.ts';
import { webhooksFeature } from './webhooks/feature.ts';

export interface FeatureSettings extends SsoSettings, DemonstrationSettings {
  readonly log: Logger;
  readonly mailer: Mailer;
  readonly retention: Retention;
  /** Whether a webhook may lead into a private network. */
  readonly allowPrivateWebhooks: boolean;
  readonly readProfile: ReadProfile;
  /** Carries out a stored SCIM request again. */
  readonly carryOut: CarryOut;
  /** Has the requests of a self-test answered. */
  readonly rehearse: Rehearse;
  /** Requests a second that are accepted. */
  readonly limits: RequestLimitOptions;
}

/** Builds the features in the order in which they need one another. A new feature is a line here. */
export function createFeatures(core: Core, settings: FeatureSettings) {
  const { retention } = settings;
  const lifecycle = createLifecycleCommands(core);
  const audit = auditFeature(core);
  const history = historyFeature(core, { ...audit, retentionDays: retention.historyDays });
  const access = accessFeature(core, history);
  const exports = exportsFeature(core);
  const sso = ssoFeature(core, settings);
  const directory = directoryFeature(core, { ...settings, ...access, ...history, lifecycle });
  const invitations = invitationsFeature(core, sso);
  const provisioning = provisioningFeature(core, settings);
  const posture = postureFeature(core, settings);
  const features = {
    signIn: signInFeature(core, { ...sso, ...directory, ...access }),
    directory,
    emailChanges: emailChangesFeature(core),
    lifecycle: lifecycleFeature(core, { ...directory, ...invitations, ...exports, lifecycle }),
    exports,
    invitations,
    access,
    onboarding: onboardingFeature(core),
    imports: importsFeature(core, settings),
    webhooks: webhooksFeature(core, settings),
    jobs: jobsFeature(core),
    sso,
    provisioning,
    setUpLinks: setUpLinksFeature(core, { ...sso, ...provisioning }),
    audit,
    auditStreams: auditStreamsFeature(core, { ...settings, audit: audit.audit }),
    history,
    alerts: alertsFeature(core),
    activity: activityFeature(core, { ...audit, retentionDays: retention.activityDays }),
    reviews: reviewsFeature(core),
    posture,
    attention: attentionFeature(core, posture),
    undo: undoFeature(core, settings),
    notifications: notificationsFeature(core, settings),
    demonstration: demonstrationFeature(core, settings),
    maintenance: { jobs: maintenanceJobs({ ...core, retention, purge: lifecycle.purge }) },
  };
  const all: readonly Feature[] = Object.values(features);
  return {
    ...features,
    purge: lifecycle.purge,
    allRoutes: all.flatMap(({ routes = [] }) => routes),
    allJobs: all.flatMap(({ jobs = [] }) => jobs),
  };
}

export type Features = ReturnType<typeof createFeatures>;
