import { z } from 'zod';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import { line } from '../../rest/shapes.ts';
import type { SettingsCommands } from './commands.ts';
import { settingsChangesShape, settingsShape } from './settings.ts';

type StoredSettings = Awaited<ReturnType<SettingsCommands['get']>>;

const answerShape = z.object({ name: z.string(), settings: settingsShape, version: z.int() });

const answer = ({ organization, settings, version }: StoredSettings): RouteAnswer<200> => ({
  status: 200,
  body: { name: organization, settings, version },
  version,
});

/** The organization itself: its name and what its administrators have set. */
export function settingsRoutes({ settings }: { readonly settings: SettingsCommands }): Route[] {
  const tag = 'Settings';
  return [
    route({
      method: 'GET',
      path: '/settings',
      tag,
      summary: 'Read the settings of the organization',
      access: 'settings:manage',
      etag: true,
      answers: { 200: answerShape },
      handle: async ({ by }) => answer(await settings.get(by)),
    }),
    route({
      method: 'PATCH',
      path: '/settings',
      tag,
      summary: 'Change settings of the organization',
      description: 'What is left out stays. onlyOwnersGrantAdmin is for owners to change.',
      access: 'settings:manage',
      body: z.strictObject({
        name: line.optional(),
        settings: settingsChangesShape.optional(),
      }),
      etag: true,
      answers: { 200: answerShape },
      errors: ['version_mismatch', 'owner_only', 'role_above_limit'],
      handle: async ({ by, body, ifMatch }) =>
        answer(await settings.update(by, { name: body.name, settings: body.settings ?? {} }, ifMatch)),
    }),
  ];
}
