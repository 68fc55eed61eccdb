import { createImportCommands, type ImportCommands } from '../../directory/imports/commands.ts';
import { createImportQueries, type ImportQueries } from '../../directory/imports/queries.ts';
import { createImportRuns, type ImportRuns } from '../../directory/imports/run.ts';
import type { PeopleDependencies } from '../../directory/people/dependencies.ts';

/** What importing needs of the directory: the same commands as the server's. */
export interface Imports {
  readonly commands: ImportCommands;
  readonly queries: ImportQueries;
  readonly runs: ImportRuns;
}

/** Builds it. @param publicUrl what the links of the invitations begin with */
export function createImports({ db, now, administer, seal }: PeopleDependencies, publicUrl: string): Imports {
  const onFailure = (error: unknown) => process.stderr.write(`A row failed: ${(error as Error).stack}\n`);
  return {
    commands: createImportCommands({ administer, publicUrl }),
    queries: createImportQueries({ db }),
    runs: createImportRuns({ db, now, administer, seal, onFailure }),
  };
}
