import type { Logger } from 'pino';
import type { Core } from '../core.ts';
import { createImportCommands } from './commands.ts';
import { importJob } from './jobs.ts';
import { createImportQueries } from './queries.ts';
import { importRoutes } from './routes.ts';
import { createImportRuns } from './run.ts';

/** Users from CSV files. */
export function importsFeature(core: Core, { log }: { readonly log: Logger }) {
  const onFailure = (error: unknown) => log.error({ err: error }, 'a row of an import failed');
  return {
    routes: importRoutes({
      imports: createImportCommands(core),
      importQueries: createImportQueries(core),
    }),
    jobs: [importJob(createImportRuns({ ...core, onFailure }))],
  };
}
