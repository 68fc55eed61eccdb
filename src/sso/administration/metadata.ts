import type { Origin } from '../../directory/actor.ts';
import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { requireReal } from '../../directory/organizations/store/demonstrations.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Database } from '../../platform/db/database.ts';
import { inTime } from '../jobs.ts';
import { REFRESH_AFTER_FAILURE } from '../rules/metadata-refresh.ts';
import { metadataWarnings } from '../rules/warnings.ts';
import {
  type DueMetadata,
  findDueMetadata,
  forgetMetadataChecks,
  type MetadataCheck,
  recordMetadataCheck,
  rewriteSsoConnection,
  touchSsoConnection,
  writeStaged,
} from '../store/connections.ts';
import { loadCompleteConnection, requireSsoConnection, type StoredStaged } from './administered.ts';
import { requireSaml } from './certificates.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import {
  adoptMetadata,
  applyChanges,
  type CompleteSamlConnection,
  checkOf,
  type MetadataSource,
  readAgain,
  readSource,
  replaceProvider,
  strongest,
} from './metadata-changes.ts';
import type { ProviderMetadata, ProviderReader } from './provider-reader.ts';

export interface MetadataCommands {
  /**
   * Applies a provider's metadata: all of it if no one signs in through the connection, else the harmless part; the
   * rest is staged. Metadata of a URL is read again every day; an uploaded document ends that.
   * @param entityId which provider to use if the metadata describes several
   * @throws DomainError `invalid_metadata`, `invalid_address`, `too_many`, `conflict`, `not_found`, `version_mismatch`, `forbidden`
   */
  give(
    by: Authority,
    id: ConnectionId,
    source: MetadataSource,
    entityId: string | undefined,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /**
   * Does what was staged.
   * @throws DomainError `nothing_staged`, `last_certificate`, `too_many`, `not_found`, `version_mismatch`, `forbidden`
   */
  confirm(by: Authority, id: ConnectionId, ifMatch: readonly string[] | undefined): Promise<ConnectionReport>;
  /**
   * Does without what was staged: the same is not staged again until it is given again.
   * @throws DomainError `nothing_staged`, `not_found`, `version_mismatch`, `forbidden`
   */
  drop(by: Authority, id: ConnectionId, ifMatch: readonly string[] | undefined): Promise<ConnectionReport>;
}

/** Builds the commands about the metadata of SAML providers (docs/sso-design.md §3). */
export function createMetadataCommands({
  db,
  providers,
  change,
}: {
  readonly db: Database;
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}): MetadataCommands {
  return {
    give: async (by, id, source, entityId, ifMatch) => {
      await requireSsoConnection(db, by, id);
      if ('url' in source) await requireReal(db, by.org);
      const read = await readSource(providers, source, entityId);
      const { metadata, url } = read;
      const { connection, warnings } = await change(
        by,
        id,
        ifMatch,
        async ({ context, before, recordEvent }) => {
          requireSaml(before);
          const { tx, org, at, time } = context;
          const known = withAddress(before, url);
          if (known !== before) {
            await rewriteSsoConnection(tx, org, id, known);
            recordEvent({ action: 'sso_connection.updated', changes: { attributes: ['metadataUrl'] } });
          }
          if (url === null) await forgetMetadataChecks(tx, org, id);
          else await recordMetadataCheck(tx, org, id, checkOf(read, time), at);
          const effect =
            before.state === 'active'
              ? await adoptMetadata(context, { ...known, dropped: undefined }, metadata)
              : await replaceProvider(context, known, metadata);
          return strongest(known === before ? 'none' : 'changed', effect);
        },
      );
      return { connection, warnings: [...metadataWarnings(metadata, connection), ...warnings] };
    },

    confirm: (by, id, ifMatch) =>
      change(by, id, ifMatch, async ({ context, before }) => {
        requireSaml(before);
        if (before.staged === undefined) throw nothingStaged();
        await writeStaged(context.tx, context.org, id, null);
        return strongest('changed', await applyChanges(context, before, before.staged.changes));
      }),

    drop: (by, id, ifMatch) =>
      change(by, id, ifMatch, async ({ context, before, recordEvent }) => {
        if (before.staged === undefined) throw nothingStaged();
        const dropped: StoredStaged = { ...before.staged, dropped: true };
        await writeStaged(context.tx, context.org, id, dropped);
        recordEvent({ action: 'sso_connection.updated', changes: { attributes: ['staged'] } });
        return 'changed';
      }),
  };
}

const withAddress = (
  connection: CompleteSamlConnection,
  metadataUrl: string | null,
): CompleteSamlConnection =>
  connection.settings.metadataUrl === metadataUrl
    ? connection
    : { ...connection, settings: { ...connection.settings, metadataUrl } };

const nothingStaged = (): DomainError =>
  new DomainError('nothing_staged', 'No metadata of this connection waits for you.');

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
}: CommandDependencies & {
  readonly providers: ProviderReader;
}): () => Promise<void> {
  const refreshOne = async (due: DueMetadata): Promise<void> => {
    const { org, connection: id } = due;
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
        await recordMetadataCheck(db, due.org, due.connection, check, now().toISOString());
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
  { url, entityId, etag }: DueMetadata,
  now: Date,
): Promise<ReadNow> {
  try {
    const fetched = await providers.fetchMetadata(url, etag ?? undefined);
    if (fetched === undefined) {
      return { metadata: undefined, etag: etag ?? undefined, error: undefined, refreshIn: undefined };
    }
    const metadata = readAgain(providers, fetched.xml, entityId);
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
