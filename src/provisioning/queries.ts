import type { ConnectionId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import { DAY_MS } from '../platform/time.ts';
import { scimConnectionNotFound } from './commands.ts';
import type { ProvisioningSettings } from './settings.ts';
import { findConnection, listConnections, type ScimConnection } from './store/connections.ts';
import { type ConnectionHealth, findHealth } from './store/health.ts';
import { listScimTokens, type ScimToken } from './store/tokens.ts';

export type { ScimConnection } from './store/connections.ts';
export type { ConnectionHealth } from './store/health.ts';
export type { ScimToken } from './store/tokens.ts';

export interface ScimConnectionQueries {
  /** The oldest first. @throws DomainError `forbidden` */
  list(by: Authority): Promise<ScimConnection[]>;
  /** @throws DomainError `forbidden`, `not_found` */
  get(by: Authority, id: ConnectionId): Promise<ScimConnection>;
  /** The tokens of a connection, the newest first, expired and revoked ones among them. @throws DomainError as `get` */
  tokens(
    by: Authority,
    id: ConnectionId,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<ScimToken[]>;
  /** How a connection has been doing in the last day. @throws DomainError as `get` */
  health(by: Authority, id: ConnectionId): Promise<ConnectionHealth>;
}

/** Builds the questions about SCIM connections. Needs `scim:manage`. */
export function createScimConnectionQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): ScimConnectionQueries {
  const get: ScimConnectionQueries['get'] = async (by, id) => {
    requireWholeOrganization(by, 'scim:manage');
    const connection = await findConnection(db, by.org, id, now().toISOString());
    if (connection === undefined) throw scimConnectionNotFound();
    return connection;
  };
  return {
    get,

    list: async (by) => {
      requireWholeOrganization(by, 'scim:manage');
      return listConnections(db, by.org, now().toISOString());
    },

    tokens: async (by, id, page) => {
      await get(by, id);
      return listScimTokens(db, by.org, id, page);
    },

    health: async (by, id) => {
      await get(by, id);
      const at = now();
      const since = new Date(at.getTime() - DAY_MS).toISOString();
      return findHealth(db, by.org, id, since, at.toISOString());
    },
  };
}

/** The settings that requests of a connection have from now on. */
export function settingsOf(row: ScimConnection): ProvisioningSettings {
  return {
    uniqueEmails: row.uniqueEmails,
    roleSource: row.roleSource,
    roleAliases: row.roleAliases,
    roleSourceSetBy: row.roleSourceSetBy ?? undefined,
    holdsMassChanges: row.holdMassChanges && row.massChangesUntil === null,
    isDryRun: row.dryRunSince !== null,
  };
}
