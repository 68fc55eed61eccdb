import { z } from 'zod';
import { DAY_MS } from '../../../platform/time.ts';
import { type Route, route } from '../../../rest/route.ts';
import {
  flag,
  groupId,
  instant,
  page,
  pageOf,
  presentDirectoryUser,
  readCursor,
  role,
  several,
  userShape,
  writeCursor,
} from '../../../rest/shapes.ts';
import type { Permission } from '../../roles/rules/permissions.ts';
import type { UserQueries, UserSort } from '../queries.ts';
import { presentProfile, userDetailShape } from './profile-shape.ts';

const SORTS = [
  'createdAt',
  'name',
  'email',
  'lastLoginAt',
  'role',
  'status',
] as const satisfies readonly UserSort[];
const sortNames = SORTS.flatMap((sort) => [sort, `-${sort}`] as const);

const listQuery = z.strictObject({
  q: z.string().trim().min(1).max(200).optional().meta({
    description:
      'Any part of the email address, the userName or the name; of one or two characters the beginning, or that of the last word.',
  }),
  role: several(role).meta({ description: 'Direct roles.' }),
  effectiveRole: several(role).meta({
    description: 'Roles in effect now: direct, from groups or temporary.',
  }),
  accessTier: several(
    z.enum(['user', 'manager', 'admin', 'super_admin'], {
      error: 'must be one of user, manager, admin, super_admin.',
    }),
  ),
  owner: flag.optional(),
  group: several(groupId).meta({ description: 'Ids of groups.' }),
  externalId: z.string().max(512).optional().meta({ description: 'What a directory calls the user.' }),
  status: several(
    z.enum(['active', 'inactive', 'pending'], { error: 'must be active, inactive or pending.' }),
  ),
  lastLoginBefore: instant.optional(),
  lastLoginAfter: instant.optional(),
  neverLoggedIn: flag.optional(),
  locked: flag.optional(),
  source: several(z.enum(['bootstrap', 'scim', 'sso', 'invitation', 'import', 'admin'])),
  inactiveDays: z.coerce.number({ error: 'must be a number of days.' }).int().min(1).max(3_650).optional(),
  includeDeleted: flag.optional(),
  sort: z
    .enum(sortNames as [string, ...string[]], { error: `must be one of ${sortNames.join(', ')}.` })
    .default('-createdAt'),
  ...page,
});

const cursorShape = z.object({ key: z.string().nullable(), id: z.uuid(), sort: z.string() });

/** Looking at users. */
export function readUserRoutes({
  userQueries: users,
  now,
}: {
  readonly userQueries: UserQueries;
  readonly now: () => Date;
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/users',
      tag: 'Users',
      summary: 'List users',
      description:
        'Filters combine. A manager sees the users of the groups they manage, other users only themselves.',
      access: 'users:read' satisfies Permission,
      query: listQuery,
      answers: { 200: pageOf(userShape) },
      handle: async ({ by, query }) => {
        const { q, sort, limit, cursor, inactiveDays, includeDeleted, group, ...filter } = query;
        const after = readCursor(
          cursor,
          cursorShape.refine((place) => place.sort === sort),
        );
        const { items, total } = await users.list(by, {
          filter: {
            ...filter,
            text: q,
            group,
            deleted: includeDeleted,
            inactiveSince:
              inactiveDays === undefined
                ? undefined
                : new Date(now().getTime() - inactiveDays * DAY_MS).toISOString(),
          },
          sort: sort.replace('-', '') as UserSort,
          descending: sort.startsWith('-'),
          after,
          limit: limit + 1,
        });
        const shown = items.slice(0, limit);
        const last = shown.at(-1);
        return {
          status: 200,
          body: {
            data: shown.map(presentDirectoryUser),
            nextCursor:
              items.length > limit && last !== undefined ? writeCursor({ ...last.cursor, sort }) : null,
            ...(total === undefined ? {} : { total }),
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/users/{id}',
      tag: 'Users',
      summary: 'Read a user',
      access: 'users:read',
      params: { id: 'user' },
      etag: true,
      answers: { 200: userDetailShape },
      handle: async ({ by, params: { id } }) => {
        const user = await users.get(by, id);
        const profile = presentProfile(await users.directoryProfile(by, id));
        return { status: 200, body: { ...presentDirectoryUser(user), ...profile }, version: user.version };
      },
    }),
  ];
}
