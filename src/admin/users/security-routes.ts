import { z } from 'zod';
import type { UserId } from '../../directory/ids.ts';
import type { SecurityQueries } from '../../directory/sign-in/security.ts';
import type { SessionCommands } from '../../directory/sign-in/session-commands.ts';
import { type Route, route } from '../route.ts';
import { presentSession, sessionShape } from '../sessions.ts';
import { time } from '../shapes.ts';

export interface SecurityRouteDependencies {
  readonly security: SecurityQueries;
  readonly sessionCommands: SessionCommands;
}

/** The Security tab of a user (R140). */
export function securityRoutes({ security, sessionCommands }: SecurityRouteDependencies): Route[] {
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
          mfa: z.boolean(),
          apiKeys: z.int().meta({ description: 'Keys that are neither revoked nor expired.' }),
          sessions: z
            .array(sessionShape)
            .nullable()
            .meta({ description: 'Null for whoever does not manage the user.' }),
        }),
      },
      handle: async ({ by, session, params: { id } }) => {
        const { lockedAt, secondFactor, sessions, ...counts } = await security.ofUser(by, id as UserId);
        return {
          status: 200,
          body: {
            ...counts,
            lockedAt: lockedAt ?? null,
            mfa: secondFactor,
            sessions: sessions?.map((row) => presentSession(row, session?.id)) ?? null,
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
        await sessionCommands.endOf(by, id as UserId, undefined);
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
        await sessionCommands.endOf(by, id as UserId, sessionId);
        return { status: 204 };
      },
    }),
  ];
}
