import type { Core } from '../core.ts';
import { createDemonstrationCommands } from './commands.ts';
import { demonstrationJob } from './jobs.ts';
import type { OpenPast } from './past.ts';
import { demonstrationRoutes } from './routes.ts';

export interface DemonstrationSettings {
  readonly openPast: OpenPast;
}

/** An organization to look around in. */
export function demonstrationFeature(core: Core, { openPast }: DemonstrationSettings) {
  return {
    routes: demonstrationRoutes({ demonstrations: createDemonstrationCommands(core) }),
    jobs: [demonstrationJob({ ...core, openPast })],
  };
}
