import { z } from 'zod';
import type { RoleCommands } from '../../directory/roles/commands.ts';
import type { UserQueries } from '../../directory/users/queries.ts';
import { force } from '../../directory/users/routes/change.ts';
import { validationFailed } from '../../rest/problem.ts';
import { groupReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { id, presentDirectoryUser, proof, userId, userShape } from '../../rest/shapes.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { LifecycleCommands } from '../commands.ts';

export interface RemovalDependencies {
  readonly userQueries: UserQueries;
  readonly roles: RoleCommands;
  readonly lifecycle: LifecycleCommands;
  readonly signIn: SignInCommands;
}

const mode = z.enum(['soft', 'hard'], { error: 'must be soft or hard.' });

/** What is hard to take back, and so asks who is sitting there. */
export function removalRoutes({
  userQueries: users,
  roles,
  lifecycle,
  signIn,
}: RemovalDependencies): Route[] {
  const tag = 'Users';
  const params = { id: 'user' } as const;
  const setOwner = (owner: boolean) =>
    route({
      method: owner ? 'PUT' : 'DELETE',
      path: '/users/{id}/owner',
      tag,
      summary: owner ? 'Make a user an owner' : 'Take ownership from a user',
      access: 'signed in',
      params,
      body: z.strictObject(proof),
      answers: { 204: 'nothing' },
      errors: [
        'owner_only',
        'password_invalid',
        'step_up_required',
        'last_owner',
        'role_not_admin',
        'self_change',
      ],
      handle: async ({ by, params: { id: user }, body, client }) => {
        await users.get(by, user);
        roles.requireOwner(by);
        const proven = await signIn.prove(by, body, client);
        await roles.setOwner(proven, user, owner);
        return { status: 204 };
      },
    });
  return [
    setOwner(true),
    setOwner(false),
    route({
      method: 'DELETE',
      path: '/users/{id}',
      tag,
      summary: 'Delete a user, softly or for good',
      description:
        'soft hides the user and keeps the data until it is purged; hard removes everything immediately. Both ask for your password. For clients that send no body with DELETE: mode and transferTo as query parameters, and the stepUpToken in the header Rollcall-Step-Up.',
      access: 'users:delete',
      params,
      query: force.extend({ mode: mode.optional(), transferTo: userId.optional() }),
      body: z.strictObject({ mode: mode.optional(), ...proof, transferTo: userId.optional() }),
      answers: { 204: 'nothing' },
      errors: [
        'password_invalid',
        'step_up_required',
        'owns_resources',
        'last_owner',
        'self_change',
        'target_inactive',
        'managed_by_directory',
        'version_mismatch',
      ],
      handle: async ({ by, params: { id: user }, query, body, client, ifMatch }) => {
        const how = body.mode ?? query.mode;
        if (how === undefined) {
          throw validationFailed([{ path: 'mode', code: 'required', message: 'must be soft or hard.' }]);
        }
        await users.get(by, user);
        const proven = await signIn.prove(by, body, client);
        const transferTo = body.transferTo ?? query.transferTo;
        const intent = { transferTo, force: query.force, ifMatch };
        if (how === 'hard') await lifecycle.erase(proven, user, intent);
        else await lifecycle.softDelete(proven, user, intent);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/restore',
      tag,
      summary: 'Restore a soft-deleted user',
      access: 'users:delete',
      params,
      body: z.strictObject({
        email: z.string().max(254).optional().meta({
          description: 'A different address, if the old one belongs to another user now.',
        }),
      }),
      etag: true,
      answers: {
        200: userShape.extend({
          notRestored: z.array(groupReference).meta({
            description: 'Groups that were deleted meanwhile: the user is no longer in them.',
          }),
        }),
      },
      errors: ['not_deleted', 'email_taken', 'user_name_taken', 'invalid_email'],
      handle: async ({ by, params: { id: user }, body }) => {
        const notRestored = await lifecycle.restore(by, user, body.email);
        const directoryUser = await users.self(by.org, user);
        return {
          status: 200,
          body: { ...presentDirectoryUser(directoryUser), notRestored: [...notRestored] },
          version: directoryUser.version,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/transfer-ownership',
      tag,
      summary: "Transfer a user's resources to another",
      access: 'agents:edit',
      params,
      body: z.strictObject({ toUserId: userId, resourceIds: z.array(id).max(1_000).optional() }),
      answers: { 200: z.object({ transferred: z.int() }) },
      errors: ['target_inactive'],
      handle: async ({ by, params: { id: user }, body }) => ({
        status: 200,
        body: {
          transferred: await lifecycle.transfer(by, user, body.toUserId, body.resourceIds),
        },
      }),
    }),
  ];
}
