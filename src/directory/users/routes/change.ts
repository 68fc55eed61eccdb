import { z } from 'zod';
import type { ElevationCommands } from '../../../access/elevations/commands.ts';
import type { LifecycleCommands } from '../../../lifecycle/commands.ts';
import { aboutField } from '../../../rest/problem.ts';
import { groupReference } from '../../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../../rest/route.ts';
import {
  flag,
  groupReferences,
  instant,
  name,
  presentDirectoryUser,
  reason,
  role,
  userShape,
} from '../../../rest/shapes.ts';
import type { UserId } from '../../ids.ts';
import type { RoleCommands } from '../../roles/commands.ts';
import { impactShape, presentImpact } from '../../roles/impact-shape.ts';
import type { EditCommands } from '../edit-commands.ts';
import type { UserQueries } from '../queries.ts';
import { externalIdsShape, profilePatchShape, readProfilePatch } from './profile-shape.ts';

export interface ChangeUserDependencies {
  readonly userQueries: UserQueries;
  readonly edit: EditCommands;
  readonly roles: RoleCommands;
  readonly lifecycle: LifecycleCommands;
  readonly elevations: ElevationCommands;
}

export const force = z.strictObject({
  force: flag
    .default(false)
    .meta({ description: 'An owner insists on a change of what a directory manages.' }),
});

/** Changing users: name, role, groups, status. */
export function changeUserRoutes({
  userQueries: users,
  edit,
  roles,
  lifecycle,
  elevations,
}: ChangeUserDependencies): Route[] {
  const tag = 'Users';
  const params = { id: 'user' } as const;
  /** Answers with the user that the caller has just changed, even if they may not read users. */
  const answerUser = async (
    { org }: Parameters<UserQueries['get']>[0],
    id: UserId,
  ): Promise<RouteAnswer<200>> => {
    const user = await users.self(org, id);
    return { status: 200, body: presentDirectoryUser(user), version: user.version };
  };
  return [
    route({
      method: 'PATCH',
      path: '/users/{id}',
      tag,
      summary: 'Change a user',
      description: 'All of it or nothing. A new role needs the impactToken of GET …/role-impact.',
      access: 'users:manage',
      params,
      query: force,
      body: z.strictObject({
        name: name.nullable().optional(),
        profile: profilePatchShape.optional(),
        externalIds: externalIdsShape.optional(),
        role: role.optional(),
        groups: groupReferences.optional(),
        status: z.enum(['active', 'inactive'], { error: 'must be active or inactive.' }).optional(),
        notify: z.boolean().default(false).meta({ description: 'Tell the user by mail what changed.' }),
        impactToken: z.string().max(200).optional(),
        reason: reason.optional(),
      }),
      etag: true,
      answers: { 200: userShape },
      errors: [
        'managed_by_directory',
        'member_by_pattern',
        'last_owner',
        'version_mismatch',
        'impact_confirmation_required',
        'role_above_limit',
        'self_change',
        'group_not_found',
        'training_required',
        'invalid_profile',
        'unknown_connection',
      ],
      handle: async ({ by, params: { id }, query, body, ifMatch }) => {
        const { name: called, profile, externalIds, role: wanted, groups, status, reason: why } = body;
        const changes = [called, profile, externalIds, wanted, groups, status, ifMatch];
        if (changes.some((given) => given !== undefined)) {
          await edit.edit(by, id, {
            name: called,
            profile: profile === undefined ? undefined : readProfilePatch(profile),
            externalIds: externalIds?.map(({ connectionId: connection, externalId }) => ({
              connection,
              externalId,
            })),
            role: wanted,
            groups,
            status,
            impactToken: body.impactToken,
            reason: why,
            notify: body.notify,
            force: query.force,
            ifMatch,
          });
        } else await users.get(by, id);
        return answerUser(by, id);
      },
    }),
    route({
      method: 'GET',
      path: '/users/{id}/role-impact',
      tag,
      summary: 'Show what a role would change',
      access: 'roles:assign',
      params,
      query: z.strictObject({ role }),
      answers: { 200: impactShape },
      handle: async ({ by, params: { id }, query }) => {
        return { status: 200, body: presentImpact(await roles.impact(by, id, query.role)) };
      },
    }),
    route({
      method: 'PUT',
      path: '/users/{id}/role',
      tag,
      summary: 'Change the role of a user',
      description: 'With expiresAt the direct role stays and the higher one holds until then.',
      access: 'roles:assign',
      params,
      query: force,
      body: z.strictObject({
        role,
        impactToken: z.string().max(200).optional(),
        reason: reason.optional(),
        expiresAt: instant.optional(),
        notify: z.boolean().default(false),
      }),
      etag: true,
      answers: { 200: userShape },
      errors: [
        'managed_by_directory',
        'role_above_limit',
        'self_change',
        'last_owner',
        'impact_confirmation_required',
        'training_required',
        'justification_required',
        'too_long',
        'in_the_past',
        'not_higher',
        'target_inactive',
      ],
      handle: async ({ by, params: { id }, query, body }) => {
        const { role: wanted, impactToken, reason: why, expiresAt, notify } = body;
        if (expiresAt === undefined) {
          await roles.changeRole(
            by,
            id,
            { role: wanted, impactToken, reason: why, force: query.force },
            notify,
          );
        } else {
          const intent = { role: wanted, until: { expiresAt }, justification: why ?? '', ticket: undefined };
          await elevations.grant(by, id, intent).catch((error: unknown) => {
            throw aboutField(error, 'justification_required', 'reason');
          });
        }
        return answerUser(by, id);
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/deactivate',
      tag,
      summary: 'Deactivate a user',
      description: 'No sign-in, open sessions end, API keys stop, memberships are suspended and remembered.',
      access: 'users:manage',
      params,
      query: force,
      body: z.strictObject({ reason: reason.optional(), notify: z.boolean().default(false) }),
      etag: true,
      answers: { 200: userShape },
      errors: ['already_inactive', 'last_owner', 'self_change', 'managed_by_directory'],
      handle: async ({ by, params: { id }, query, body: { reason: why, notify } }) => {
        await lifecycle.deactivate(by, id, {
          ...(why === undefined ? {} : { reason: why }),
          notify,
          force: query.force,
        });
        return answerUser(by, id);
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/activate',
      tag,
      summary: 'Activate a user again',
      access: 'users:manage',
      params,
      query: force,
      body: z.strictObject({
        restoreGroups: z.boolean().default(true),
        reenableApiKeys: z.boolean().default(false),
      }),
      answers: {
        200: z.object({
          user: userShape,
          restored: z.array(groupReference),
          notRestored: z.array(groupReference),
        }),
      },
      errors: ['not_inactive', 'self_change', 'managed_by_directory'],
      handle: async ({ by, params: { id }, query, body }) => {
        const groups = await lifecycle.activate(by, id, { ...body, force: query.force });
        return {
          status: 200,
          body: { user: presentDirectoryUser(await users.self(by.org, id)), ...groups },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/unlock',
      tag,
      summary: 'Unlock an account',
      access: 'users:manage',
      params,
      answers: { 204: 'nothing' },
      errors: ['not_locked', 'self_change'],
      handle: async ({ by, params: { id } }) => {
        await lifecycle.unlock(by, id);
        return { status: 204 };
      },
    }),
  ];
}
