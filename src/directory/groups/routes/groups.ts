import { z } from 'zod';
import type { History } from '../../../history/history.ts';
import { presentPastGroup } from '../../../history/present.ts';
import {
  asOf as asOfParameter,
  pastGroupDetailShape,
  pastGroupShape,
  pastPage,
  pastPageOf,
} from '../../../history/routes/shapes.ts';
import { uuidv7 } from '../../../platform/ids.ts';
import { validationFailed } from '../../../rest/problem.ts';
import { presentUser, userReference } from '../../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../../rest/route.ts';
import {
  effectiveRoleShape,
  idCursor,
  line,
  page,
  pageBy,
  pageOf,
  readCursor,
  role,
  roleTotalsShape,
  time,
} from '../../../rest/shapes.ts';
import { ROLES } from '../../roles/rules/roles.ts';
import { force } from '../../users/routes/change.ts';
import type { AdministeredGroup, GroupAdministration } from '../commands.ts';
import type { GroupPreview, GroupPreviews, MovingPeople } from '../preview.ts';
import { PATTERN_RULE, readAddressPattern } from '../rules/address-pattern.ts';

const groupShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    role: z.enum(ROLES).nullable(),
    source: z.enum(['manual', 'scim', 'sso']),
    autoAssignPattern: z.string().nullable().meta({
      description: 'Everyone whose sign-in address matches is a member; null for none.',
      example: '*@eng.acme.example',
    }),
    memberCount: z.int().meta({ description: 'Members who are not inactive.' }),
    suspendedMemberCount: z.int().meta({
      description: 'Members who are inactive: the membership gives no rights until they are active again.',
    }),
    memberCountIsExact: z.boolean().meta({
      description:
        'False in a group of 10,000 members or more (1,000 in a list of groups): both counts are of its first members then.',
    }),
    externalIds: z
      .array(
        z.object({
          connectionId: z.string(),
          connectionName: z.string(),
          externalId: z.string().nullable().meta({
            description: 'What the directory of the connection calls the group.',
            example: '00g1a2b3c4',
          }),
        }),
      )
      .meta({ description: 'One for each SCIM connection that provisions the group.' }),
    createdAt: time,
    updatedAt: time.meta({
      description:
        'When it was last changed: itself, or who its members are. SCIM calls it meta.lastModified.',
    }),
    version: z.int(),
  })
  .meta({ id: 'Group' });

function presentGroup({ isCounted, externalIds, ...group }: AdministeredGroup): z.input<typeof groupShape> {
  return { ...group, memberCountIsExact: isCounted, externalIds: [...externalIds] };
}

const groupName = line;
const description = z.string().trim().max(2_000, 'must have 2,000 characters or fewer.').nullable();

const autoAssignPattern = z
  .string()
  .max(1_000, PATTERN_RULE)
  .transform((text, context) => {
    const pattern = readAddressPattern(text);
    if (pattern !== undefined) return pattern;
    context.addIssue({ code: 'custom', message: PATTERN_RULE });
    return z.NEVER;
  })
  .nullable()
  .meta({
    description:
      'Adds everyone whose sign-in address matches: * stands for any characters, the rest for itself, in any case. 1 to 5 * and 254 characters at most.',
    example: '*@eng.acme.example',
  });

const newGroup = z.strictObject({
  name: groupName,
  description: description.default(null),
  role: role.nullable().default(null),
  autoAssignPattern: autoAssignPattern.default(null),
});

const groupChanges = z.strictObject({
  name: groupName.optional(),
  description: description.optional(),
  role: role.nullable().optional(),
  autoAssignPattern: autoAssignPattern.optional(),
});

const movingShape = (verb: string) =>
  z
    .object({
      users: z.int().meta({ description: 'How many, counted up to 10,000.', example: 12 }),
      usersAreExact: z.boolean().meta({ description: 'False if there are more.' }),
      people: z
        .array(userReference)
        .meta({ description: 'Who, up to 100 of them; none without users:read.' }),
    })
    .meta({ description: `Who would ${verb} the group by the pattern of addresses.` });

const presentMoving = ({ people, ...counts }: MovingPeople) => ({
  ...counts,
  people: people.map(presentUser),
});

const groupPreviewShape = z
  .object({
    sentence: z.string().meta({
      description: 'What would happen, in one sentence.',
      example: '2 administrators would lose their role. Nothing was changed.',
    }),
    role: z
      .object({
        before: effectiveRoleShape.meta({ description: 'The role of the group now; null for none.' }),
        after: effectiveRoleShape.meta({ description: 'The role of the group then; null for none.' }),
      })
      .meta({ description: 'The role of the group.' }),
    roles: roleTotalsShape,
    changes: z
      .array(
        z.object({
          before: z.enum(ROLES).meta({ description: 'The effective role now.' }),
          after: z.enum(ROLES).meta({ description: 'The effective role then.' }),
          users: z.int().meta({ description: 'How many.', example: 2 }),
          people: z
            .array(userReference)
            .meta({ description: 'Who, up to 100 of them; none without users:read.' }),
        }),
      )
      .meta({ description: 'Users whose effective role would change, the highest first.' }),
    joining: movingShape('join'),
    leaving: movingShape('leave'),
  })
  .meta({ id: 'GroupPreview' });

function presentPreview({
  changes,
  joining,
  leaving,
  ...preview
}: GroupPreview): z.input<typeof groupPreviewShape> {
  return {
    ...preview,
    changes: changes.map(({ people, ...each }) => ({ ...each, people: people.map(presentUser) })),
    joining: presentMoving(joining),
    leaving: presentMoving(leaving),
  };
}

/** Groups themselves (R99). */
export function groupRoutes({
  groups,
  history,
  previews,
}: {
  readonly groups: GroupAdministration;
  readonly history: History;
  readonly previews: GroupPreviews;
}): Route[] {
  const tag = 'Groups';
  const params = { id: 'group' } as const;
  const answerGroup = <Status extends 200 | 201>(
    status: Status,
    group: AdministeredGroup,
  ): RouteAnswer<Status> => ({
    status,
    body: presentGroup(group),
    version: group.version,
    ...(status === 201 ? { headers: { Location: `/api/v1/groups/${group.id}` } } : {}),
  });
  return [
    route({
      method: 'GET',
      path: '/groups',
      tag,
      summary: 'List groups by name',
      description: 'A manager sees the groups they manage.',
      access: 'groups:members',
      query: z.strictObject({
        q: z.string().trim().min(1).max(200).optional().meta({ description: 'Beginning of the name.' }),
        role: role.optional(),
        source: z.enum(['manual', 'scim', 'sso']).optional(),
        asOf: asOfParameter,
        ...page,
      }),
      answers: { 200: z.union([pageOf(groupShape), pastPageOf(pastGroupShape)]) },
      errors: ['in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, query: { q, limit, cursor, asOf, ...filter } }) => {
        if (asOf !== undefined) {
          if (q !== undefined) {
            const message = 'cannot be combined with asOf: the past is filtered by role and source.';
            throw validationFailed([{ path: 'q', code: 'invalid', message }]);
          }
          const from = readCursor(cursor, idCursor);
          const found = await history.groups(by, asOf, filter, { after: from, limit: limit + 1 });
          const { value, ...past } = found;
          const body = pastPage(past, value, limit, presentPastGroup, ({ id }) => id);
          return { status: 200, body };
        }
        const after = readCursor(cursor, z.string());
        const rows = await groups.list(by, { ...filter, text: q }, { after, limit: limit + 1 });
        return { status: 200, body: pageBy(rows, limit, presentGroup, ({ name }) => name) };
      },
    }),
    route({
      method: 'POST',
      path: '/groups',
      tag,
      summary: 'Create a group',
      access: 'groups:manage',
      body: newGroup,
      etag: true,
      location: true,
      answers: { 201: groupShape },
      errors: ['group_name_taken', 'role_above_limit', 'too_many'],
      handle: async ({ by, body }) => answerGroup(201, await groups.create(by, body)),
    }),
    route({
      method: 'POST',
      path: '/groups/dry-run',
      tag,
      summary: 'Show who would be in a new group',
      description:
        'The body of POST /groups, with or without a name; nothing is changed. With users:read it names up to 100 of those whom the pattern would add.',
      access: 'groups:manage',
      body: newGroup.extend({ name: groupName.optional() }),
      answers: { 200: groupPreviewShape },
      errors: ['group_name_taken', 'role_above_limit', 'too_many'],
      handle: async ({ by, body: { name = uuidv7(), ...body } }) => ({
        status: 200,
        body: presentPreview(await previews.ofCreation(by, { name, ...body })),
      }),
    }),
    route({
      method: 'GET',
      path: '/groups/{id}',
      tag,
      summary: 'Read a group',
      access: 'groups:members',
      params,
      query: z.strictObject({ asOf: asOfParameter }),
      etag: true,
      answers: { 200: z.union([groupShape, pastGroupDetailShape]) },
      errors: ['in_the_future', 'before_history', 'history_incomplete'],
      handle: async ({ by, params: { id }, query: { asOf } }) => {
        if (asOf === undefined) return answerGroup(200, await groups.get(by, id));
        const { value, ...past } = await history.group(by, id, asOf);
        return { status: 200, body: { ...presentPastGroup(value), ...past }, version: asOf };
      },
    }),
    route({
      method: 'PATCH',
      path: '/groups/{id}',
      tag,
      summary: 'Change a group',
      description:
        'The name of a group that a directory provisions is locked; role and description are yours. Only a group that administrators made has a pattern of addresses; its members follow a moment later, in a job.',
      access: 'groups:manage',
      params,
      query: force,
      body: groupChanges,
      etag: true,
      answers: { 200: groupShape },
      errors: [
        'group_name_taken',
        'managed_by_directory',
        'role_above_limit',
        'too_many',
        'version_mismatch',
      ],
      handle: async ({ by, params: { id }, query, body, ifMatch }) => {
        const condition = { force: query.force, ifMatch };
        return answerGroup(200, await groups.update(by, id, withoutUndefined(body), condition));
      },
    }),
    route({
      method: 'POST',
      path: '/groups/{id}/dry-run',
      tag,
      summary: 'Show what a change of a group would do',
      description:
        'The body of PATCH /groups/{id}; nothing is changed. With users:read it names up to 100 users of each change of an effective role, and of those who would join and leave by the pattern of addresses.',
      access: 'groups:manage',
      params,
      query: force,
      body: groupChanges,
      answers: { 200: groupPreviewShape },
      errors: [
        'group_name_taken',
        'managed_by_directory',
        'role_above_limit',
        'too_many',
        'version_mismatch',
      ],
      handle: async ({ by, params: { id }, query, body, ifMatch }) => {
        const condition = { force: query.force, ifMatch };
        const preview = await previews.ofChange(by, id, withoutUndefined(body), condition);
        return { status: 200, body: presentPreview(preview) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/groups/{id}',
      tag,
      summary: 'Delete a group',
      access: 'groups:manage',
      params,
      query: force,
      answers: { 204: 'nothing' },
      errors: ['managed_by_directory', 'version_mismatch'],
      handle: async ({ by, params: { id }, query, ifMatch }) => {
        await groups.remove(by, id, { force: query.force, ifMatch });
        return { status: 204 };
      },
    }),
  ];
}

type Given<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> };

/** What was given, without what was left out. */
export function withoutUndefined<Value extends object>(value: Value): Given<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Given<Value>;
}
