import { parseUserId, type UserId } from '../directory/ids.ts';
import type { Access } from '../directory/roles/rights-of-users.ts';
import type { DirectoryQueries } from '../directory/search/queries.ts';
import type { UserCommands } from '../directory/users/scim-commands.ts';
import type { UserRecord, WrittenUserRecord } from '../directory/users/user.ts';
import type { LoggedChange } from '../provisioning/log/entry.ts';
import { withoutAccessTags } from './access-attributes.ts';
import { versionMatches } from './conditional-requests.ts';
import { resourceNotFound, type ScimError } from './errors.ts';
import { noteChange, resourceHeaders, type ScimAnswer, type ScimRequest } from './exchange.ts';
import type { Listable } from './listable.ts';
import { notesOf } from './notes.ts';
import { applyPatch } from './patch/apply.ts';
import { type PatchOperation, parsePatch } from './patch/operation.ts';
import { type PresentedUser, presentUsers, userVersion } from './present.ts';
import { type Dialect, isObject } from './quirks/dialect.ts';
import { userFields, userResource } from './resource-fields.ts';
import { pathOf } from './schema/attribute.ts';
import { checkResource, coerceResource, isUnassigned, type Resource } from './schema/coerce.ts';
import { keepImmutable } from './schema/immutable.ts';
import { type Projection, parseProjection } from './schema/projection.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { limitValues, requireFewSent } from './schema/value-limit.ts';

/** What a resource's endpoint does; the protocol knows no difference between the types. */
export interface ResourceHandlers extends Listable {
  create(request: ScimRequest): Promise<ScimAnswer>;
  read(request: ScimRequest, id: string): Promise<ScimAnswer>;
  replace(request: ScimRequest, id: string): Promise<ScimAnswer>;
  patch(request: ScimRequest, id: string): Promise<ScimAnswer>;
  remove(request: ScimRequest, id: string): Promise<ScimAnswer>;
}

export interface UserHandlerDependencies {
  readonly type: ResourceType;
  readonly commands: UserCommands;
  readonly queries: DirectoryQueries;
  readonly base: string;
}

/** Builds the handlers of `/Users` (RFC 7644 §3.3 to §3.6). */
export function createUserHandlers({
  type,
  commands,
  queries,
  base,
}: UserHandlerDependencies): ResourceHandlers {
  const projectionOf = ({ query, dialect }: ScimRequest) =>
    parseProjection(type, query.get('attributes'), query.get('excludedattributes'), dialect);

  /** The access attributes of users, where the directory assigns roles. */
  const accessOf = async (
    { by }: ScimRequest,
    users: readonly UserRecord[],
  ): Promise<ReadonlyMap<string, Access>> => {
    if (by.settings.roleSource === 'app' || users.length === 0) return new Map();
    const ids = users.map(({ id }) => id);
    return queries.accessOf(by, ids);
  };

  const present = async (
    request: ScimRequest,
    users: readonly UserRecord[],
    projection: Projection | undefined,
  ): Promise<PresentedUser[]> => presentUsers(users, type, base, projection, await accessOf(request, users));

  const textsOf = async (...shown: Parameters<typeof present>): Promise<string[]> =>
    (await present(...shown)).map(({ text }) => text);

  const answer = async (
    request: ScimRequest,
    status: number,
    user: UserRecord,
    projection: Projection | undefined,
  ): Promise<ScimAnswer & { readonly version: string }> => {
    const [{ text, version }] = (await present(request, [user], projection)) as [PresentedUser];
    const headers = resourceHeaders(request.dialect, `${base}/Users/${user.id}`, version);
    return { status, headers, body: text, version };
  };

  const written = (
    request: ScimRequest,
    status: number,
    user: WrittenUserRecord,
    projection: Projection | undefined,
    sendsRoles: boolean,
  ): Promise<ScimAnswer> => {
    if (user.emailSharedWith !== undefined) request.context.emailSharedWith = user.emailSharedWith;
    noteChanges(request, user);
    const notes = notesOf(request.by, user, sendsRoles);
    if (notes.length > 0) request.context.notes = notes;
    return answer(request, status, user, projection);
  };

  const mayChange = ({ ifMatch }: ScimRequest) =>
    ifMatch === undefined
      ? undefined
      : (current: UserRecord) => versionMatches(withoutAccessTags(ifMatch), userVersion(current));

  return {
    type,

    create: async (request) => {
      const projection = projectionOf(request);
      const body = await request.body();
      requireFewSent(body);
      const resource = coerceResource(type, body, request.dialect);
      checkResource(type, resource);
      limitValues(type)(resource);
      const user = await commands.create(request.by, userFields(resource));
      return written(request, 201, user, projection, resource['roles'] !== undefined);
    },

    read: async (request, id) => {
      const projection = projectionOf(request);
      const user = await queries.findUser(request.by, knownId(id));
      if (user === undefined) throw notFound(id);
      const { version, ...shown } = await answer(request, 200, user, projection);
      if (request.ifNoneMatch !== undefined && versionMatches(request.ifNoneMatch, version)) {
        return { status: 304, headers: { ETag: version } };
      }
      return shown;
    },

    find: async (request, { page, projection }) => {
      const { total, items } = await queries.listUsers(request.by, page);
      return { total, resources: await textsOf(request, items, projection) };
    },

    findAfter: async (request, { page, projection }, after) => {
      const { items, ...rest } = await queries.listUsersAfter(request.by, page, after);
      return { ...rest, resources: await textsOf(request, items, projection) };
    },

    replace: async (request, id) => {
      const projection = projectionOf(request);
      const body = await request.body();
      requireFewSent(body);
      const resource = coerceResource(type, body, request.dialect);
      checkResource(type, resource);
      const user = await commands.update(
        request.by,
        knownId(id),
        (current) => {
          const before = userResource(current);
          const requireFewValues = limitValues(type, before);
          const next = keepImmutable(type, before, { ...resource, ...unasserted(body, resource, before) });
          requireFewValues(next);
          return userFields(next);
        },
        mayChange(request),
      );
      return written(request, 200, user, projection, resource['roles'] !== undefined);
    },

    patch: async (request, id) => {
      const projection = projectionOf(request);
      const operations = parsePatch(await request.body(), type, request.dialect);
      requireFewSent({ ...operations.map(({ value }) => value) });
      const active = request.ifMatch === undefined ? onlyActive(operations, request.dialect) : undefined;
      if (active !== undefined) {
        const user = await commands.setActive(request.by, knownId(id), active);
        return written(request, 200, user, projection, false);
      }
      const user = await commands.update(
        request.by,
        knownId(id),
        (current) => {
          const resource = userResource(current);
          const requireFewValues = limitValues(type, resource);
          applyPatch(resource, operations, request.dialect);
          checkResource(type, resource);
          requireFewValues(resource);
          // Without a value `active` would be its default, true: a removal must not let a user in.
          return userFields({ ...resource, active: resource['active'] ?? false });
        },
        mayChange(request),
      );
      const sendsRoles = operations.some(
        ({ attribute, value }) => pathOf(attribute).split('.', 1)[0] === 'roles' && !isUnassigned(value),
      );
      return written(request, 200, user, projection, sendsRoles);
    },

    remove: async (request, id) => {
      await commands.remove(request.by, knownId(id), mayChange(request));
      noteChange(request, ['user', id.toLowerCase()], [{ action: 'user.deleted' }]);
      return { status: 204 };
    },
  };
}

function noteChanges(request: ScimRequest, { id, events }: WrittenUserRecord): void {
  const changes = events.map(({ action, changes: changed }): LoggedChange => {
    const { attributes, values } = (changed ?? {}) as {
      readonly attributes?: readonly string[];
      readonly values?: { readonly role?: readonly [unknown, string] };
    };
    const role = values?.role?.[1];
    return {
      action,
      ...(attributes === undefined ? {} : { attributes }),
      ...(role === undefined ? {} : { to: role }),
    };
  });
  noteChange(request, ['user', id], changes);
}

/** What `active` becomes by a PATCH that sets nothing else, as identity providers send all day. */
function onlyActive(operations: readonly PatchOperation[], dialect: Dialect): boolean | undefined {
  if (!operations.every(({ op, attribute }) => op !== 'remove' && pathOf(attribute) === 'active'))
    return undefined;
  const resource: Resource = {};
  applyPatch(resource, operations, dialect);
  return resource['active'] as boolean | undefined;
}

/** A malformed id belongs to no user. */
function knownId(id: string): UserId {
  const known = parseUserId(id);
  if (known === undefined) throw notFound(id);
  return known;
}

function notFound(id: string): ScimError {
  return resourceNotFound('user', id);
}

/**
 * What a PUT that does not mention them leaves as it is: `active`, since an omission must not activate a user, and
 * `externalId`, since Okta leaves out what it was not shown (RFC 7644 §3.5.1 lets a server choose).
 */
function unasserted(
  body: unknown,
  resource: Record<string, unknown>,
  current: Record<string, unknown>,
): Record<string, unknown> {
  const mentioned = new Set(isObject(body) ? Object.keys(body).map((name) => name.toLowerCase()) : []);
  return {
    ...(resource['active'] === undefined ? { active: current['active'] } : {}),
    ...(mentioned.has('externalid') ? {} : { externalId: current['externalId'] }),
  };
}
