import type { Core } from '../core.ts';
import type { ScimConnectionCommands } from '../provisioning/commands.ts';
import type { LogQueries } from '../provisioning/log/queries.ts';
import type { ScimConnectionQueries } from '../provisioning/queries.ts';
import type { SelfTest } from '../provisioning/self-test/commands.ts';
import type { SsoAdministration } from '../sso/administration/administration.ts';
import { createSetUpLinkCommands } from './commands.ts';
import { setUpLinkRoutes } from './routes/administration.ts';
import { openedLinkRoutes } from './routes/link.ts';
import { scimHolderRoutes } from './routes/scim.ts';
import { ssoHolderRoutes } from './routes/sso.ts';
import { createSetUpLinks } from './verify.ts';

/** Links with which someone without an account sets one connection up. */
export function setUpLinksFeature(
  core: Core,
  given: {
    readonly sso: SsoAdministration;
    readonly scimConnections: ScimConnectionCommands;
    readonly scimConnectionQueries: ScimConnectionQueries;
    readonly provisioningLog: LogQueries;
    readonly selfTest: SelfTest;
  },
) {
  const setUpLinkCommands = createSetUpLinkCommands({
    ...core,
    require: {
      sso: (by, id) => given.sso.connections.get(by, id),
      scim: (by, id) => given.scimConnectionQueries.get(by, id),
    },
  });
  const dependencies = { ...core, ...given, setUpLinkCommands };
  return {
    setUpLinks: createSetUpLinks(core),
    setUpLinkCommands,
    routes: [
      ...setUpLinkRoutes(dependencies),
      ...openedLinkRoutes(dependencies),
      ...ssoHolderRoutes(dependencies),
      ...scimHolderRoutes(dependencies),
    ],
  };
}
