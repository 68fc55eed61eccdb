import { z } from 'zod';
import type { AuthorizationQueries } from '../../access/authorization/queries.ts';
import { DomainError } from '../../directory/errors.ts';
import type { LogoQueries } from '../../directory/organizations/logo/queries.ts';
import type { EditCommands } from '../../directory/users/edit-commands.ts';
import type { UserQueries } from '../../directory/users/queries.ts';
import { type Route, route } from '../../rest/route.ts';
import { name, password, permission, presentDirectoryUser, userShape } from '../../rest/shapes.ts';
import type { SignInCommands } from '../commands.ts';
import type { SecurityQueries } from '../queries.ts';

export interface MeDependencies {
  readonly userQueries: UserQueries;
  readonly edit: EditCommands;
  readonly signIn: SignInCommands;
  readonly security: SecurityQueries;
  readonly authorization: AuthorizationQueries;
  readonly logoQueries: LogoQueries;
}

const meShape = z.object({
  user: userShape,
  organization: z.object({
    id: z.string(),
    name: z.string(),
    logo: z.string().nullable().meta({
      description: 'The path of its logo, below the address of the server; null without one.',
      example: null,
    }),
  }),
  csrfToken: z.string().nullable().meta({ description: 'Of a session; null for an API key.' }),
  demonstrationOf: z
    .string()
    .nullable()
    .meta({ description: 'In a demonstration organization: the name of the organization that opened it.' }),
  hasPassword: z.boolean(),
  secondFactor: z.boolean(),
  permissions: z
    .array(z.object({ key: permission, scope: z.string() }))
    .meta({ description: 'A summary; GET /me/permissions explains where they come from.' }),
});

/** One's own account. */
export function meRoutes({
  userQueries: users,
  edit,
  signIn,
  security,
  authorization,
  logoQueries,
}: MeDependencies): Route[] {
  const tag = 'Me';
  return [
    route({
      method: 'GET',
      path: '/me',
      tag,
      summary: 'Show who you are',
      access: 'signed in',
      answers: { 200: meShape },
      handle: async ({ by, session }) => {
        if (by.accountOwner !== undefined) {
          throw new DomainError('not_found', 'A service account has no profile: see GET /me/permissions.');
        }
        const [user, { organization, ...account }, { permissions }, logo] = await Promise.all([
          users.self(by.org, by.rights.id),
          security.account(by),
          authorization.own(by),
          logoQueries.pathOf(by.org),
        ]);
        return {
          status: 200,
          body: {
            user: presentDirectoryUser(user),
            organization: { id: by.org, name: organization, logo: logo ?? null },
            csrfToken: session?.csrfToken ?? null,
            demonstrationOf: session?.openedBy ?? null,
            ...account,
            permissions,
          },
        };
      },
    }),
    route({
      method: 'PATCH',
      path: '/me',
      tag,
      summary: 'Change your name',
      access: 'signed in',
      sessionOnly: true,
      body: z.strictObject({ name: name.nullable() }),
      etag: true,
      answers: { 200: userShape },
      errors: ['managed_by_directory'],
      handle: async ({ by, body }) => {
        await edit.renameSelf(by, body.name);
        const user = await users.self(by.org, by.rights.id);
        return { status: 200, body: presentDirectoryUser(user), version: user.version };
      },
    }),
    route({
      method: 'POST',
      path: '/me/password',
      tag,
      summary: 'Change your password',
      description: 'Your other sessions end.',
      access: 'signed in',
      sessionOnly: true,
      body: z.strictObject({ currentPassword: password, newPassword: password }),
      answers: { 204: 'nothing' },
      errors: ['password_invalid', 'weak_password', 'throttled'],
      handle: async ({ by, session, body, client }) => {
        const { currentPassword, newPassword } = body;
        await signIn.changePassword(by, session.id, currentPassword, newPassword, client);
        return { status: 204 };
      },
    }),
  ];
}
