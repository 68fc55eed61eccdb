import { z } from 'zod';
import type { UserQueries } from '../directory/users/queries.ts';
import { actorReference, userReference } from '../rest/references.ts';
import { type Route, route } from '../rest/route.ts';
import {
  email,
  groupReferences,
  idCursor,
  name,
  page,
  pageById,
  pageOf,
  password,
  presentDirectoryUser,
  readCursor,
  reason,
  role,
  time,
  userShape,
} from '../rest/shapes.ts';
import type { SsoLogins } from '../sso/login/sso-logins.ts';
import type { InvitationCommands } from './commands.ts';

export interface InvitationDependencies {
  readonly invitations: InvitationCommands;
  readonly userQueries: UserQueries;
  readonly ssoLogins: Pick<SsoLogins, 'methodsOf'>;
}

const listed = z.object({
  id: z.string(),
  user: userReference,
  role: z.string(),
  sentAt: time.nullable().meta({ description: 'When the mail server accepted the mail; null until then.' }),
  mailStatus: z.enum(['queued', 'sent', 'failed']),
  mailError: z.string().nullable().meta({ description: 'Why the last attempt to send the mail failed.' }),
  expiresAt: time,
  invitedBy: actorReference.nullable(),
  jobFunction: z.string().nullable(),
  reason: z.string().nullable(),
});

const invitationShape = z.object({ id: z.string(), expiresAt: time });

/** The fields of a user to create. */
const newUser = {
  email,
  name: name.optional(),
  role: role.optional(),
  groups: groupReferences.optional(),
  jobFunction: z.string().trim().max(200).optional().meta({
    description:
      'The id of a template (GET /job-functions) that supplies role and groups where they are left out. Without one: readonly and no group.',
  }),
  reason: reason.optional(),
};

const made = { user: userShape, warnings: z.array(z.string()) };

const INVITE_ERRORS = [
  'email_taken',
  'user_name_taken',
  'invalid_email',
  'group_not_found',
  'role_above_limit',
  'reason_required',
  'training_required',
  'managed_by_directory',
] as const;

/** Inviting users, and what is behind the link of the mail. */
export function invitationRoutes({
  invitations,
  userQueries: users,
  ssoLogins,
}: InvitationDependencies): Route[] {
  const tag = 'Invitations';
  return [
    route({
      method: 'POST',
      path: '/users',
      tag: 'Users',
      summary: 'Create a user',
      description:
        'Invites the user, as POST /invitations does. With invite false no mail is sent and the user is active immediately: they sign in through your identity provider, or choose a password with the link of POST /users/{id}/password-reset.',
      access: 'users:manage',
      body: z.strictObject({
        ...newUser,
        invite: z.boolean().default(true).meta({ description: 'Whether an invitation is mailed.' }),
      }),
      etag: true,
      location: true,
      answers: { 201: z.object({ ...made, invitation: invitationShape.nullable() }) },
      errors: INVITE_ERRORS,
      handle: async ({ by, body }) => {
        const { email: to, name: called, role: given, groups, jobFunction, reason: why, invite } = body;
        const intent = { email: to, name: called, role: given, groups, jobFunction, reason: why, invite };
        const invited = await invitations.invite(by, intent);
        const user = await users.self(by.org, invited.user);
        return {
          status: 201,
          headers: { Location: `/api/v1/users/${invited.user}` },
          version: user.version,
          body: {
            user: presentDirectoryUser(user),
            invitation: invited.invitation ?? null,
            warnings: invited.warnings,
          },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/invitations',
      tag,
      summary: 'Invite a user',
      access: 'users:manage',
      body: z.strictObject(newUser),
      location: true,
      answers: { 201: z.object({ ...made, invitation: invitationShape }) },
      errors: INVITE_ERRORS,
      handle: async ({ by, body }) => {
        const { email: to, name: called, role: given, groups, jobFunction, reason: why } = body;
        const invited = await invitations.invite(by, {
          email: to,
          name: called,
          role: given,
          groups,
          jobFunction,
          reason: why,
        });
        const user = await users.self(by.org, invited.user);
        return {
          status: 201,
          headers: { Location: `/api/v1/users/${invited.user}` },
          body: {
            user: presentDirectoryUser(user),
            invitation: invited.invitation,
            warnings: invited.warnings,
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/invitations',
      tag,
      summary: 'List the invitations that wait',
      access: 'users:manage',
      query: z.strictObject(page),
      answers: { 200: pageOf(listed) },
      handle: async ({ by, query: { limit, cursor } }) => {
        const rows = await users.invitations(by, readCursor(cursor, idCursor), limit + 1);
        return {
          status: 200,
          body: pageById(rows, limit, (row) => ({
            id: row.id,
            user: { id: row.user, name: row.name, email: row.email },
            role: row.role,
            sentAt: row.sentAt,
            mailStatus: row.mailStatus,
            mailError: row.mailError,
            expiresAt: row.expiresAt,
            invitedBy: row.inviter,
            jobFunction: row.jobFunction,
            reason: row.reason,
          })),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/invitations/{id}/resend',
      tag,
      summary: 'Send an invitation again',
      description: 'Another link, valid for seven days; the old one is dead.',
      access: 'users:manage',
      params: { id: 'invitation' },
      answers: { 200: z.object({ expiresAt: time }) },
      errors: ['not_pending'],
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: await invitations.resend(by, id),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/invitations/{id}',
      tag,
      summary: 'Take an invitation back',
      access: 'users:manage',
      params: { id: 'invitation' },
      answers: { 204: 'nothing' },
      errors: ['not_pending'],
      handle: async ({ by, params: { id } }) => {
        await invitations.revoke(by, id);
        return { status: 204 };
      },
    }),
    route({
      method: 'GET',
      path: '/invite/{token}',
      tag,
      summary: 'Look at an invitation',
      description: 'Changes nothing, however often a mail scanner asks.',
      access: 'public',
      answers: {
        200: z.object({
          email: z.string(),
          name: z.string().nullable(),
          organization: z.string(),
          inviterName: z
            .string()
            .meta({ description: 'A name to show; the reader of a link sees neither id nor address.' }),
          expiresAt: time,
          methods: z.array(z.enum(['sso', 'password'])),
        }),
      },
      errors: ['invitation_expired', 'invitation_used'],
      handle: async ({ params: { token } }) => {
        const { org, ...open } = await invitations.look(token);
        const methods = await ssoLogins.methodsOf(org, open.email);
        return { status: 200, body: { ...open, name: open.name ?? null, methods } };
      },
    }),
    route({
      method: 'POST',
      path: '/invite/{token}/accept',
      tag,
      summary: 'Accept an invitation',
      access: 'public',
      body: z.strictObject({ name: name.optional(), password }),
      answers: { 200: z.object({ user: userShape, csrfToken: z.string() }) },
      errors: ['invitation_expired', 'invitation_used', 'weak_password', 'sso_enforced'],
      handle: async ({ params: { token }, body, client, requestId }) => {
        const intent = { name: body.name, password: body.password };
        const accepted = await invitations.accept(token, intent, client, requestId);
        const user = await users.self(accepted.org, accepted.user);
        return {
          status: 200,
          body: { user: presentDirectoryUser(user), csrfToken: accepted.csrfToken },
          cookie: { token: accepted.token },
        };
      },
    }),
  ];
}
