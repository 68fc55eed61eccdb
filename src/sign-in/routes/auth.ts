import { z } from 'zod';
import type { UserQueries } from '../../directory/users/queries.ts';
import { parseReturnPath } from '../../http/return-path.ts';
import { type Route, route } from '../../rest/route.ts';
import { password, presentDirectoryUser, userShape } from '../../rest/shapes.ts';
import type { SsoLogins } from '../../sso/login/sso-logins.ts';
import type { SignInCommands } from '../commands.ts';
import { endOf } from './session-shape.ts';

export interface AuthDependencies {
  readonly signIn: SignInCommands;
  readonly ssoLogins: Pick<SsoLogins, 'stepUp'>;
  readonly userQueries: UserQueries;
}

const sessionShape = z.object({
  user: userShape,
  csrfToken: z.string().meta({ description: 'Send it as X-CSRF-Token with every change.' }),
});

/** Signing in and out, resets, and proving again who sits there. */
export function authRoutes({ signIn, ssoLogins, userQueries: users }: AuthDependencies): Route[] {
  const tag = 'Sign-in';
  return [
    route({
      method: 'POST',
      path: '/auth/login',
      tag,
      summary: 'Sign in with e-mail and password',
      access: 'public',
      body: z.strictObject({
        email: z.string().max(320),
        password,
        code: z
          .string()
          .trim()
          .max(64)
          .optional()
          .meta({ description: 'Of the authenticator app, or a recovery code.' }),
        organization: z.uuid().optional(),
      }),
      answers: { 200: sessionShape },
      errors: ['invalid_credentials', 'second_factor_required', 'throttled', 'conflict'],
      handle: async ({ body, client, requestId }) => {
        const { email, password: given, code, organization } = body;
        const session = await signIn.signIn(
          { email, password: given, code, organization },
          client,
          requestId,
        );
        const user = await users.self(session.org, session.user);
        return {
          status: 200,
          body: { user: presentDirectoryUser(user), csrfToken: session.csrfToken },
          cookie: { token: session.token },
          device: session.device,
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/session',
      tag,
      summary: 'Sign out',
      access: 'signed in',
      sessionOnly: true,
      answers: { 204: 'nothing' },
      handle: async ({ by, session }) => {
        await signIn.signOut(by, session.id);
        return { status: 204, cookie: endOf(session) };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/step-up',
      tag,
      summary: 'Prove again who you are',
      description: 'The token is valid for five minutes wherever stepUpToken is accepted.',
      access: 'signed in',
      sessionOnly: true,
      body: z.strictObject({ password }),
      answers: { 200: z.object({ stepUpToken: z.string() }) },
      errors: ['password_invalid', 'throttled'],
      handle: async ({ by, body, client }) => ({
        status: 200,
        body: { stepUpToken: await signIn.stepUp(by, body.password, client) },
      }),
    }),
    route({
      method: 'POST',
      path: '/auth/step-up/sso',
      tag,
      summary: 'Prove again at your provider who you are',
      description:
        'Open the address in the browser of the session. When you return, the session is confirmed for five minutes.',
      access: 'signed in',
      sessionOnly: true,
      body: z.strictObject({
        returnTo: z.string().max(2_000).optional().meta({ description: 'A path of this site.' }),
      }),
      answers: { 200: z.object({ url: z.string() }) },
      errors: ['no_provider'],
      handle: async ({ by, session, body }) => ({
        status: 200,
        body: { url: await ssoLogins.stepUp(by, session.id, parseReturnPath(body.returnTo)) },
      }),
    }),
    route({
      method: 'POST',
      path: '/auth/password-reset',
      tag,
      summary: 'Mail a link to set a new password',
      description: 'The answer is the same whether or not a user has the address.',
      access: 'public',
      body: z.strictObject({ email: z.string().max(320) }),
      answers: { 202: 'nothing' },
      errors: ['throttled'],
      handle: async ({ body, client, requestId }) => {
        await signIn.requestReset(body.email, client, requestId);
        return { status: 202 };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/password-reset/confirm',
      tag,
      summary: 'Set a new password with a link',
      access: 'public',
      body: z.strictObject({ token: z.string().min(1).max(200), password }),
      answers: { 204: 'nothing' },
      errors: ['reset_expired', 'weak_password'],
      handle: async ({ body, client, requestId }) => {
        const { device } = await signIn.resetPassword(body.token, body.password, client, requestId);
        return { status: 204, device };
      },
    }),
  ];
}
