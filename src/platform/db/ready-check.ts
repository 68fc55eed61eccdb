import type { Database } from './database.ts';
import { pendingMigrations } from './migrate.ts';

/** Builds the readiness check: migrations until they are all there, the database each time. */
export function createReadyCheck(db: Database, databaseUrl: string): () => Promise<void> {
  let migrated = false;
  return async () => {
    const state = await db.checkHealth();
    if (state === 'read_only') throw new Error('The database is read-only.');
    const pending = migrated ? [] : await pendingMigrations(databaseUrl);
    if (pending.length > 0) throw new Error(`Migrations wait: ${pending.join(', ')}. Run npm run migrate.`);
    migrated = true;
  };
}
