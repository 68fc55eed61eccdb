import type { Route } from '../route.ts';
import { type SsoRouteDependencies, ssoConnectionRoutes } from './connection-routes.ts';
import { ssoKeyRoutes } from './key-routes.ts';
import { ssoProvisioningRoutes } from './provisioning-routes.ts';

/** Single sign-on, as administrators set it up. */
export function ssoRoutes(dependencies: SsoRouteDependencies): Route[] {
  return [
    ...ssoConnectionRoutes(dependencies),
    ...ssoKeyRoutes(dependencies),
    ...ssoProvisioningRoutes(dependencies),
  ];
}
