import type { ConnectionId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import { DAY_MS } from '../platform/time.ts';
import { scimConnectionNotFound } from './commands.ts';
import type { ProvisioningSettings } from './settings.ts';
import { type ConnectionRow, findConnection, listConnections } from './store/connections.ts';
import { findHealth, type HealthRow } from './store/health.ts';
import { listScimTokens, type ScimTokenRow } from './store/tokens.ts';

export type { ConnectionRow } from './store/connections.ts';
export type { HealthRow } from './store/health.ts';
export type { ScimTokenRow } from './store/tokens.ts';

export interface ScimConnectionQueries {
  /** The oldest first. @throws DomainError `forbidden` */
  list(by: Authority): Promise<ConnectionRow[]>;
  /** @throws DomainError `forbidden`, `not_found` */
  get(by: Authority, id: ConnectionId): Promise<ConnectionRow>;
  /** The tokens of a connection, the newest first, expired and revoked ones among them. @throws DomainError as `get` */
  tokens(
    by: Authority,
    id: ConnectionId,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<ScimTokenRow[]>;
  /** How a connection has been doing in the last day. @throws DomainError as `get` */
  health(by: Authority, id: ConnectionId): Promise<HealthRow>;
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
export function settingsOf(row: ConnectionRow): ProvisioningSettings {
  return {
    uniqueEmails: row.unique_emails,
    roleSource: row.role_source,
    roleAliases: row.role_aliases,
    roleSourceSetBy: row.role_source_set_by ?? undefined,
    holdsMassChanges: row.hold_mass_changes && row.mass_changes_until === null,
    isDryRun: row.dry_run_since !== null,
  };
}
