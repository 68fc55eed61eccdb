import { z } from 'zod';
import type { History } from '../../../history/history.ts';
import { presentPastMembers } from '../../../history/present.ts';
import {
  asOf as asOfParameter,
  pastMemberShape,
  pastPage,
  pastPageOf,
} from '../../../history/routes/shapes.ts';
import { downloadHeaders } from '../../../rest/download.ts';
import { validationFailed } from '../../../rest/problem.ts';
import { userReference } from '../../../rest/references.ts';
import { type Route, route } from '../../../rest/route.ts';
import {
  id,
  idCursor,
  nameOrAddress,
  page,
  pageById,
  pageOf,
  presentWhole,
  readCursor,
  time,
  userId,
  wholeList,
} from '../../../rest/shapes.ts';
import type { GroupAdministration, NamedGrant } from '../commands.ts';

const inGroupRole = z.enum(['member', 'manager'], { error: 'must be member or manager.' });

const memberFilter = {
  q: nameOrAddress,
  inGroupRole: inGroupRole.optional(),
};

const memberShape = z.object({
  user: userReference,
  status: z.enum(['active', 'inactive', 'pending']),
  suspended: z.boolean().meta({ description: 'The member is inactive: the membership gives no rights.' }),
  inGroupRole,
  sources: z.array(z.string()).meta({ description: 'The sources that granted the membership.' }),
  addedAt: time,
});

const grantShape = z
  .strictObject({
    resourceType: z.string().trim().min(1).max(100),
    resourceId: id.optional(),
    tag: z.string().trim().min(1).max(100).optional(),
    level: z.enum(['use', 'edit', 'manage'], { error: 'must be use, edit or manage.' }),
  })
  .refine(({ resourceId, tag }) => (resourceId === undefined) !== (tag === undefined), {
    message: 'Name either a resourceId or a tag.',
  });

const namedGrantShape = z.object({
  ...grantShape.shape,
  resourceId: z.string().optional(),
  resourceName: z.string().optional().meta({
    description: 'What the resource is called; left out of a grant by tag.',
    example: 'Invoice Agent',
  }),
});

function presentGrant({
  resourceType,
  resourceId,
  resourceName,
  tag,
  level,
}: NamedGrant): z.input<typeof namedGrantShape> {
  return {
    resourceType,
    ...(resourceId === null ? {} : { resourceId }),
    ...(resourceName === null ? {} : { resourceName }),
    ...(tag === null ? {} : { tag }),
    level,
  };
}

/** Who is in a group (R95 to R98), and what it may do. */
export function memberRoutes({
  groups,
  history,
  now,
}: {
  readonly groups: GroupAdministration;
  readonly history: History;
  readonly now: () => Date;
}): Route[] {
  const tag = 'Groups';
  const member = { id: 'group', userId: 'member' } as const;
  return [
    route({
      method: 'GET',
      path: '/groups/{id}/members',
      tag,
      summary: 'List the members of a group',
      access: 'groups:members',
      params: { id: 'group' },
      query: z.strictObject({
        ...memberFilter,
        asOf: asOfParameter,
        ...page,
      }),
      answers: { 200: z.union([pageOf(memberShape), pastPageOf(pastMemberShape)]) },
      errors: ['in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, params: { id: group }, query: { limit, cursor, asOf, q, inGroupRole: role } }) => {
        const after = readCursor(cursor, idCursor);
        if (asOf !== undefined) {
          const [path] = [q === undefined ? [] : 'q', role === undefined ? [] : 'inGroupRole'].flat();
          if (path !== undefined) {
            const message = 'cannot be combined with asOf: the members of the past are not filtered.';
            throw validationFailed([{ path, code: 'invalid', message }]);
          }
          const found = await history.members(by, group, asOf, { after, limit: limit + 1 });
          const { value, ...past } = found;
          const members = presentPastMembers(value);
          const body = pastPage(
            past,
            members,
            limit,
            (member) => member,
            ({ user }) => user.id,
          );
          return { status: 200, body };
        }
        const rows = await groups.members(
          by,
          group,
          { text: q, inGroupRole: role },
          { after, limit: limit + 1 },
        );
        return {
          status: 200,
          body: pageById(rows, limit, (row) => ({
            user: { id: row.id, name: row.name, email: row.email },
            status: row.status,
            suspended: row.status === 'inactive',
            inGroupRole: row.inGroupRole,
            sources: row.sources,
            addedAt: row.addedAt,
          })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/groups/{id}/members/export',
      tag,
      summary: 'Export the members of a group',
      description: 'What the list shows, as CSV. The export is an event.',
      access: 'groups:members',
      params: { id: 'group' },
      query: z.strictObject(memberFilter),
      answers: { 200: { content: 'text/csv' } },
      handle: async ({ by, params: { id }, query: { q, inGroupRole: role } }) => {
        const { group, csv } = await groups.exportMembers(by, id, { text: q, inGroupRole: role });
        return {
          status: 200,
          content: csv,
          headers: downloadHeaders(
            'csv',
            `${role === undefined ? 'member' : role}s of ${group}`,
            now().toISOString(),
          ),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/groups/{id}/members',
      tag,
      summary: 'Add users to a group',
      access: 'groups:members',
      params: { id: 'group' },
      body: z.strictObject({
        userIds: z
          .array(userId)
          .min(1, 'Name at least one user.')
          .max(1_000, 'At most 1,000 users per request.'),
        inGroupRole: inGroupRole.default('member'),
      }),
      answers: { 200: z.object({ added: z.int() }) },
      errors: ['managed_by_directory', 'unknown_member', 'manager_needs_configure', 'role_above_limit'],
      handle: async ({ by, params: { id: group }, body }) => ({
        status: 200,
        body: {
          added: await groups.addMembers(by, [group], body.userIds, body.inGroupRole),
        },
      }),
    }),
    route({
      method: 'PATCH',
      path: '/groups/{id}/members/{userId}',
      tag,
      summary: 'Change the role of a member in a group',
      access: 'groups:members',
      params: member,
      body: z.strictObject({ inGroupRole }),
      answers: { 204: 'nothing' },
      errors: ['manager_needs_configure'],
      handle: async ({ by, params: { id: group, userId }, body }) => {
        await groups.setInGroupRole(by, group, userId, body.inGroupRole);
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: '/groups/{id}/members/{userId}',
      tag,
      summary: 'Remove a user from a group',
      access: 'groups:members',
      params: member,
      answers: { 204: 'nothing' },
      errors: ['managed_by_directory', 'member_by_pattern'],
      handle: async ({ by, params: { id: group, userId } }) => {
        await groups.removeMember(by, [group], userId);
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/groups/{id}/grants',
      tag,
      summary: 'List what a group may do with resources',
      access: 'groups:members',
      params: { id: 'group' },
      answers: { 200: wholeList(namedGrantShape) },
      handle: async ({ by, params: { id: group } }) => ({
        status: 200,
        body: presentWhole((await groups.grants(by, group)).map(presentGrant)),
      }),
    }),
    route({
      method: 'PUT',
      path: '/groups/{id}/grants',
      tag,
      summary: 'Set what a group may do with resources',
      access: 'groups:manage',
      params: { id: 'group' },
      body: z.array(grantShape).max(500, 'At most 500 grants.'),
      answers: { 200: wholeList(namedGrantShape) },
      errors: ['unknown_resource'],
      handle: async ({ by, params: { id: group }, body }) => {
        const grants = body.map(({ resourceType, resourceId, tag: named, level }) => ({
          resourceType,
          resourceId: resourceId ?? null,
          tag: named ?? null,
          level,
        }));
        await groups.setGrants(by, group, grants);
        return {
          status: 200,
          body: presentWhole((await groups.grants(by, group)).map(presentGrant)),
        };
      },
    }),
  ];
}
