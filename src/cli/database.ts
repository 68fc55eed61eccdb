import type { Config } from '../config.ts';
import { useEmbeddedPostgres } from '../platform/embedded-postgres/use.ts';
import { pendingMigrations } from '../platform/migrate.ts';
import { CommandError } from './command.ts';

/**
 * Runs `work` with the URL of the database that the settings name: the operator's own (Postgres itself rather than a pooler), or the embedded one, which is
 * started for as long as it takes if no Rollcall is running on it.
 * @throws EmbeddedPostgresError, and whatever `work` throws
 */
export async function withDatabase<Result>(
  { databaseUrl, databaseUrlDirect, dataDir }: Config,
  work: (databaseUrl: string) => Promise<Result>,
): Promise<Result> {
  if (databaseUrl !== undefined) return work(databaseUrlDirect ?? databaseUrl);
  const postgres = await useEmbeddedPostgres({ dataDir });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

/** @throws CommandError when migrations wait */
export async function requireMigrated(url: string): Promise<void> {
  const pending = await pendingMigrations(url);
  if (pending.length > 0) {
    throw new CommandError('The database is not up to date: run rollcall migrate, or start the server once.');
  }
}
