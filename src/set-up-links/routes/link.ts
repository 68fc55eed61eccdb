import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { time } from '../../rest/shapes.ts';
import { requireLink, type SetUpLinkCommands } from '../commands.ts';

const shape = z
  .object({
    kind: z.enum(['sso', 'scim']).meta({ description: 'What it sets up.' }),
    organization: z.string().meta({ description: 'The name of the organization.', example: 'Acme' }),
    mayActivate: z.boolean(),
    expiresAt: time,
  })
  .meta({ id: 'OpenedSetUpLink' });

/** What the page of a link asks first. */
export function openedLinkRoutes({
  setUpLinkCommands: links,
}: {
  readonly setUpLinkCommands: SetUpLinkCommands;
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/set-up-link',
      tag: 'Set-up links',
      summary: 'Read what a set-up link is for',
      description:
        'The token of the link comes as Authorization: Bearer, as with all routes of set-up links. It is accepted by no other route.',
      access: 'set-up link',
      answers: { 200: shape },
      handle: async ({ by }) => {
        const { kind, mayActivate, expiresAt } = requireLink(by);
        return { status: 200, body: { kind, mayActivate, expiresAt, organization: await links.open(by) } };
      },
    }),
  ];
}
