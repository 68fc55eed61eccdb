import type { AuditQueries } from '../audit/queries.ts';
import type { Core } from '../core.ts';
import { createActivityCommands } from './commands.ts';
import { createActivityExport } from './export.ts';
import { createActivityQueries } from './queries.ts';
import { activityRoutes } from './routes/read.ts';
import { reportRoutes } from './routes/report.ts';

export interface ActivityFeatureDependencies {
  readonly audit: AuditQueries;
  /** For how many days activity events are kept. */
  readonly retentionDays: number;
}

/** What applications report that users did. */
export function activityFeature(core: Core, { audit, retentionDays }: ActivityFeatureDependencies) {
  const activity = createActivityQueries({ ...core, audit });
  return {
    routes: [
      ...reportRoutes({ activityCommands: createActivityCommands({ ...core, retentionDays }) }),
      ...activityRoutes({
        activity,
        activityExport: createActivityExport({ ...core, activity }),
        locate: core.locate,
        now: core.now,
      }),
    ],
  };
}
