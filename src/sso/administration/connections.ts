import type { CommandRunner } from '../../directory/command-runner.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requirePermissions } from '../../directory/roles/rules/guards.ts';
import { requireVersion } from '../../directory/rules/versions.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { endSessionsThrough } from '../end-sessions.ts';
import { listSsoConnections, removeSsoConnection } from '../store/connections.ts';
import { listAllSsoDomains, type SsoDomainRow } from '../store/domains.ts';
import { loadCompleteConnection, type SsoConnection, toSsoConnection } from './administered.ts';
import { type ChangeConnection, type ConnectionReport, report } from './change.ts';
import { createConnection, type NewConnection } from './connection-creation.ts';
import { type ConnectionInput, editConnection } from './connection-edit.ts';
import { removeDomains } from './domain-removal.ts';
import type { ProviderReader } from './providers.ts';

export type { NewConnection } from './connection-creation.ts';
export type { ConnectionInput } from './connection-edit.ts';

/** A connection in a list, with its domains. */
export type ListedConnection = SsoConnection & { readonly domains: readonly SsoDomainRow[] };

export interface SsoConnections {
  /** @throws DomainError `forbidden` */
  list(by: Authority): Promise<ListedConnection[]>;
  /** @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, id: ConnectionId): Promise<ConnectionReport>;
  /**
   * Makes a draft with keys of ours.
   * @throws DomainError `not_found`, `conflict`, `too_many`, `invalid_metadata`, `invalid_address`, `invalid_provider`, `forbidden`
   */
  create(by: Authority, words: NewConnection): Promise<ConnectionReport>;
  /**
   * What a test has proved is forgotten where it is proved no more.
   * @throws DomainError `not_found`, `version_mismatch`, `invalid_provider`, `connection_incomplete`, `forbidden`
   */
  update(
    by: Authority,
    id: ConnectionId,
    words: ConnectionInput,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /**
   * Takes single sign-on away, its sessions, identities and domains with it; what SCIM provisions stays.
   * @throws DomainError `not_found`, `version_mismatch`, `forbidden`
   */
  remove(by: Authority, id: ConnectionId, ifMatch: readonly string[] | undefined): Promise<void>;
}

export interface SsoConnectionDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}

/** Builds the commands about connections that sign users in. They need `sso:manage`. */
export function createSsoConnections(dependencies: SsoConnectionDependencies): SsoConnections {
  const { db, now, runner } = dependencies;
  return {
    list: async (by) => {
      requirePermissions(by, 'sso:manage');
      const [rows, domains] = await Promise.all([
        listSsoConnections(db, by.org),
        listAllSsoDomains(db, by.org),
      ]);
      return rows.map((row) => ({
        ...toSsoConnection(row),
        domains: domains.filter(({ connection_id }) => connection_id === row.id),
      }));
    },

    get: async (by, id) => {
      requirePermissions(by, 'sso:manage');
      const time = now();
      return report(await loadCompleteConnection(db, by.org, id, time.toISOString()), time);
    },

    create: (by, words) => createConnection(dependencies, by, words),
    update: (by, id, words, ifMatch) => editConnection(dependencies, by, id, words, ifMatch),

    remove: (by, id, ifMatch) =>
      runner.runAs(by, async (context, actor) => {
        requirePermissions(actor, 'sso:manage');
        const { tx, org, at, recordEvent } = context;
        const { version, state, domains } = await loadCompleteConnection(tx, org, id, at);
        requireVersion('connection', version, ifMatch);
        await endSessionsThrough(context, id);
        await removeDomains(context, domains);
        await removeSsoConnection(tx, org, id);
        recordEvent({
          action: 'sso_connection.deleted',
          target: ['sso_connection', id],
          changes: { values: { state: [state, null] } },
        });
      }),
  };
}
