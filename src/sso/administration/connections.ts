import type { Administer } from '../../directory/command-runner.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { demandAll } from '../../directory/roles/rules/guards.ts';
import { demandVersion } from '../../directory/rules/versions.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Seal } from '../../platform/secret-box.ts';
import { endSessionsThrough } from '../end-sessions.ts';
import { listSsoConnections, removeSsoConnection } from '../store/connections.ts';
import { listAllSsoDomains, type SsoDomainRow } from '../store/domains.ts';
import { loadWhole, type SsoConnection, toSsoConnection } from './administered.ts';
import { type ChangeConnection, type ConnectionReport, report } from './change.ts';
import { createConnection, type NewConnection } from './connection-creation.ts';
import { type ConnectionWords, editConnection } from './connection-edit.ts';
import { removeDomains } from './domain-removal.ts';
import type { ProviderReader } from './providers.ts';

export type { NewConnection } from './connection-creation.ts';
export type { ConnectionWords } from './connection-edit.ts';

/** A connection in a list, with its domains. */
export type ListedConnection = SsoConnection & { readonly domains: readonly SsoDomainRow[] };

export interface SsoConnections {
  /** @throws Refusal `forbidden` */
  list(by: Authority): Promise<ListedConnection[]>;
  /** @throws Refusal `not_found`, `forbidden` */
  get(by: Authority, id: ConnectionId): Promise<ConnectionReport>;
  /**
   * Makes a draft with keys of ours.
   * @throws Refusal `not_found`, `conflict`, `too_many`, `invalid_metadata`, `invalid_address`, `invalid_provider`, `forbidden`
   */
  create(by: Authority, words: NewConnection): Promise<ConnectionReport>;
  /**
   * What a test has proved is forgotten where it is proved no more.
   * @throws Refusal `not_found`, `version_mismatch`, `invalid_provider`, `connection_incomplete`, `forbidden`
   */
  update(
    by: Authority,
    id: ConnectionId,
    words: ConnectionWords,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /**
   * Takes single sign-on away, its sessions, identities and domains with it; what SCIM provisions stays.
   * @throws Refusal `not_found`, `version_mismatch`, `forbidden`
   */
  remove(by: Authority, id: ConnectionId, ifMatch: readonly string[] | undefined): Promise<void>;
}

export interface SsoConnectionDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}

/** Builds the commands about connections that sign people in (PRODUCT §2.2, row SSO). They need `sso:manage`. */
export function createSsoConnections(dependencies: SsoConnectionDependencies): SsoConnections {
  const { db, now, administer } = dependencies;
  return {
    list: async (by) => {
      demandAll(by, 'sso:manage');
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
      demandAll(by, 'sso:manage');
      const time = now();
      return report(await loadWhole(db, by.org, id, time.toISOString()), time);
    },

    create: (by, words) => createConnection(dependencies, by, words),
    update: (by, id, words, ifMatch) => editConnection(dependencies, by, id, words, ifMatch),

    remove: (by, id, ifMatch) =>
      administer.as(by, async (work, actor) => {
        demandAll(actor, 'sso:manage');
        const { tx, org, at, note } = work;
        const { version, state, domains } = await loadWhole(tx, org, id, at);
        demandVersion('connection', version, ifMatch);
        await endSessionsThrough(work, id);
        await removeDomains(work, domains);
        await removeSsoConnection(tx, org, id);
        note({
          action: 'sso_connection.deleted',
          target: ['connection', id],
          changes: { values: { state: [state, null] } },
        });
      }),
  };
}
