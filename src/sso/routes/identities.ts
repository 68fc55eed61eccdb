import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { connectionId, presentWhole, time, wholeList } from '../../rest/shapes.ts';
import type { SsoAdministration } from '../administration/administration.ts';
import type { Identity } from '../administration/identity-links.ts';

const identityShape = z
  .object({
    connectionId: z.string(),
    connectionName: z.string(),
    protocol: z.enum(['saml', 'oidc']),
    subject: z.string().meta({ description: 'The provider’s identifier of the user: NameID or sub.' }),
    linkedBy: z.enum(['jit', 'external_id', 'email', 'confirmation', 'admin']),
    linkedAt: time,
    lastUsedAt: time.nullable(),
  })
  .meta({ id: 'Identity' });

const listShape = wholeList(identityShape);

const present = (identities: readonly Identity[]): z.input<typeof listShape> =>
  presentWhole(identities.map(({ connection, ...identity }) => ({ ...identity, connectionId: connection })));

const subject = z
  .string()
  .trim()
  .min(1, 'Enter the provider’s identifier of the user.')
  .max(256, 'must have 256 characters or fewer.')
  .regex(/^\P{Cc}+$/u, 'must be plain text.')
  .meta({ description: 'Exactly as the provider sends it.' });

/** Who a user is at their provider. */
export function identityRoutes({ sso }: { readonly sso: SsoAdministration }): Route[] {
  const tag = 'Single sign-on';
  const access = 'sso:manage';
  return [
    route({
      method: 'GET',
      path: '/users/{id}/identities',
      tag,
      summary: 'List what providers call a user',
      access,
      params: { id: 'user' },
      answers: { 200: listShape },
      handle: async ({ by, params: { id: user } }) => ({
        status: 200,
        body: present(await sso.identities.list(by, user)),
      }),
    }),
    route({
      method: 'POST',
      path: '/users/{id}/identities',
      tag,
      summary: 'Link a user to what a provider calls them',
      description:
        'Logins with this subject sign in as this user. If the provider recreated the account, remove the old link first.',
      access,
      params: { id: 'user' },
      body: z.strictObject({ connectionId, subject }),
      answers: { 201: listShape },
      errors: ['identity_taken', 'self_change', 'not_found'],
      handle: async ({ by, params: { id: user }, body }) => ({
        status: 201,
        body: present(await sso.identities.link(by, user, body.connectionId, body.subject)),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/users/{id}/identities/{connectionId}',
      tag,
      summary: 'Remove the link of a user to a provider',
      description: 'Sessions that began by it end.',
      access,
      params: { id: 'user', connectionId: 'sso_connection' },
      answers: { 204: 'nothing' },
      errors: ['self_change'],
      handle: async ({ by, params: { id: user, connectionId } }) => {
        await sso.identities.unlink(by, user, connectionId);
        return { status: 204 };
      },
    }),
  ];
}
