import type { Route } from '../../rest/route.ts';
import { ssoActivationRoutes } from './activation.ts';
import { ssoCertificateRoutes } from './certificates.ts';
import { type SsoRouteDependencies, ssoConnectionRoutes } from './connections.ts';
import { ssoDomainRoutes } from './domains.ts';
import { identityRoutes } from './identities.ts';
import { ssoKeyRoutes } from './keys.ts';
import { ssoMetadataRoutes } from './metadata.ts';
import { ssoProvisioningRoutes } from './provisioning.ts';
import { ssoTraceRoutes } from './traces.ts';

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
    ...identityRoutes(dependencies),
    ...ssoProvisioningRoutes(dependencies),
  ];
}
