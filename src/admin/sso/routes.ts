import type { Route } from '../route.ts';
import { ssoActivationRoutes } from './activation-routes.ts';
import { type SsoRouteDependencies, ssoConnectionRoutes } from './connection-routes.ts';
import { ssoKeyRoutes } from './key-routes.ts';
import { ssoProvisioningRoutes } from './provisioning-routes.ts';
import { ssoTraceRoutes } from './trace-routes.ts';

/** Single sign-on, as administrators set it up. */
export function ssoRoutes(dependencies: SsoRouteDependencies): Route[] {
  return [
    ...ssoConnectionRoutes(dependencies),
    ...ssoKeyRoutes(dependencies),
    ...ssoActivationRoutes(dependencies),
    ...ssoTraceRoutes(dependencies),
    ...ssoProvisioningRoutes(dependencies),
  ];
}
