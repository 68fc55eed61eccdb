import type { Route } from '../route.ts';
import { ssoActivationRoutes } from './activation-routes.ts';
import { ssoCertificateRoutes } from './certificate-routes.ts';
import { type SsoRouteDependencies, ssoConnectionRoutes } from './connection-routes.ts';
import { ssoDomainRoutes } from './domain-routes.ts';
import { ssoKeyRoutes } from './key-routes.ts';
import { ssoMetadataRoutes } from './metadata-routes.ts';
import { ssoProvisioningRoutes } from './provisioning-routes.ts';
import { ssoTraceRoutes } from './trace-routes.ts';

/** Single sign-on, as administrators set it up. */
export function ssoRoutes(dependencies: SsoRouteDependencies): Route[] {
  return [
    ...ssoConnectionRoutes(dependencies),
    ...ssoKeyRoutes(dependencies),
    ...ssoCertificateRoutes(dependencies),
    ...ssoMetadataRoutes(dependencies),
    ...ssoActivationRoutes(dependencies),
    ...ssoDomainRoutes(dependencies),
    ...ssoTraceRoutes(dependencies),
    ...ssoProvisioningRoutes(dependencies),
  ];
}
