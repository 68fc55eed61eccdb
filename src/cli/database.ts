import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { ensurePartitions } from '../maintenance/partitions.ts';
import { type Database, openDatabase } from '../platform/db/database.ts';
import { pendingMigrations } from '../platform/db/migrate.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { useEmbeddedPostgres } from '../platform/embedded-postgres/use.ts';
import { CommandError, readConfig, serverUrl } from './command.ts';

/**
 * Runs `work` with the URL of the database that the settings name: the operator's own (Postgres itself rather than a
 * pooler), or the embedded one, which is started for as long as it takes if no Rollcall is running on it.
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

/** What every command on a database works with. */
export interface OpenDatabase {
  readonly config: Config;
  readonly db: Database;
  /** What links begin with. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

/**
 * Opens the database of the settings for a command that works with what is in it, and closes it afterwards.
 * @throws CommandError if there is no database yet or migrations are pending; ConfigError, DatabaseUnavailable,
 *   EmbeddedPostgresError, and whatever `work` throws
 */
export async function withOpenDatabase<Result>(
  work: (open: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  const config = readConfig();
  requireData(config);
  return withDatabase(config, async (url) => {
    await requireMigrated(url);
    const db = openDatabase({ url, connections: 8 });
    try {
      const now = () => new Date();
      await ensurePartitions(db, now());
      return await work({ config, db, publicUrl: serverUrl(config), now });
    } finally {
      await db.close();
    }
  });
}

/** A command that reads must not create a database by asking for one. */
function requireData({ databaseUrl, dataDir }: Config): void {
  if (databaseUrl !== undefined || existsSync(join(dataDir, 'postgres'))) return;
  throw new CommandError(
    `There is no database in ${dataDir}: start the server once, or set DATABASE_URL or DATA_DIR as the server has it.`,
  );
}

async function requireMigrated(url: string): Promise<void> {
  const pending = await pendingMigrations(url).catch((error: unknown) => {
    if (error instanceof DatabaseUnavailable || !(error instanceof Error) || 'code' in error) throw error;
    throw new CommandError(error.message);
  });
  if (pending.length > 0) {
    throw new CommandError('The database is not up to date: run rollcall migrate, or start the server once.');
  }
}
