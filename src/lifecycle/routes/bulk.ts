import { z } from 'zod';
import { impactShape, presentImpact } from '../../directory/roles/impact-shape.ts';
import { presentUser, userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  bulkResult,
  effectiveRoleShape,
  groupId,
  reason,
  role,
  roleTotalsShape,
  userId,
} from '../../rest/shapes.ts';
import type { BulkAction, BulkCommands } from '../bulk.ts';
import type { BulkPreview, PreviewBulk } from '../bulk-preview.ts';

const userIds = z
  .array(userId)
  .min(1, 'Name at least one user.')
  .max(1_000, 'At most 1,000 users per request.');

const actions = [
  'add_to_group',
  'remove_from_group',
  'change_role',
  'deactivate',
  'activate',
  'resend_invite',
] as const;

const bulkBody = z
  .strictObject({
    action: z.enum(actions, { error: `must be one of ${actions.join(', ')}.` }),
    userIds,
    params: z
      .strictObject({
        groupIds: z.array(groupId).min(1).max(100).optional(),
        role: role.optional(),
        reason: reason.optional(),
      })
      .default({}),
    impactToken: z.string().max(200).optional(),
    dryRun: z
      .boolean()
      .default(false)
      .meta({ description: 'Answer with what would happen, and change nothing; needs no impactToken.' }),
  })
  .refine(({ action, params }) => !action.endsWith('_group') || params.groupIds !== undefined, {
    path: ['params', 'groupIds'],
    message: 'Name the groups.',
  })
  .refine(({ action, params }) => action !== 'change_role' || params.role !== undefined, {
    path: ['params', 'role'],
    message: 'Invalid role',
  });

const previewShape = z
  .object({
    sentence: z.string().meta({
      description: 'What would happen, in one sentence.',
      example: '37 users would be deactivated, 2 administrators would lose their role. Nothing was changed.',
    }),
    counts: z
      .array(
        z.object({
          code: z
            .string()
            .nullable()
            .meta({ description: 'Why they would be refused; null if they would not.' }),
          message: z.string().nullable().meta({ description: 'The same in words.' }),
          users: z.int().meta({ description: 'How many.', example: 37 }),
        }),
      )
      .meta({ description: 'How many users have which result, the most frequent first.' }),
    roles: roleTotalsShape,
    people: z
      .array(
        bulkResult.extend({
          user: userReference.nullable().meta({ description: 'Null for a user whom you do not see.' }),
          before: effectiveRoleShape.meta({ description: 'The effective role now; null without rights.' }),
          after: effectiveRoleShape.meta({ description: 'The effective role then; null without rights.' }),
        }),
      )
      .meta({ description: 'What would become of each user, in the order in which they were named.' }),
  })
  .meta({ id: 'BulkPreview' });

function presentPreview({ counts, people, ...rest }: BulkPreview) {
  const results = people.map(({ id, ok, code, message }) => ({
    id,
    ok,
    ...(code === undefined ? {} : { code, message }),
  }));
  return {
    results,
    preview: {
      ...rest,
      counts: counts.map(({ code, message, users }) => ({
        code: code ?? null,
        message: message ?? null,
        users,
      })),
      people: people.map(({ user, before, after }, index) => ({
        ...results[index],
        user: user === null ? null : presentUser(user),
        before,
        after,
      })),
    },
  };
}

function toAction({ action, params, impactToken }: Omit<z.output<typeof bulkBody>, 'dryRun'>): BulkAction {
  switch (action) {
    case 'add_to_group':
    case 'remove_from_group':
      return { action, groups: params.groupIds ?? [] };
    case 'change_role':
      return { action, role: params.role ?? 'readonly', impactToken, reason: params.reason };
    case 'deactivate':
      return { action, reason: params.reason };
    default:
      return { action };
  }
}

/** The same for several users, with a result for each (R96). */
export function bulkRoutes({
  bulk,
  previewBulk,
}: {
  readonly bulk: BulkCommands;
  readonly previewBulk: PreviewBulk;
}): Route[] {
  return [
    route({
      method: 'POST',
      path: '/users/bulk',
      tag: 'Users',
      summary: 'Do the same to several users',
      description: 'Each user is changed wholly or not at all; one that is refused does not stop the others.',
      access: 'users:manage',
      body: bulkBody,
      answers: {
        200: z.object({
          results: z.array(bulkResult),
          preview: previewShape.nullable().meta({ description: 'Of a dry run; else null.' }),
        }),
      },
      errors: ['impact_confirmation_required'],
      handle: async ({ by, body }) => {
        if (body.dryRun) {
          const preview = await previewBulk(by, body.userIds, toAction(body));
          return { status: 200, body: presentPreview(preview) };
        }
        const results = await bulk.run(by, body.userIds, toAction(body));
        return { status: 200, body: { results, preview: null } };
      },
    }),
    route({
      method: 'POST',
      path: '/users/bulk/role-impact',
      tag: 'Users',
      summary: 'Show what a role would change for several users',
      access: 'roles:assign',
      body: z.strictObject({ userIds, role }),
      answers: {
        200: z.object({ impacts: z.array(impactShape.extend({ id: z.string() })), impactToken: z.string() }),
      },
      handle: async ({ by, body }) => {
        const { impacts, impactToken } = await bulk.roleImpact(by, body.userIds, body.role);
        return {
          status: 200,
          body: {
            impactToken,
            impacts: impacts.map((impact) => ({ ...presentImpact(impact), id: impact.id })),
          },
        };
      },
    }),
  ];
}
