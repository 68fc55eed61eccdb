import type { Core } from '../core.ts';
import { createExportCommands } from './commands.ts';
import { exportJob } from './jobs.ts';

/** The personal data of a user as a file; its routes stand with offboarding. */
export function exportsFeature(core: Core) {
  return { exports: createExportCommands(core), jobs: [exportJob(core.db, core.now)] };
}
