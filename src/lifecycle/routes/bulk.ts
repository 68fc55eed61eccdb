import { z } from 'zod';
import { impactShape, presentImpact } from '../../directory/roles/impact-shape.ts';
import { type Route, route } from '../../rest/route.ts';
import { bulkResult, groupId, reason, role, userId } from '../../rest/shapes.ts';
import type { BulkAction, BulkCommands } from '../bulk.ts';

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
  })
  .refine(({ action, params }) => !action.endsWith('_group') || params.groupIds !== undefined, {
    path: ['params', 'groupIds'],
    message: 'Name the groups.',
  })
  .refine(({ action, params }) => action !== 'change_role' || params.role !== undefined, {
    path: ['params', 'role'],
    message: 'Invalid role',
  });

function toAction({ action, params, impactToken }: z.output<typeof bulkBody>): BulkAction {
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
export function bulkRoutes({ bulk }: { readonly bulk: BulkCommands }): Route[] {
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
        }),
      },
      errors: ['impact_confirmation_required'],
      handle: async ({ by, body }) => ({
        status: 200,
        body: { results: await bulk.run(by, body.userIds, toAction(body)) },
      }),
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
