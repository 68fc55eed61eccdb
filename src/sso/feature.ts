import type { Core } from '../core.ts';
import { createSsoAdministration } from './administration/administration.ts';
import { createDomainChecks, type ResolveTxt } from './administration/domains.ts';
import { createMetadataRefresh } from './administration/metadata.ts';
import { createKeyRetirement } from './administration/own-keys.ts';
import type { ProviderReader } from './administration/provider-reader.ts';
import { ssoJobs } from './jobs.ts';
import { createSsoLogins } from './login/sso-logins.ts';
import { ssoRoutes } from './routes/routes.ts';

export interface SsoSettings {
  readonly providers: ProviderReader;
  readonly resolveTxt: ResolveTxt;
}

/** Single sign-on: connections, domains, logins. */
export function ssoFeature(core: Core, { providers, resolveTxt }: SsoSettings) {
  const schedule = {
    refreshMetadata: createMetadataRefresh({ ...core, providers }),
    checkDomains: createDomainChecks({ ...core, resolveTxt }),
    retireKeys: createKeyRetirement(core),
  };
  const sso = createSsoAdministration({ ...core, providers, resolveTxt });
  return {
    sso,
    ssoLogins: createSsoLogins(core),
    schedule,
    routes: ssoRoutes({ ...core, sso }),
    jobs: ssoJobs(schedule),
  };
}
