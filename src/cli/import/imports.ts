import type { UserDependencies } from '../../directory/users/dependencies.ts';
import { createImportCommands, type ImportCommands } from '../../imports/commands.ts';
import { createImportQueries, type ImportQueries } from '../../imports/queries.ts';
import { createImportRuns, type ImportRuns } from '../../imports/run.ts';

/** What importing needs of the directory: the same commands as the server's. */
export interface Imports {
  readonly commands: ImportCommands;
  readonly queries: ImportQueries;
  readonly runs: ImportRuns;
}

/** Builds it. @param publicUrl what the links of the invitations begin with */
export function createImports({ db, now, runner, seal }: UserDependencies, publicUrl: string): Imports {
  const onFailure = (error: unknown) => process.stderr.write(`A row failed: ${(error as Error).stack}\n`);
  return {
    commands: createImportCommands({ runner, publicUrl }),
    queries: createImportQueries({ db }),
    runs: createImportRuns({ db, now, runner, seal, onFailure }),
  };
}
