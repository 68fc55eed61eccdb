import { type Request, type Response, Router } from 'express';
import type { GroupCommands } from '../directory/groups/scim-commands.ts';
import type { DirectoryQueries } from '../directory/search/queries.ts';
import type { UserCommands } from '../directory/users/scim-commands.ts';
import { parseQuery } from '../http/query.ts';
import type { RequestLimits } from '../http/rate-limit.ts';
import { requestContext } from '../http/request-context.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { Credentials } from '../provisioning/credentials.ts';
import { CURSOR_TIMEOUT, createCursors } from './cursor.ts';
import { ScimError } from './errors.ts';
import type { ScimAnswer, ScimRequest } from './exchange.ts';
import { createGroupHandlers } from './groups.ts';
import { type ListContext, listAll, listOne } from './list.ts';
import { DEFAULT_COUNT, MAX_COUNT, searchParameters } from './list-request.ts';
import { answerWith, createAuthentication, MAX_BODY, type ScimAuthentication } from './request-handler.ts';
import { createDiscovery } from './schema/discovery.ts';
import type { ResourceTypes } from './schema/resource-type.ts';
import { createUserHandlers, type ResourceHandlers } from './users.ts';

/** Operations at which a client should split a PATCH: far less than are accepted, so that each ends soon. */
const ADVISED_OPERATIONS = 1_000;

export interface ScimDependencies {
  readonly types: ResourceTypes;
  readonly credentials: Credentials;
  readonly users: UserCommands;
  readonly groups: GroupCommands;
  readonly queries: DirectoryQueries;
  readonly limits: RequestLimits;
  readonly seal: SecretBox;
  readonly now: () => Date;
  /** The SCIM base URL, known once the server listens; no slash at the end. */
  readonly base: string;
}

/** Builds the SCIM 2.0 endpoints (RFC 7644 §3.2). */
export function createScimRouter(dependencies: ScimDependencies): Router {
  const { types, users, groups, queries, base } = dependencies;
  const lists: ListContext = { base, cursors: createCursors(dependencies) };
  const router = Router({ caseSensitive: false });
  // A base URL that was entered with a slash at its end makes `//Users` of `/Users`.
  router.use((request, _response, next) => {
    if (request.url.includes('//')) {
      const [path = '', ...query] = request.url.split('?');
      request.url = [path.replaceAll(/\/{2,}/g, '/'), ...query].join('?');
    }
    next();
  });
  const authentication: ScimAuthentication = createAuthentication(
    dependencies.credentials,
    dependencies.limits,
  );
  const route =
    (handle: (request: ScimRequest, params: Record<string, string>) => Promise<ScimAnswer> | ScimAnswer) =>
    async (req: Request, res: Response): Promise<void> => {
      await answerWith(req, res, async () => {
        const request = await authentication(req, res, requestContext(res), parseQuery(req.url));
        return handle(request, req.params as Record<string, string>);
      });
    };

  const endpoint = (path: '/Users' | '/Groups', handlers: ResourceHandlers) => {
    router
      .route(path)
      .get(route((request) => listOne(handlers, request, request.query, lists)))
      .post(route((request) => handlers.create(request)))
      .all(route(refuseMethod('GET, HEAD, POST')));
    router
      .route(`${path}/.search`)
      .post(
        route(async (request) => {
          const parameters = searchParameters(await request.body(), request.dialect);
          return listOne(handlers, request, parameters, lists);
        }),
      )
      .all(route(refuseMethod('POST')));
    router
      .route(`${path}/:id`)
      .get(route((request, { id = '' }) => handlers.read(request, id)))
      .put(route((request, { id = '' }) => handlers.replace(request, id)))
      .patch(route((request, { id = '' }) => handlers.patch(request, id)))
      .delete(route((request, { id = '' }) => handlers.remove(request, id)))
      .all(route(refuseMethod('GET, HEAD, PUT, PATCH, DELETE')));
  };
  const handlers = [
    createUserHandlers({ type: types.user, commands: users, queries, base }),
    createGroupHandlers({ type: types.group, commands: groups, queries, base }),
  ];
  for (const each of handlers) endpoint(each.type.endpoint, each);

  const discovery = createDiscovery(types, base, {
    maxResults: MAX_COUNT,
    defaultResults: DEFAULT_COUNT,
    cursorTimeout: CURSOR_TIMEOUT,
    maxOperations: ADVISED_OPERATIONS,
    maxPayloadSize: MAX_BODY,
  });
  const document = (path: string, text: (request: ScimRequest, params: Record<string, string>) => string) => {
    router
      .route(path)
      .get(
        route((request, params) => {
          // Whoever filters these would take an unfiltered answer for a filtered one (RFC 7644 §4).
          if (request.query.has('filter'))
            throw new ScimError(403, undefined, 'Discovery documents cannot be filtered.');
          return { status: 200, body: text(request, params) };
        }),
      )
      .all(route(refuseMethod('GET, HEAD')));
  };
  document('/ServiceProviderConfig', ({ dialect }) => discovery.serviceProviderConfig(dialect.strict));
  document('/ResourceTypes', ({ by }) => discovery.resourceTypes(by.settings));
  document('/ResourceTypes/:name', ({ by }, { name = '' }) => discovery.resourceType(name, by.settings));
  document('/Schemas', ({ by }) => discovery.schemas(by.settings));
  document('/Schemas/:id', ({ by }, { id = '' }) => discovery.schema(id, by.settings));

  router.all(
    '/Me',
    route(notSupported('/Me is not supported: a token belongs to a connection, not to a user.')),
  );
  router.all(
    '/Bulk',
    route(notSupported('Bulk operations are not supported. Send each operation as its own request.')),
  );
  router
    .route('/')
    .get(route((request) => listAll(handlers, request, request.query, lists)))
    .all(route(refuseMethod('GET, HEAD')));
  router
    .route('/.search')
    .post(
      route(async (request) =>
        listAll(handlers, request, searchParameters(await request.body(), request.dialect), lists),
      ),
    )
    .all(route(refuseMethod('POST')));
  router.use(
    route(() => {
      throw new ScimError(404, undefined, 'Endpoint not found: see /ResourceTypes.');
    }),
  );
  return router;
}

function refuseMethod(allowed: string): () => never {
  return () => {
    throw new ScimError(405, undefined, `This method is not allowed here; these are: ${allowed}.`, {
      Allow: allowed,
    });
  };
}

function notSupported(detail: string): () => never {
  return () => {
    throw new ScimError(501, undefined, detail);
  };
}
