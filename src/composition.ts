import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createCredentials } from './directory/connections/credentials.ts';
import { createGroupCommands } from './directory/groups/commands.ts';
import { createQueries } from './directory/lists.ts';
import { ensureEventPartitions } from './directory/store/partitions.ts';
import { createUserCommands } from './directory/users/commands.ts';
import { createApp } from './http/app.ts';
import { createHealthRouter } from './http/health.ts';
import { type JobHandler, scheduleJob } from './jobs/queue.ts';
import { startWorker, type Worker } from './jobs/worker.ts';
import { type Database, openDatabase } from './platform/db.ts';
import { pendingMigrations } from './platform/migrate.ts';
import { packageRoot } from './platform/package-root.ts';
import { createScimRouter } from './scim/router.ts';
import { readSchemas } from './scim/schema/definition.ts';
import { compileResourceTypes } from './scim/schema/resource-type.ts';

export interface RollcallOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly trustProxy?: false | number | readonly string[];
  /** Where the schema files are; those of the package unless a test says otherwise. */
  readonly schemaFolder?: string;
  readonly now?: () => Date;
}

/** Everything, constructed and joined. */
export interface Rollcall {
  readonly db: Database;
  /** The HTTP side; `publicUrl` is what links and locations begin with. */
  listener(publicUrl: string): RequestListener;
  /** The background side. */
  work(): Promise<Worker>;
  close(): Promise<void>;
}

const DAY_SECONDS = 86_400;

/**
 * Builds a Rollcall on a migrated database. Nothing connects or listens until it is used.
 * @throws Error if a schema file is not a schema
 */
export function createRollcall(options: RollcallOptions): Rollcall {
  const { databaseUrl, log, now = () => new Date() } = options;
  const folder = options.schemaFolder ?? join(packageRoot(import.meta.url), 'scim-schemas');
  const types = compileResourceTypes(readSchemas(folder));
  const db = openDatabase({
    url: databaseUrl,
    onError: (error) => log.warn({ err: error }, 'database connection lost'),
  });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });

  const credentials = createCredentials({ db, now });
  const users = createUserCommands({ db, now });
  const groups = createGroupCommands({ db, now });
  const queries = createQueries({ db, now });

  const handlers = new Map<string, JobHandler>([
    ['maintain_partitions', () => ensureEventPartitions(db, now())],
  ]);

  return {
    db,

    listener: (publicUrl) =>
      createApp({
        log,
        metrics,
        trustProxy: options.trustProxy ?? false,
        routers: new Map([
          [
            '/scim/v2',
            createScimRouter({ types, credentials, users, groups, queries, base: `${publicUrl}/scim/v2` }),
          ],
          ['/', createHealthRouter({ metrics, checkReady: () => checkReady(databaseUrl) })],
        ]),
      }),

    work: async () => {
      await scheduleJob(db, 'maintain_partitions', DAY_SECONDS);
      return startWorker(db, handlers, log);
    },

    close: () => db.close(),
  };
}

async function checkReady(databaseUrl: string): Promise<void> {
  let pending: readonly string[];
  try {
    pending = await pendingMigrations(databaseUrl);
  } catch (error) {
    throw new Error('The database cannot be reached.', { cause: error });
  }
  if (pending.length > 0) throw new Error(`Migrations wait: ${pending.join(', ')}. Run npm run migrate.`);
}
