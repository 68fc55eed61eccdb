import { createAdminister } from '../../directory/administer.ts';
import { createImportCommands, type ImportCommands } from '../../directory/imports/commands.ts';
import { createImportQueries, type ImportQueries } from '../../directory/imports/queries.ts';
import { createImportRuns, type ImportRuns } from '../../directory/imports/run.ts';
import type { Database } from '../../platform/db.ts';
import { createSeal, type SecretKeys } from '../../platform/sealing.ts';

/** All that importing needs of the directory: the same commands as the server's. */
export interface Imports {
  readonly commands: ImportCommands;
  readonly queries: ImportQueries;
  readonly runs: ImportRuns;
}

/** Builds it. @param publicUrl where the links of the invitations lead */
export function joinImports(db: Database, secretKeys: SecretKeys, publicUrl: string): Imports {
  const now = () => new Date();
  const administer = createAdminister({ db, now });
  const onFailure = (error: unknown) => process.stderr.write(`A row failed: ${(error as Error).stack}\n`);
  return {
    commands: createImportCommands({ administer, publicUrl }),
    queries: createImportQueries({ db }),
    runs: createImportRuns({ db, now, administer, seal: createSeal(secretKeys), onFailure }),
  };
}
