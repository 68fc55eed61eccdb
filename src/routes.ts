import { apiKeyRoutes } from './access/api-keys/routes.ts';
import { permissionRoutes } from './access/authorization/routes.ts';
import { elevationRoutes } from './access/elevations/routes.ts';
import { resourceRoutes } from './access/resources/routes.ts';
import { serviceAccountRoutes } from './access/service-accounts/routes.ts';
import { activityRoutes } from './activity/routes/read.ts';
import { reportRoutes } from './activity/routes/report.ts';
import { alertRoutes } from './alerts/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { groupRoutes } from './directory/groups/routes/groups.ts';
import { memberRoutes } from './directory/groups/routes/members.ts';
import { settingsRoutes } from './directory/organizations/routes.ts';
import { changeUserRoutes } from './directory/users/routes/change.ts';
import { readUserRoutes } from './directory/users/routes/read.ts';
import { emailRoutes } from './email-changes/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { invitationRoutes } from './invitations/routes.ts';
import { jobRoutes } from './jobs/routes.ts';
import { bulkRoutes } from './lifecycle/routes/bulk.ts';
import { offboardingRoutes } from './lifecycle/routes/offboarding.ts';
import { removalRoutes } from './lifecycle/routes/removal.ts';
import { onboardingRoutes } from './onboarding/routes.ts';
import { provisioningLogRoutes } from './provisioning/log/routes.ts';
import { scimRoutes } from './provisioning/routes.ts';
import type { Route } from './rest/route.ts';
import { reviewItemRoutes } from './reviews/routes/items.ts';
import { reviewRoutes } from './reviews/routes/reviews.ts';
import type { Administration } from './services.ts';
import { authRoutes } from './sign-in/routes/auth.ts';
import { meRoutes } from './sign-in/routes/me.ts';
import { ownSessionRoutes } from './sign-in/routes/own-sessions.ts';
import { secondFactorRoutes } from './sign-in/routes/second-factor.ts';
import { securityRoutes } from './sign-in/routes/security.ts';
import { ssoRoutes } from './sso/routes/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** Every route of the API. What is served, documented and tested begins here. */
export function adminRoutes(administration: Administration): Route[] {
  return [
    ...authRoutes(administration),
    ...readUserRoutes(administration),
    ...changeUserRoutes(administration),
    ...removalRoutes(administration),
    ...emailRoutes(administration),
    ...bulkRoutes(administration),
    ...offboardingRoutes(administration),
    ...invitationRoutes(administration),
    ...groupRoutes(administration),
    ...memberRoutes(administration),
    ...resourceRoutes(administration),
    ...meRoutes(administration),
    ...ownSessionRoutes(administration),
    ...secondFactorRoutes(administration),
    ...securityRoutes(administration),
    ...elevationRoutes(administration),
    ...apiKeyRoutes(administration),
    ...serviceAccountRoutes(administration),
    ...permissionRoutes(administration),
    ...onboardingRoutes(administration),
    ...settingsRoutes(administration),
    ...importRoutes(administration),
    ...webhookRoutes(administration),
    ...jobRoutes(administration),
    ...ssoRoutes(administration),
    ...scimRoutes(administration),
    ...provisioningLogRoutes(administration),
    ...auditRoutes(administration),
    ...alertRoutes(administration),
    ...reviewRoutes(administration),
    ...reviewItemRoutes(administration),
    ...reportRoutes(administration),
    ...activityRoutes(administration),
  ];
}
