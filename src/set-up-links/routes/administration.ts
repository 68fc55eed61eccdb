import { z } from 'zod';
import { actorReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { line, presentWhole, proof, time, wholeList } from '../../rest/shapes.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { SetUpLinkCommands, SetUpLinkRow } from '../commands.ts';

const linkShape = z
  .object({
    id: z.string(),
    label: z.string().meta({ description: 'Who it is for.' }),
    mayActivate: z.boolean(),
    state: z.enum(['unused', 'in_use', 'expired', 'revoked']),
    createdBy: actorReference,
    createdAt: time,
    expiresAt: time,
    openedAt: time.nullable().meta({ description: 'When it was first used.' }),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'SetUpLink' });

function present(link: SetUpLinkRow, now: Date): z.input<typeof linkShape> {
  const { kind: _, connection: __, ...shown } = link;
  const ended =
    link.revokedAt !== null ? 'revoked' : Date.parse(link.expiresAt) <= now.getTime() ? 'expired' : undefined;
  return { ...shown, state: ended ?? (link.openedAt === null ? 'unused' : 'in_use') };
}

const label = line.meta({ description: 'Who it is for, such as the name of the colleague.' });
const made = linkShape.extend({
  url: z.string().meta({
    description: 'The link. Send it now, by a way that you trust: it cannot be shown again.',
  }),
});

/** Links with which the administrator of an identity provider sets one connection up (R154). */
export function setUpLinkRoutes({
  setUpLinkCommands: links,
  signIn,
  publicUrl,
  now,
}: {
  readonly setUpLinkCommands: SetUpLinkCommands;
  readonly signIn: SignInCommands;
  readonly publicUrl: string;
  readonly now: () => Date;
}): Route[] {
  // What follows the # is sent to no server, and is in no log.
  const urlOf = (token: string) => `${publicUrl}/set-up#${token}`;
  const summaries = {
    list: 'List the set-up links of a connection',
    create: 'Make a set-up link for a connection',
    revoke: 'Revoke a set-up link',
  };
  const description =
    'Its holder sets up this connection in your name, without an account, for seven days. Asks for your password.';
  const sso = { tag: 'Single sign-on', access: 'sso:manage', params: { id: 'sso_connection' } } as const;
  const scim = { tag: 'SCIM', access: 'scim:manage', params: { id: 'scim_connection' } } as const;
  return [
    route({
      ...sso,
      method: 'GET',
      path: '/sso/connections/{id}/set-up-links',
      summary: summaries.list,
      description: 'The newest first, those that work no more among them.',
      answers: { 200: wholeList(linkShape) },
      handle: async ({ by, params: { id } }) => {
        const found = await links.list(by, 'sso', id);
        return { status: 200, body: presentWhole(found.map((link) => present(link, now()))) };
      },
    }),
    route({
      ...sso,
      method: 'POST',
      path: '/sso/connections/{id}/set-up-links',
      summary: summaries.create,
      description: `${description} With mayActivate it also activates the connection, and changes it while it is active.`,
      sessionOnly: true,
      body: z.strictObject({ label, mayActivate: z.boolean().default(false), ...proof }),
      answers: { 201: made },
      errors: ['too_many', 'password_invalid', 'step_up_required'],
      handle: async ({ by, params: { id }, body, client }) => {
        const { label: called, mayActivate, ...given } = body;
        await links.list(by, 'sso', id);
        const proven = await signIn.prove(by, given, client);
        const { token, link } = await links.create(proven, 'sso', id, { label: called, mayActivate });
        return { status: 201, body: { ...present(link, now()), url: urlOf(token) } };
      },
    }),
    route({
      ...sso,
      method: 'DELETE',
      path: '/sso/connections/{id}/set-up-links/{linkId}',
      params: { ...sso.params, linkId: 'set_up_link' },
      summary: summaries.revoke,
      description: 'It ends with its next request.',
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id, linkId } }) => {
        await links.revoke(by, 'sso', id, linkId);
        return { status: 204 };
      },
    }),
    route({
      ...scim,
      method: 'GET',
      path: '/scim/connections/{id}/set-up-links',
      summary: summaries.list,
      description: 'The newest first, those that work no more among them.',
      answers: { 200: wholeList(linkShape) },
      handle: async ({ by, params: { id } }) => {
        const found = await links.list(by, 'scim', id);
        return { status: 200, body: presentWhole(found.map((link) => present(link, now()))) };
      },
    }),
    route({
      ...scim,
      method: 'POST',
      path: '/scim/connections/{id}/set-up-links',
      summary: summaries.create,
      description,
      sessionOnly: true,
      body: z.strictObject({ label, ...proof }),
      answers: { 201: made },
      errors: ['too_many', 'password_invalid', 'step_up_required'],
      handle: async ({ by, params: { id }, body, client }) => {
        const { label: called, ...given } = body;
        await links.list(by, 'scim', id);
        const proven = await signIn.prove(by, given, client);
        const { token, link } = await links.create(proven, 'scim', id, { label: called, mayActivate: false });
        return { status: 201, body: { ...present(link, now()), url: urlOf(token) } };
      },
    }),
    route({
      ...scim,
      method: 'DELETE',
      path: '/scim/connections/{id}/set-up-links/{linkId}',
      params: { ...scim.params, linkId: 'set_up_link' },
      summary: summaries.revoke,
      description:
        'It ends with its next request. Tokens that were made with it stay: revoke them by themselves.',
      answers: { 204: 'nothing' },
      handle: async ({ by, params: { id, linkId } }) => {
        await links.revoke(by, 'scim', id, linkId);
        return { status: 204 };
      },
    }),
  ];
}
