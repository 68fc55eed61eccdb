import { z } from 'zod';
import { BodyTooLarge, readBody } from '../../../http/body.ts';
import { type Route, route } from '../../../rest/route.ts';
import { type LogoCommands, logoTooLarge } from './commands.ts';
import { logoPath } from './queries.ts';
import { MAX_LOGO_BYTES } from './rules/image.ts';

const logoShape = z
  .object({
    url: z.string().meta({
      description: 'Where it is served, below the address of the server; another image has another address.',
      example: '/logo/q1Zn0q0xq3l6sVJ4fY8m2cQxW7o5rTb1uKdE9hGaLpI',
    }),
    type: z.enum(['image/png', 'image/jpeg', 'image/webp']).meta({ description: 'The type of the image.' }),
    width: z.int().meta({ description: 'Pixels.', example: 320 }),
    height: z.int().meta({ description: 'Pixels.', example: 96 }),
  })
  .meta({ id: 'Logo' });

/** The logo of the organization, for its public pages and the console. */
export function logoRoutes({ logos }: { readonly logos: LogoCommands }): Route[] {
  const shared = { path: '/organization/logo', tag: 'Settings', access: 'settings:manage' } as const;
  return [
    route({
      ...shared,
      method: 'PUT',
      summary: 'Set the logo of the organization',
      description:
        'The body is the image: PNG, JPEG or WebP, at most 256 KiB and 2,048 × 2,048 pixels; its bytes decide the type. Pages that name the organization show it. GET /me has its address.',
      rawBody: 'image/*',
      answers: { 200: logoShape },
      errors: ['invalid_logo', 'logo_too_large'],
      handle: async ({ by, raw }) => {
        const content = await readBody(raw, MAX_LOGO_BYTES).catch((error: unknown) => {
          throw error instanceof BodyTooLarge ? logoTooLarge() : error;
        });
        const { address, ...image } = await logos.set(by, content);
        return { status: 200, body: { url: logoPath(address), ...image } };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      summary: 'Remove the logo of the organization',
      answers: { 204: 'nothing' },
      errors: ['not_found'],
      handle: async ({ by }) => {
        await logos.remove(by);
        return { status: 204 };
      },
    }),
  ];
}
