import type { Logger } from 'pino';
import type { Core } from '../core.ts';
import { createUndoCommands } from './commands.ts';
import { undoJob } from './jobs.ts';
import { createUndoQueries } from './queries.ts';
import { undoRoutes } from './routes.ts';
import { createUndoRuns } from './run.ts';

/** Taking back what a connection, an import, a bulk action or an undo changed. */
export function undoFeature(core: Core, { log }: { readonly log: Logger }) {
  const onFailure = (error: unknown) => log.error({ err: error }, 'a change of an undo failed');
  return {
    routes: undoRoutes({ ...core, undos: createUndoCommands(core), undoQueries: createUndoQueries(core) }),
    jobs: [undoJob(createUndoRuns({ ...core, onFailure }))],
  };
}
