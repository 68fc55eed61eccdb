import type { Core } from '../core.ts';
import { createScimConnectionCommands } from './commands.ts';
import { releaseJob } from './jobs.ts';
import { createDryRunReports } from './log/dry-run.ts';
import { createLogQueries } from './log/queries.ts';
import { type CarryOut, createReplayCommands } from './log/replay.ts';
import { provisioningLogRoutes } from './log/routes.ts';
import { createScimConnectionQueries } from './queries.ts';
import { createRoleSourcePreview } from './role-source-preview.ts';
import { scimConnectionRoutes } from './routes/connections.ts';
import { dryRunRoutes } from './routes/dry-run.ts';
import { scimHealthRoutes } from './routes/health.ts';
import { scimTokenRoutes } from './routes/tokens.ts';
import { createSelfTest, type SelfTestDependencies } from './self-test/commands.ts';
import { selfTestRoutes } from './self-test/routes.ts';

/** SCIM connections, their tokens, and the log of their requests. */
export function provisioningFeature(
  core: Core,
  {
    carryOut,
    rehearse,
    limits,
  }: { readonly carryOut: CarryOut } & Pick<SelfTestDependencies, 'rehearse' | 'limits'>,
) {
  const scimConnectionQueries = createScimConnectionQueries(core);
  const provisioningLog = createLogQueries({ db: core.db, connections: scimConnectionQueries });
  const scim = { ...core, scimConnectionQueries, scimConnections: createScimConnectionCommands(core) };
  const selfTest = createSelfTest({ ...core, connections: scimConnectionQueries, rehearse, limits });
  return {
    selfTest,
    scimConnectionQueries,
    scimConnections: scim.scimConnections,
    provisioningLog,
    jobs: [releaseJob(core)],
    routes: [
      ...scimConnectionRoutes(scim),
      ...scimTokenRoutes(scim),
      ...scimHealthRoutes(scim),
      ...dryRunRoutes({
        reports: createDryRunReports({ ...core, connections: scimConnectionQueries }),
        previewRoleSource: createRoleSourcePreview(core),
      }),
      ...selfTestRoutes({ selfTest }),
      ...provisioningLogRoutes({
        provisioningLog,
        replays: createReplayCommands({ ...core, queries: provisioningLog, carryOut }),
      }),
    ],
  };
}
