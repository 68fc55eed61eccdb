import { runDry } from '../directory/dry-run.ts';
import { createGroupCommands } from '../directory/groups/scim-commands.ts';
import type { OrgId } from '../directory/ids.ts';
import { createQueries } from '../directory/search/queries.ts';
import { createUserCommands } from '../directory/users/scim-commands.ts';
import type { Database } from '../platform/db/database.ts';
import type { Endpoint } from './endpoint.ts';
import { createEndpoints, type EndpointDependencies } from './endpoints.ts';
import type { ScimAnswer, ScimRequest } from './exchange.ts';

/** What changes and reads the directory, inside a transaction that is rolled back. */
type DryParts = Pick<EndpointDependencies, 'users' | 'groups' | 'queries'>;

/** Runs `work` with parts whose changes are rolled back when it ends. */
export type RunDry = <Result>(org: OrgId, work: (parts: DryParts) => Promise<Result>) => Promise<Result>;

export interface HandlingDependencies extends EndpointDependencies {
  readonly runDry: RunDry;
}

/** Builds what the endpoints need of the directory, for real and for a dry run. */
export function createDirectoryParts(core: { readonly db: Database; readonly now: () => Date }): DryParts & {
  readonly runDry: RunDry;
} {
  const { now } = core;
  const partsOn = (db: Database): DryParts => ({
    users: createUserCommands({ db, now }),
    groups: createGroupCommands({ db, now }),
    queries: createQueries({ db, now }),
  });
  return {
    ...partsOn(core.db),
    runDry: (org, work) => runDry(core, org, ({ db }) => work(partsOn(db))),
  };
}

export interface Handling {
  /** @param path below the base URL */
  find(path: string): Endpoint | undefined;
  /**
   * Answers a request. Of a connection in a dry run, one that may change something is answered as it would be, and rolled
   * back (R153).
   * @param path below the base URL, which leads to the endpoint @param id of the path, decoded
   * @throws ScimError, DomainError
   */
  handle(
    endpoint: Endpoint,
    path: string,
    method: string,
    request: ScimRequest,
    id: string,
  ): Promise<ScimAnswer> | ScimAnswer;
}

/** Builds what finds and calls the handlers of SCIM requests. */
export function createHandling(dependencies: HandlingDependencies): Handling {
  const endpoints = createEndpoints(dependencies);

  return {
    find: (path) => endpoints.find(path),

    handle: (endpoint, path, method, request, id) => {
      const isRead = ['GET', 'HEAD'].includes(method);
      if (!request.by.settings.isDryRun || isRead) {
        return endpoint.handlerOf(method)(request, id);
      }
      return dry(path, method, request, id);
    },
  };

  async function dry(path: string, method: string, request: ScimRequest, id: string): Promise<ScimAnswer> {
    request.context.isDryRun = true;
    // The client sends its body at its own pace: no transaction waits for it.
    const body = method === 'DELETE' ? undefined : await request.body();
    const read: ScimRequest = method === 'DELETE' ? request : { ...request, body: async () => body };
    return dependencies.runDry(request.by.org, async (parts) => {
      const endpoint = createEndpoints({ ...dependencies, ...parts }).find(path);
      if (endpoint === undefined) throw new Error('A request is handled where its endpoint was found.');
      return endpoint.handlerOf(method)(read, id);
    });
  }
}
