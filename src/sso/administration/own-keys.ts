import type { Origin } from '../../directory/actor.ts';
import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { HOUR_MS } from '../../platform/time.ts';
import { sealPrivateKey } from '../secrets.ts';
import type { SsoProtocol } from '../settings.ts';
import {
  findConnectionsWithRetiredKeys,
  insertSsoKey,
  removeRetiredKeys,
  retireSsoKey,
  type SsoKeyUse,
} from '../store/keys.ts';
import { requireSsoConnection } from './administered.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import type { MadeKey, ProviderReader } from './provider-reader.ts';

/** Longest time for which two keys of a use are valid side by side: 90 days. */
export const MAX_OVERLAP_HOURS = 2_160;

/** A key of ours that no connection has yet. */
interface FreshKey extends MadeKey {
  readonly use: SsoKeyUse;
}

/** Makes the keys of a new connection: one signs, and in SAML another is encrypted to. */
export async function makeKeysFor(protocol: SsoProtocol, providers: ProviderReader): Promise<FreshKey[]> {
  const uses: readonly SsoKeyUse[] = protocol === 'saml' ? ['signing', 'encryption'] : ['signing'];
  return Promise.all(uses.map(async (use) => ({ use, ...(await providers.makeKey(use)) })));
}

/** Gives a connection a key. @returns its id */
export async function addKey(
  { tx, org, at, newId }: CommandContext,
  seal: SecretBox,
  connection: ConnectionId,
  { use, privateKeyPem, certificatePem: certificate }: FreshKey,
): Promise<string> {
  const id = newId();
  const sealedPrivateKey = sealPrivateKey(seal, connection, id, privateKeyPem);
  await insertSsoKey(tx, org, connection, { id, use, sealedPrivateKey, certificate }, at);
  return id;
}

/** Deletes retired keys with their private parts, and records it. */
async function deleteRetiredKeys(
  { tx, org, at, recordEvent }: CommandContext,
  connection: ConnectionId,
): Promise<void> {
  for (const { id, use } of await removeRetiredKeys(tx, org, connection, at)) {
    recordEvent({
      action: 'sso_key.retired',
      target: ['sso_key', id],
      member: connection,
      changes: { values: { use: [use, null] } },
    });
  }
}

export interface OwnKeyCommands {
  /**
   * Creates another key for a use; the previous one stays valid for some hours.
   * @throws DomainError `conflict` while two of the use are valid already, `not_found`, `version_mismatch`, `forbidden`
   */
  rotate(
    by: Authority,
    id: ConnectionId,
    use: SsoKeyUse,
    overlapHours: number,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /** Ends the overlap now. @throws DomainError `not_found`, `conflict` for a key that nothing has replaced */
  retire(by: Authority, id: ConnectionId, key: string): Promise<ConnectionReport>;
}

/** Builds the commands about our own keys. */
export function createOwnKeyCommands({
  db,
  seal,
  providers,
  change,
}: {
  readonly db: Database;
  readonly seal: SecretBox;
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}): OwnKeyCommands {
  return {
    rotate: async (by, id, use, overlapHours, ifMatch) => {
      await requireSsoConnection(db, by, id);
      const fresh: FreshKey = { use, ...(await providers.makeKey(use)) };
      return change(by, id, ifMatch, async ({ context, before }) => {
        const present = before.keys.filter((key) => key.use === use);
        const retiring = present.find(({ retiresAt }) => retiresAt !== null);
        if (retiring !== undefined) {
          throw new DomainError(
            'conflict',
            `A key for ${use} is being replaced until ${retiring.retiresAt}: retire it first.`,
          );
        }
        const until = new Date(context.time.getTime() + overlapHours * HOUR_MS).toISOString();
        for (const key of present) await retireSsoKey(context.tx, context.org, id, key.id, until);
        const key = await addKey(context, seal, id, fresh);
        context.recordEvent({
          action: 'sso_key.added',
          target: ['sso_key', key],
          member: id,
          changes: { values: { use: [null, use], overlapHours: [null, overlapHours] } },
        });
        await deleteRetiredKeys(context, id);
        return 'changed';
      });
    },

    retire: (by, id, key) =>
      change(by, id, undefined, async ({ context, before }) => {
        const found = before.keys.find((each) => each.id === key);
        if (found === undefined) throw notFound('sso_key');
        if (found.retiresAt === null) {
          throw new DomainError(
            'conflict',
            'Nothing has taken the place of this key: make another one first.',
          );
        }
        await retireSsoKey(context.tx, context.org, id, key, context.at);
        await deleteRetiredKeys(context, id);
        return 'changed';
      }),
  };
}

const origin: Origin = {
  actor: { type: 'system', id: 'worker', via: 'schedule' },
  requestId: 'sso-key-retirement',
};

/** Builds what the schedule does about keys of ours whose time has ended: they are no longer used, and here they are deleted. */
export function createKeyRetirement({ db, now, runner }: CommandDependencies): () => Promise<void> {
  return async () => {
    for (const { org, connection } of await findConnectionsWithRetiredKeys(db, now().toISOString())) {
      await runner.withOrganization(org, origin, (context) => deleteRetiredKeys(context, connection));
    }
  };
}
