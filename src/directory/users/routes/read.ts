import { z } from 'zod';
import type { History } from '../../../history/history.ts';
import { presentCause, presentPastUser } from '../../../history/present.ts';
import {
  asOf as asOfParameter,
  pastPage,
  pastPageOf,
  pastUserDetailShape,
  pastUserShape,
} from '../../../history/routes/shapes.ts';
import { daysBefore } from '../../../platform/time.ts';
import { validationFailed } from '../../../rest/problem.ts';
import { type Route, type RouteAnswer, route } from '../../../rest/route.ts';
import {
  countedPageOf,
  days,
  flag,
  groupId,
  idCursor,
  instant,
  page,
  pageBy,
  presentDirectoryUser,
  readCursor,
  role,
  several,
  userShape,
} from '../../../rest/shapes.ts';
import type { Authority } from '../../roles/authority.ts';
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
  passwordAlone: flag.optional().meta({
    description: 'Only users who sign in with a password and without a second factor, or only others.',
  }),
  outsideSso: flag.optional(),
  source: several(z.enum(['bootstrap', 'scim', 'sso', 'invitation', 'import', 'admin'])),
  inactiveDays: days.optional(),
  includeDeleted: flag.optional(),
  sort: z
    .enum(sortNames as [string, ...string[]], { error: `must be one of ${sortNames.join(', ')}.` })
    .default('-createdAt'),
  asOf: asOfParameter,
  count: flag.optional().meta({
    description:
      'Counts the users that match, up to 100,000: the page has total, or totalOver where there are more. Without it, total is there where it is known without counting.',
  }),
  ...page,
});

/** What can be asked for as of a moment. */
const PAST_FILTERS: ReadonlySet<string> = new Set([
  'asOf',
  'status',
  'role',
  'includeDeleted',
  'limit',
  'cursor',
  'sort',
]);

type ListQuery = z.output<typeof listQuery>;

/** @throws ProblemError 422 for filters and sorts that only the present has */
function requirePastFilters(query: ListQuery): void {
  const named = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || PAST_FILTERS.has(name) ? [] : [name],
  );
  const others = query.sort === '-createdAt' ? named : [...named, 'sort'];
  if (others.length === 0) return;
  throw validationFailed(
    others.map((path) => ({
      path,
      code: 'invalid',
      message: 'cannot be combined with asOf: the past is filtered by status, role and includeDeleted.',
    })),
  );
}

const cursorShape = z.object({ key: z.string().nullable(), id: z.uuid(), sort: z.string() });

/** Looking at users. */
export function readUserRoutes({
  userQueries: users,
  history,
  now,
}: {
  readonly userQueries: UserQueries;
  readonly history: History;
  readonly now: () => Date;
}): Route[] {
  const listPast = async (by: Authority, query: ListQuery, moment: string): Promise<RouteAnswer<200>> => {
    requirePastFilters(query);
    const { status, role: roles, includeDeleted, limit } = query;
    const after = readCursor(query.cursor, idCursor);
    const { value, ...past } = await history.users(
      by,
      moment,
      { status, role: roles, deleted: includeDeleted },
      { after, limit: limit + 1 },
    );
    const body = pastPage(
      past,
      value.users,
      limit,
      (user) => presentPastUser(user, value.names),
      ({ row }) => row.id,
    );
    return { status: 200, body };
  };
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
      answers: { 200: z.union([countedPageOf(userShape), pastPageOf(pastUserShape)]) },
      errors: ['in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, query }) => {
        if (query.asOf !== undefined) return listPast(by, query, query.asOf);
        const {
          asOf: _,
          count,
          q,
          sort,
          limit,
          cursor,
          inactiveDays,
          includeDeleted,
          group,
          ...filter
        } = query;
        const after = readCursor(
          cursor,
          cursorShape.refine((place) => place.sort === sort),
        );
        const asked = {
          filter: {
            ...filter,
            text: q,
            group,
            deleted: includeDeleted,
            inactiveSince: inactiveDays === undefined ? undefined : daysBefore(now(), inactiveDays),
          },
          sort: sort.replace('-', '') as UserSort,
          descending: sort.startsWith('-'),
          after,
          limit: limit + 1,
        };
        const { items, total, totalOver } = await users.list(by, asked, count);
        const found = pageBy(items, limit, presentDirectoryUser, (user) => ({ ...user.cursor, sort }));
        return {
          status: 200,
          body: {
            ...found,
            ...(total === undefined ? {} : { total }),
            ...(totalOver === undefined ? {} : { totalOver }),
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
      query: z.strictObject({ asOf: asOfParameter }),
      etag: true,
      answers: { 200: z.union([userDetailShape, pastUserDetailShape]) },
      errors: ['in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, params: { id }, query: { asOf } }) => {
        if (asOf !== undefined) {
          const { value, ...past } = await history.user(by, id, asOf);
          const { role: given, owner } = await history.given(by, id, asOf);
          const body = {
            ...presentPastUser(value, value.names),
            ...past,
            roleGiven: presentCause(given?.cause ?? null),
            ownerGiven: presentCause(owner?.cause ?? null),
          };
          return { status: 200, body, version: asOf };
        }
        const user = await users.get(by, id);
        const profile = presentProfile(await users.directoryProfile(by, id));
        return { status: 200, body: { ...presentDirectoryUser(user), ...profile }, version: user.version };
      },
    }),
  ];
}
