import { z } from 'zod';
import { withoutUndefined } from '../../directory/groups/routes/groups.ts';
import { presentUser, userReference } from '../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import { idCursor, line, page, pageById, pageOf, readCursor, time, userId } from '../../rest/shapes.ts';
import type { Resource, ResourceCommands } from './commands.ts';

const resourceShape = z
  .object({
    id: z.string(),
    type: z.string(),
    name: z.string(),
    owner: userReference.nullable(),
    tags: z.array(z.string()),
    createdAt: time,
    updatedAt: time,
    version: z.int(),
  })
  .meta({ id: 'Resource' });

function presentResource(row: Resource): z.input<typeof resourceShape> {
  const { id: resource, type, name, owner, tags, createdAt, updatedAt, version } = row;
  return {
    id: resource,
    type,
    name,
    owner: owner && presentUser(owner),
    tags: [...tags],
    createdAt,
    updatedAt,
    version,
  };
}

const type = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,49}$/, 'must be lower-case letters, digits and _, such as agent or data_source.');
const name = line;
const tags = z.array(z.string().trim().min(1).max(100)).max(50);

/** What the host product has: registered here so that ownership, grants and sensitivity mean something. */
export function resourceRoutes({ resources }: { readonly resources: ResourceCommands }): Route[] {
  const tag = 'Resources';
  const params = { id: 'resource' } as const;
  const answer = <Status extends 200 | 201>(status: Status, row: Resource): RouteAnswer<Status> => ({
    status,
    body: presentResource(row),
    version: row.version,
    headers: status === 201 ? { Location: `/api/v1/resources/${row.id}` } : {},
  });
  return [
    route({
      method: 'GET',
      path: '/resources',
      tag,
      summary: 'List resources',
      description:
        'Shows what the client may edit: an admin all, a manager their own, and every user what a grant of their groups names.',
      access: 'signed in',
      query: z.strictObject({
        owner: userId.optional(),
        type: type.optional(),
        tag: z.string().max(100).optional(),
        ...page,
      }),
      answers: { 200: pageOf(resourceShape) },
      handle: async ({ by, query: { owner, limit, cursor, ...filter } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await resources.list(by, { ...filter, owner: owner }, { after, limit: limit + 1 });
        return { status: 200, body: pageById(rows, limit, presentResource) };
      },
    }),
    route({
      method: 'POST',
      path: '/resources',
      tag,
      summary: 'Register a resource',
      access: 'agents:create',
      body: z.strictObject({ type, name, ownerId: userId.optional(), tags: tags.default([]) }),
      etag: true,
      location: true,
      answers: { 201: resourceShape },
      errors: ['unknown_owner'],
      handle: async ({ by, body }) => {
        const words = { name: body.name, owner: body.ownerId, tags: body.tags };
        return answer(201, await resources.create(by, body.type, words));
      },
    }),
    route({
      method: 'GET',
      path: '/resources/{id}',
      tag,
      summary: 'Read a resource',
      access: 'signed in',
      params,
      etag: true,
      answers: { 200: resourceShape },
      handle: async ({ by, params: { id: resource } }) => answer(200, await resources.get(by, resource)),
    }),
    route({
      method: 'PATCH',
      path: '/resources/{id}',
      tag,
      summary: 'Change a resource',
      description:
        'Needs agents:edit (for a data source data_sources:manage), also by a grant. The owner can be changed only by the owner, or by users who may edit all.',
      access: 'signed in',
      params,
      body: z.strictObject({
        name: name.optional(),
        ownerId: userId.nullable().optional(),
        tags: tags.optional(),
      }),
      etag: true,
      answers: { 200: resourceShape },
      errors: ['unknown_owner', 'version_mismatch'],
      handle: async ({ by, params: { id: resource }, body, ifMatch }) => {
        const words = { name: body.name, owner: body.ownerId, tags: body.tags };
        return answer(200, await resources.update(by, resource, withoutUndefined(words), ifMatch));
      },
    }),
    route({
      method: 'DELETE',
      path: '/resources/{id}',
      tag,
      summary: 'Delete a resource',
      access: 'signed in',
      params,
      answers: { 204: 'nothing' },
      errors: ['version_mismatch'],
      handle: async ({ by, params: { id: resource }, ifMatch }) => {
        await resources.remove(by, resource, ifMatch);
        return { status: 204 };
      },
    }),
  ];
}
