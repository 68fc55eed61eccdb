import { z } from 'zod';
import { force } from '../directory/users/routes/change.ts';
import { type Route, type RouteAnswer, route } from '../rest/route.ts';
import { email, proof, time } from '../rest/shapes.ts';
import type { SignInCommands } from '../sign-in/commands.ts';
import type { EmailChangeCommands } from './commands.ts';

const pendingShape = z.object({
  email: z.string(),
  expiresAt: time.nullable().meta({ description: 'Null if the address has changed immediately.' }),
});

const openShape = z
  .object({ organization: z.string(), email: z.string(), newEmail: z.string() })
  .meta({ id: 'EmailChange' });

const errors = [
  'email_taken',
  'user_name_taken',
  'invalid_email',
  'managed_by_directory',
  'conflict',
] as const;

/** Changing the address with which a user signs in, and sending a link for a new password. */
export function emailRoutes({
  emailChanges,
  signIn,
}: {
  readonly emailChanges: EmailChangeCommands;
  readonly signIn: SignInCommands;
}): Route[] {
  const tag = 'Users';
  const params = { id: 'user' } as const;
  const done: RouteAnswer<204> = { status: 204 };
  return [
    route({
      method: 'POST',
      path: '/users/{id}/email-change',
      tag,
      summary: "Change a user's email address",
      description:
        'Mails a link to the new address, for 24 hours; the address changes when the link is confirmed. The old address is notified, and sessions and password links end. A pending user gets the address immediately, and a new invitation is sent there.',
      access: 'users:manage',
      params,
      query: force,
      body: z.strictObject({ email }),
      answers: { 202: pendingShape },
      errors: [...errors, 'role_above_limit', 'self_change', 'target_inactive', 'throttled'],
      handle: async ({ by, params: { id }, query, body }) => {
        const pending = await emailChanges.request(by, id, body.email, query);
        return { status: 202, body: pending ?? { email: body.email, expiresAt: null } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/{id}/email-change',
      tag,
      summary: "Cancel the change of a user's email address",
      access: 'users:manage',
      params,
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id } }) => {
        await emailChanges.cancel(by, id);
        return done;
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/password-reset',
      tag,
      summary: 'Mail a user a link to choose a new password',
      description: 'The link works once, for 60 minutes. The password stays until the user chooses another.',
      access: 'users:manage',
      params,
      answers: { 202: z.object({ expiresAt: time }) },
      errors: ['role_above_limit', 'self_change', 'target_inactive', 'sso_enforced', 'throttled'],
      handle: async ({ by, params: { id } }) => ({
        status: 202,
        body: await signIn.sendReset(by, id),
      }),
    }),
    route({
      method: 'POST',
      path: '/me/email-change',
      tag: 'Me',
      summary: 'Change your email address',
      description: 'Asks for your password, and mails a link to the new address, for 24 hours.',
      access: 'signed in',
      sessionOnly: true,
      body: z.strictObject({ email, ...proof }),
      answers: { 202: pendingShape },
      errors: [...errors, 'password_invalid', 'step_up_required', 'sso_enforced', 'throttled'],
      handle: async ({ by, body: { email: wanted, ...given }, client }) => {
        const proven = await signIn.prove(by, given, client);
        return { status: 202, body: await emailChanges.requestOwn(proven, wanted, client) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/email-change',
      tag: 'Me',
      summary: 'Cancel the change of your email address',
      access: 'signed in',
      sessionOnly: true,
      answers: { 204: 'nothing' },
      handle: async ({ by }) => {
        await emailChanges.cancelOwn(by);
        return done;
      },
    }),
    route({
      method: 'GET',
      path: '/email-change/{token}',
      tag: 'Sign-in',
      summary: 'Look at a change of an email address',
      description: 'Changes nothing, however often a mail scanner asks.',
      access: 'public',
      answers: { 200: openShape },
      handle: async ({ params: { token } }) => ({ status: 200, body: await emailChanges.look(token) }),
    }),
    route({
      method: 'POST',
      path: '/email-change/{token}/confirm',
      tag: 'Sign-in',
      summary: 'Confirm an email address',
      access: 'public',
      answers: { 200: openShape },
      errors: ['email_taken', 'user_name_taken'],
      handle: async ({ params: { token }, client, requestId }) => ({
        status: 200,
        body: await emailChanges.confirm(token, client, requestId),
      }),
    }),
  ];
}
