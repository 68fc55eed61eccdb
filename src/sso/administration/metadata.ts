import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Database } from '../../platform/db/database.ts';
import { metadataWarnings } from '../rules/warnings.ts';
import { rewriteSsoConnection, writeStaged } from '../store/connections.ts';
import { forgetMetadataChecks, recordMetadataCheck } from '../store/metadata.ts';
import { requireSsoConnection, type StoredStaged } from './administered.ts';
import { requireSaml } from './certificates.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import {
  adoptMetadata,
  applyChanges,
  type CompleteSamlConnection,
  replaceProvider,
  strongest,
} from './metadata-changes.ts';
import { checkOf, type MetadataSource, readSource } from './provider-metadata.ts';
import type { ProviderReader } from './providers.ts';

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
