import type { Logger } from 'pino';
import { alignFeed } from './audit/store/feed.ts';
import { ensureEventPartitions } from './audit/store/partitions.ts';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { loadSecretKeys } from './config/secret-key.ts';
import {
  createFirstOrganization,
  FIRST_OWNER_NAME,
  type NewOrganization,
} from './directory/organizations/create.ts';
import { organizationExists } from './directory/organizations/store/organizations.ts';
import { openDatabase } from './platform/db/database.ts';
import { migrate } from './platform/db/migrate.ts';
import { ensurePartitions } from './platform/db/partitions.ts';
import { setRoleDefaults } from './platform/db/settings.ts';
import { DatabaseUnavailable } from './platform/db/unavailable.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './platform/embedded-postgres/start.ts';
import { LOG_PARTITIONS } from './provisioning/log/store/partitions.ts';
import { requireKnownKeys } from './secrets/startup-check.ts';

/** Poolers' error for a parameter that they do not accept. */
const PROTOCOL_VIOLATION = '08P01';

/** A database that is there, migrated, and has an organization if one was to be made. */
export interface Prepared {
  readonly databaseUrl: string;
  readonly embedded: EmbeddedPostgres | undefined;
  readonly migrations: readonly string[];
  /** Made on this start. */
  readonly made: NewOrganization | undefined;
  /** No one can use the server yet: a database of the operator's own, empty, and no BOOTSTRAP_*. */
  readonly empty: boolean;
}

/** Starts the embedded Postgres if there is no other, migrates, and makes the first organization (docs/production.md). */
export async function prepareDatabase(config: Config, log: Logger): Promise<Prepared> {
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, onLog: (line) => log.debug(line) })
      : undefined;
  const databaseUrl = config.databaseUrl ?? (embedded as EmbeddedPostgres).url;
  try {
    // Made on the first start, so that what later needs it finds the same key for as long as the data lives.
    const secretKeys = await loadSecretKeys(config);
    const direct = config.databaseUrlDirect ?? databaseUrl;
    const migrations = await migrate(direct, {
      onWait: () => log.warn('waiting for another process that is migrating the database'),
    });
    const pooler = config.databaseUrlDirect !== undefined;
    if (pooler) await setRoleDefaults(direct, roleOf(databaseUrl));
    const db = openDatabase({ url: databaseUrl, connections: 8, pooler });
    try {
      await requireKnownKeys(db, secretKeys);
      await ensureEventPartitions(db, new Date());
      await ensurePartitions(db, LOG_PARTITIONS, new Date());
      if (await alignFeed(db))
        log.info('the database was restored to another cluster: the feed of events goes on');
      const { org, ownerEmail, ownerName, ownerPassword, scimToken } = config.bootstrap;
      const configured = [org, ownerEmail, ownerName, ownerPassword, scimToken].some(
        (value) => value !== undefined,
      );
      const made =
        embedded !== undefined || configured
          ? await createFirstOrganization(
              { db, now: () => new Date() },
              { actor: { type: 'system', id: 'bootstrap', via: 'cli' }, requestId: 'bootstrap' },
              {
                name: org,
                ownerEmail,
                ownerName: ownerName ?? FIRST_OWNER_NAME,
                ownerPassword,
                scimToken,
                connectionName: 'First SCIM connection',
                strict: false,
              },
            )
          : undefined;
      const empty = made === undefined && !(await organizationExists(db));
      return { databaseUrl, embedded, migrations, made, empty };
    } finally {
      await db.close();
    }
  } catch (error) {
    await embedded?.stop();
    if (error instanceof DatabaseUnavailable && error.code === PROTOCOL_VIOLATION) {
      throw new ConfigError([
        'DATABASE_URL leads to a pooler such as PgBouncer; set DATABASE_URL_DIRECT to the address of Postgres itself.',
      ]);
    }
    throw error;
  }
}

/** The role that an address signs in as. */
function roleOf(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).username);
}
