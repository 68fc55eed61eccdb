import { tsImport } from 'tsx/esm/api';
import { buildPrograms } from './built-programs.mjs';

/**
 * Gives every test file a Postgres with a migrated template database (see database.ts): the one that
 * `TEST_DATABASE_URL` or `DATABASE_URL` names, else an embedded one that lives for this run.
 */
export default async function globalSetup() {
  buildPrograms();
  const { startTestPostgres } = await tsImport('./postgres.ts', import.meta.url);
  globalThis.testPostgres = await startTestPostgres();
}
