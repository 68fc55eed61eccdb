import type { Core } from '../core.ts';
import { createChecklistCommands } from './checklist.ts';
import { createJobFunctionCommands } from './job-functions.ts';
import { onboardingRoutes } from './routes.ts';

/** What new users have to do, and which role and groups a job function brings. */
export function onboardingFeature(core: Core) {
  return {
    routes: onboardingRoutes({
      checklists: createChecklistCommands(core),
      jobFunctions: createJobFunctionCommands(core),
    }),
  };
}
