import type { Core } from '../core.ts';
import { createJobAdministration } from './commands.ts';
import { jobRoutes } from './routes.ts';

/** Background jobs, as administrators see them. */
export function jobsFeature(core: Core) {
  return { routes: jobRoutes({ jobs: createJobAdministration(core) }) };
}
