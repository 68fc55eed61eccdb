import type { AuditQueries } from '../audit/queries.ts';
import type { Core } from '../core.ts';
import { createBundleCommands } from './bundle/commands.ts';
import { createBundleWriter } from './bundle/write.ts';
import { createDifferenceExport } from './export.ts';
import { createHistory } from './history.ts';
import { bundleJob, historySnapshotJob, historySweepJob } from './jobs.ts';
import { historyBundleRoutes } from './routes/bundles.ts';
import { historyRoutes } from './routes/changes.ts';

/** What was, what changed between two moments, and bundles for auditors. */
export function historyFeature(
  core: Core,
  { audit, retentionDays }: { readonly audit: AuditQueries; readonly retentionDays: number },
) {
  const history = createHistory({ ...core, audit });
  const historyBundles = createBundleCommands({ ...core, history });
  const differenceExport = createDifferenceExport({ ...core, history });
  return {
    history,
    routes: [
      ...historyRoutes({ ...core, history, differenceExport }),
      ...historyBundleRoutes({ ...core, historyBundles }),
    ],
    jobs: [
      historySnapshotJob(core),
      historySweepJob({ ...core, retentionDays }),
      bundleJob({ ...core, write: createBundleWriter({ ...core, history, audit }) }),
    ],
  };
}
