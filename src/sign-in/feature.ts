import type { AuthorizationQueries } from '../access/authorization/queries.ts';
import type { Core } from '../core.ts';
import type { LogoQueries } from '../directory/organizations/logo/queries.ts';
import type { EditCommands } from '../directory/users/edit-commands.ts';
import type { SsoLogins } from '../sso/login/sso-logins.ts';
import { createSecurityQueries } from './queries.ts';
import { authRoutes } from './routes/auth.ts';
import { meRoutes } from './routes/me.ts';
import { ownSessionRoutes } from './routes/own-sessions.ts';
import { secondFactorRoutes } from './routes/second-factor.ts';
import { securityRoutes } from './routes/security.ts';
import { createSecondFactor } from './second-factor.ts';
import { createSessionCommands } from './sessions.ts';

export interface SignInDependencies {
  readonly ssoLogins: SsoLogins;
  readonly edit: EditCommands;
  readonly authorization: AuthorizationQueries;
  readonly logoQueries: LogoQueries;
}

/** Passwords, second factors and sessions; the account of whoever is signed in. */
export function signInFeature(core: Core, others: SignInDependencies) {
  const parts = {
    ...core,
    ...others,
    security: createSecurityQueries(core),
    sessionCommands: createSessionCommands(core),
    secondFactor: createSecondFactor(core),
  };
  return {
    security: parts.security,
    routes: [
      ...authRoutes(parts),
      ...meRoutes(parts),
      ...ownSessionRoutes(parts),
      ...secondFactorRoutes(parts),
      ...securityRoutes(parts),
    ],
  };
}
