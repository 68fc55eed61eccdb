import type { GroupCommands } from '../directory/groups/scim-commands.ts';
import type { DirectoryQueries } from '../directory/search/queries.ts';
import type { UserCommands } from '../directory/users/scim-commands.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { MAX_BODY } from './authentication.ts';
import { createBulk } from './bulk/bulk.ts';
import { CURSOR_TIMEOUT, createCursors } from './cursor.ts';
import type { Endpoint, Handler } from './endpoint.ts';
import { ScimError } from './errors.ts';
import type { ScimAnswer, ScimRequest } from './exchange.ts';
import { createGroupHandlers } from './groups.ts';
import { type ListContext, listAll, listOne } from './list.ts';
import { DEFAULT_COUNT, MAX_COUNT, searchParameters } from './list-request.ts';
import { createDiscovery } from './schema/discovery.ts';
import type { ResourceTypes } from './schema/resource-type.ts';
import { createUserHandlers, type ResourceHandlers } from './users.ts';

export interface EndpointDependencies {
  readonly types: ResourceTypes;
  readonly users: UserCommands;
  readonly groups: GroupCommands;
  readonly queries: DirectoryQueries;
  readonly seal: SecretBox;
  readonly now: () => Date;
  /** The SCIM base URL, known once the server listens; no slash at the end. */
  readonly base: string;
  /**
   * Operations that a Bulk may have, and at which a client should split a PATCH: far less than a PATCH may have, so that
   * each ends soon.
   */
  readonly maxOperations: number;
  /** Failures of ours in an operation of a Bulk. */
  readonly log: { error(fields: object, message: string): void };
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Endpoints {
  /** @param path below the base URL, with a slash in front; upper and lower case are the same */
  find(path: string): Endpoint | undefined;
}

/** Builds the table of SCIM's endpoints (RFC 7644 §3.2). */
export function createEndpoints(dependencies: EndpointDependencies): Endpoints {
  const { types, users, groups, queries, base, maxOperations } = dependencies;
  const lists: ListContext = { base, cursors: createCursors(dependencies) };
  const resources = [
    createUserHandlers({ type: types.user, commands: users, queries, base }),
    createGroupHandlers({ type: types.group, commands: groups, queries, base }),
  ];
  const discovery = createDiscovery(types, base, {
    maxResults: MAX_COUNT,
    defaultResults: DEFAULT_COUNT,
    cursorTimeout: CURSOR_TIMEOUT,
    maxOperations,
    maxPayloadSize: MAX_BODY,
  });

  const table = new Map<string, (method: string) => Handler>([
    ['/', methods({ GET: (request) => listAll(resources, request, request.query, lists) })],
    ['/.search', methods({ POST: search((request, query) => listAll(resources, request, query, lists)) })],
    ...resources.flatMap((handlers) => resourceEndpoints(handlers, lists)),
    ['/serviceproviderconfig', document(({ dialect }) => discovery.serviceProviderConfig(dialect.strict))],
    ['/resourcetypes', document(({ by }) => discovery.resourceTypes(by.settings))],
    ['/resourcetypes/:id', document(({ by }, id) => discovery.resourceType(id, by.settings))],
    ['/schemas', document(({ by }) => discovery.schemas(by.settings))],
    ['/schemas/:id', document(({ by }, id) => discovery.schema(id, by.settings))],
    ['/me', notSupported('/Me is not supported: a token belongs to a connection, not to a user.')],
    ['/bulk', methods({ POST: createBulk({ ...dependencies, find, routes: routesOf(resources) }) })],
  ]);

  return { find };

  function find(path: string): Endpoint | undefined {
    const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const exact = trimmed.toLowerCase();
    const fixed = exact.endsWith('/:id') ? undefined : table.get(exact);
    if (fixed !== undefined) return { route: exact, id: '', handlerOf: fixed };
    const slash = trimmed.indexOf('/', 1);
    if (slash === -1 || trimmed.includes('/', slash + 1)) return undefined;
    const route = `${exact.slice(0, slash)}/:id`;
    const handlerOf = table.get(route);
    return handlerOf === undefined ? undefined : { route, id: trimmed.slice(slash + 1), handlerOf };
  }
}

/** The routes of resources, which a Bulk may name. */
function routesOf(resources: readonly ResourceHandlers[]): ReadonlySet<string> {
  return new Set(
    resources.flatMap(({ type }) => [type.endpoint.toLowerCase(), `${type.endpoint.toLowerCase()}/:id`]),
  );
}

function resourceEndpoints(
  handlers: ResourceHandlers,
  lists: ListContext,
): (readonly [path: string, handlerOf: (method: string) => Handler])[] {
  const path = handlers.type.endpoint.toLowerCase();
  return [
    [
      path,
      methods({
        GET: (request) => listOne(handlers, request, request.query, lists),
        POST: (request) => handlers.create(request),
      }),
    ],
    [
      `${path}/.search`,
      methods({ POST: search((request, query) => listOne(handlers, request, query, lists)) }),
    ],
    [
      `${path}/:id`,
      methods({
        GET: (request, id) => handlers.read(request, id),
        PUT: (request, id) => handlers.replace(request, id),
        PATCH: (request, id) => handlers.patch(request, id),
        DELETE: (request, id) => handlers.remove(request, id),
      }),
    ],
  ];
}

function methods(handlers: Readonly<Partial<Record<Method, Handler>>>): (method: string) => Handler {
  const byMethod = new Map<string, Handler>(Object.entries(handlers));
  if (handlers.GET !== undefined) byMethod.set('HEAD', handlers.GET);
  const allowed = Object.keys(handlers)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');
  const notAllowed: Handler = () => {
    throw new ScimError(405, undefined, `This method is not allowed here; these are: ${allowed}.`, {
      Allow: allowed,
    });
  };
  return (method) => byMethod.get(method) ?? notAllowed;
}

/** A search whose parameters are in the body (RFC 7644 §3.4.3). */
function search(
  list: (request: ScimRequest, query: ReadonlyMap<string, string>) => Promise<ScimAnswer>,
): Handler {
  return async (request) => list(request, searchParameters(await request.body(), request.dialect));
}

/**
 * A document that describes the server. An unfiltered answer to a filter would be mistaken for a filtered one (RFC 7644
 * §4).
 */
function document(text: (request: ScimRequest, id: string) => string): (method: string) => Handler {
  return methods({
    GET: (request, id) => {
      if (request.query.has('filter')) {
        throw new ScimError(403, undefined, 'Discovery documents cannot be filtered.');
      }
      return { status: 200, body: text(request, id) };
    },
  });
}

function notSupported(detail: string): () => Handler {
  return () => () => {
    throw new ScimError(501, undefined, detail);
  };
}
