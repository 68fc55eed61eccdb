import type { Administration } from '../directory/compose.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { authRoutes } from './auth/routes.ts';
import { elevationRoutes } from './elevations.ts';
import { memberRoutes } from './groups/member-routes.ts';
import { groupRoutes } from './groups/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { invitationRoutes } from './invitations.ts';
import { jobRoutes } from './jobs/routes.ts';
import { meRoutes } from './me/routes.ts';
import { secondFactorRoutes } from './me/second-factor-routes.ts';
import { ownSessionRoutes } from './me/session-routes.ts';
import { onboardingRoutes } from './onboarding.ts';
import { permissionRoutes } from './permissions.ts';
import { resourceRoutes } from './resources.ts';
import type { Route } from './route.ts';
import { scimRoutes } from './scim/routes.ts';
import { serviceAccountRoutes } from './service-accounts.ts';
import { settingsRoutes } from './settings.ts';
import { ssoRoutes } from './sso/routes.ts';
import { bulkRoutes } from './users/bulk-routes.ts';
import { changeUserRoutes } from './users/change-routes.ts';
import { emailRoutes } from './users/email-routes.ts';
import { offboardingRoutes } from './users/offboarding-routes.ts';
import { readUserRoutes } from './users/read-routes.ts';
import { removalRoutes } from './users/removal-routes.ts';
import { securityRoutes } from './users/security-routes.ts';
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
  ];
}
