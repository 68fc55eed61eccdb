import type { Core } from '../core.ts';
import type { History } from '../history/history.ts';
import { createApiKeyCommands } from './api-keys/commands.ts';
import { apiKeyRoutes } from './api-keys/routes.ts';
import { createApiKeys } from './api-keys/verify.ts';
import { createAuthorizationQueries } from './authorization/queries.ts';
import { permissionRoutes } from './authorization/routes.ts';
import { createElevationCommands } from './elevations/commands.ts';
import { createElevationExpiry } from './elevations/expiry.ts';
import { elevationExpiryJob } from './elevations/jobs.ts';
import { createElevationQueries } from './elevations/queries.ts';
import { elevationRoutes } from './elevations/routes.ts';
import { createResourceCommands } from './resources/commands.ts';
import { resourceRoutes } from './resources/routes.ts';
import { createServiceAccountCommands } from './service-accounts/commands.ts';
import { serviceAccountRoutes } from './service-accounts/routes.ts';

/** Who may do what: permission checks, elevations, resources, API keys and service accounts. */
export function accessFeature(core: Core, { history }: { readonly history: History }) {
  const elevations = createElevationCommands(core);
  const expiry = createElevationExpiry(core);
  const authorization = createAuthorizationQueries(core);
  return {
    elevations,
    authorization,
    apiKeys: createApiKeys(core),
    expiry,
    routes: [
      ...resourceRoutes({ resources: createResourceCommands(core) }),
      ...elevationRoutes({ elevations, elevationQueries: createElevationQueries(core) }),
      ...apiKeyRoutes({ apiKeyCommands: createApiKeyCommands(core) }),
      ...serviceAccountRoutes({ serviceAccounts: createServiceAccountCommands(core) }),
      ...permissionRoutes({ ...core, authorization, history }),
    ],
    jobs: [elevationExpiryJob(expiry)],
  };
}
