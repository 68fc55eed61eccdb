import type { CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import { scimConnectionNotFound } from '../commands.ts';
import { settingsOf } from '../queries.ts';
import type { ProvisioningSettings } from '../settings.ts';
import { findConnection, type ScimConnection } from '../store/connections.ts';
import type { LogQueries } from './queries.ts';
import { replayObstacle } from './rules/replayable.ts';

/** A stored request that is carried out again. */
export interface ReplayedRequest {
  /** The id of the new request. */
  readonly id: string;
  /** The request that it repeats; undefined for one that a demonstration sends. */
  readonly original: string | undefined;
  /** Of the client, where none is repeated. */
  readonly userAgent?: string;
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly strict: boolean;
  readonly settings: ProvisioningSettings;
  readonly method: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly ifMatch: string | undefined;
  readonly body: string | undefined;
}

/** What became of it. */
export interface ReplayResult {
  readonly status: number;
  /** The sentence of the error; undefined if it succeeded. */
  readonly detail: string | undefined;
}

/** Carries out a request of a connection as if the client had sent it now, and adds it to the log. Never throws. */
export type CarryOut = (request: ReplayedRequest) => Promise<ReplayResult>;

export interface ReplayCommands {
  /**
   * Carries out a failed request again, with the settings that the connection has now.
   * @returns the id of the new request and its result
   * @throws DomainError `forbidden`, `not_found`, `not_replayable`
   */
  replay(
    by: Authority,
    connection: ConnectionId,
    id: string,
  ): Promise<ReplayResult & { readonly id: string }>;
}

/** Builds it. Needs `scim:manage`. */
export function createReplayCommands({
  runner,
  queries,
  carryOut,
}: {
  readonly runner: CommandRunner;
  readonly queries: LogQueries;
  readonly carryOut: CarryOut;
}): ReplayCommands {
  return {
    replay: async (by, connection, original) => {
      const { row } = await queries.get(by, connection, original);
      let target: ScimConnection | undefined;
      // The event first: what an administrator lets a connection do is known even if the process ends before it is done.
      const id = await runner.runAs(by, async ({ tx, org, at, newId, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'scim:manage');
        target = await findConnection(tx, org, connection, at);
        if (target === undefined) throw scimConnectionNotFound();
        const obstacle = replayObstacle(row);
        if (obstacle !== undefined) throw new DomainError('not_replayable', obstacle);
        const replay = newId();
        recordEvent({
          action: 'scim.request_replayed',
          target: ['connection', connection],
          changes: { values: { request: [original, replay] } },
        });
        return replay;
      });
      // A repetition of the administrator's own request is answered by what the first one did.
      if (target === undefined) {
        const { row: done } = await queries.get(by, connection, id);
        return { id, status: done.status, detail: done.detail ?? undefined };
      }
      const result = await carryOut({
        id,
        original,
        org: by.org,
        connection,
        strict: target.strict,
        // An administrator who replays a request has looked at it.
        settings: { ...settingsOf(target), holdsMassChanges: false },
        method: row.method,
        path: row.path,
        query: row.query ?? undefined,
        ifMatch: row.ifMatch ?? undefined,
        body: row.request ?? undefined,
      });
      return { id, ...result };
    },
  };
}
