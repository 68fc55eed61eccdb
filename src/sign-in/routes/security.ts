import { z } from 'zod';
import type { UserQueries } from '../../directory/users/queries.ts';
import type { Locate } from '../../platform/locations/location.ts';
import { type Route, route } from '../../rest/route.ts';
import { proof, time } from '../../rest/shapes.ts';
import type { SignInCommands } from '../commands.ts';
import type { SecurityQueries } from '../queries.ts';
import type { SecondFactorCommands } from '../second-factor.ts';
import type { SessionCommands } from '../sessions.ts';
import { presentSession, sessionShape } from './session-shape.ts';

export interface SecurityRouteDependencies {
  readonly security: SecurityQueries;
  readonly sessionCommands: SessionCommands;
  readonly userQueries: UserQueries;
  readonly signIn: SignInCommands;
  readonly secondFactor: SecondFactorCommands;
  readonly locate: Locate;
}

/** The Security tab of a user (R140). */
export function securityRoutes({
  security,
  sessionCommands,
  userQueries: users,
  signIn,
  secondFactor,
  locate,
}: SecurityRouteDependencies): Route[] {
  const tag = 'Users';
  return [
    route({
      method: 'GET',
      path: '/users/{id}/security',
      tag,
      summary: 'Show how a user signs in',
      access: 'users:read',
      params: { id: 'user' },
      answers: {
        200: z.object({
          failedLogins: z.int().meta({ description: 'Since the last one that succeeded.' }),
          lockedAt: time.nullable(),
          password: z.boolean().meta({ description: 'Whether there is a password to sign in with.' }),
          mfa: z.boolean(),
          apiKeys: z.int().meta({ description: 'Keys that are neither revoked nor expired.' }),
          sessions: z
            .array(sessionShape)
            .nullable()
            .meta({ description: 'Null unless you manage the user.' }),
        }),
      },
      handle: async ({ by, session, params: { id } }) => {
        const { lockedAt, secondFactor, sessions, ...counts } = await security.ofUser(by, id);
        return {
          status: 200,
          body: {
            ...counts,
            lockedAt: lockedAt ?? null,
            mfa: secondFactor,
            sessions: sessions?.map((row) => presentSession(row, session?.id, locate)) ?? null,
          },
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/{id}/sessions',
      tag,
      summary: 'Sign a user out everywhere',
      access: 'users:manage',
      params: { id: 'user' },
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id } }) => {
        await sessionCommands.endOf(by, id, undefined);
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/{id}/sessions/{sessionId}',
      tag,
      summary: 'End a session of a user',
      access: 'users:manage',
      params: { id: 'user', sessionId: 'session' },
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id, sessionId } }) => {
        await sessionCommands.endOf(by, id, sessionId);
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/{id}/totp',
      tag,
      summary: 'Remove the authenticator app of a user who has lost it',
      description: 'Asks for your password. The user is notified and signed out everywhere.',
      access: 'users:manage',
      params: { id: 'user' },
      body: z.strictObject(proof),
      answers: { 204: 'nothing' },
      errors: ['password_invalid', 'step_up_required', 'throttled', 'self_change', 'not_enrolled'],
      handle: async ({ by, params: { id }, body, client }) => {
        await users.get(by, id);
        const proven = await signIn.prove(by, body, client);
        await secondFactor.reset(proven, id);
        return { status: 204 };
      },
    }),
  ];
}
