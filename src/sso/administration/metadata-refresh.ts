import type { Origin } from '../../directory/actor.ts';
import type { CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { Database } from '../../platform/db/database.ts';
import { REFRESH_AFTER_FAILURE } from '../rules/metadata-refresh.ts';
import { touchSsoConnection } from '../store/connections.ts';
import {
  type DueMetadata,
  findDueMetadata,
  type MetadataCheck,
  recordMetadataCheck,
} from '../store/metadata.ts';
import { loadCompleteConnection } from './administered.ts';
import { inTime } from './in-time.ts';
import { adoptMetadata } from './metadata-changes.ts';
import { checkOf, readAgain } from './provider-metadata.ts';
import type { ProviderMetadata, ProviderReader } from './providers.ts';

/** Looked at in one go, time permitting. */
const AT_ONCE = 200;

const origin: Origin = {
  actor: { type: 'system', id: 'worker', via: 'schedule' },
  requestId: 'sso-metadata-refresh',
};

/**
 * Builds the scheduled refresh of metadata: due metadata of active connections is read again, harmless changes are
 * applied immediately, others are staged, and failures are recorded (docs/sso-design.md §3).
 */
export function createMetadataRefresh({
  db,
  now,
  runner,
  providers,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly providers: ProviderReader;
}): () => Promise<void> {
  const refreshOne = async (due: DueMetadata): Promise<void> => {
    const { org_id: org, connection_id: id } = due;
    const read = await readDue(providers, due, now());
    await runner.withOrganization(org, origin, async (context) => {
      const before = await loadCompleteConnection(context.tx, org, id, context.at);
      const isTheSame =
        before.protocol === 'saml' && before.state === 'active' && before.settings.metadataUrl === due.url;
      if (!isTheSame) return;
      await recordMetadataCheck(context.tx, org, id, read, context.at);
      if (read.metadata === undefined) return;
      const effect = await adoptMetadata(context, before, read.metadata);
      if (effect !== 'none') await touchSsoConnection(context.tx, org, id, effect === 'untested', context.at);
    });
  };

  return async () => {
    for (const due of inTime(await findDueMetadata(db, now().toISOString(), AT_ONCE))) {
      try {
        await refreshOne(due);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        // Gone meanwhile, or more certificates than a connection may have.
        const check = {
          // So that it is read whole the next time, and not found unchanged.
          etag: undefined,
          error: error.message,
          refreshIn: REFRESH_AFTER_FAILURE,
        };
        await recordMetadataCheck(db, due.org_id, due.connection_id, check, now().toISOString());
      }
    }
  };
}

/** The current metadata of an address. Without metadata, nothing has changed or it could not be read. */
interface ReadNow extends MetadataCheck {
  readonly metadata: ProviderMetadata | undefined;
}

async function readDue(
  providers: ProviderReader,
  { url, entity_id, etag }: DueMetadata,
  now: Date,
): Promise<ReadNow> {
  try {
    const fetched = await providers.fetchMetadata(url, etag ?? undefined);
    if (fetched === undefined) {
      return { metadata: undefined, etag: etag ?? undefined, error: undefined, refreshIn: undefined };
    }
    const metadata = readAgain(providers, fetched.xml, entity_id);
    return { metadata, ...checkOf({ metadata, etag: fetched.etag }, now) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return {
      metadata: undefined,
      etag: undefined,
      error: error.message,
      refreshIn: REFRESH_AFTER_FAILURE,
    };
  }
}
