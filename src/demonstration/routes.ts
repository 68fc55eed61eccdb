import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
import { time } from '../rest/shapes.ts';
import type { DemonstrationCommands } from './commands.ts';

const demonstrationShape = z
  .object({
    state: z.enum(['none', 'loading', 'ready', 'removing', 'failed']),
    percent: z.int().meta({ description: 'How far loading is.' }),
    name: z.string().nullable().meta({ description: 'Of the demonstration organization.' }),
    loadedAt: time.nullable().meta({ description: 'When it was ready; null until then.' }),
  })
  .meta({ id: 'Demonstration' });

/** An organization to look around in. */
export function demonstrationRoutes({
  demonstrations,
}: {
  readonly demonstrations: DemonstrationCommands;
}): Route[] {
  const tag = 'Demonstration';
  const access = 'settings:manage';
  return [
    route({
      method: 'GET',
      path: '/demonstration',
      tag,
      summary: 'Read the state of the demonstration organization',
      access,
      answers: { 200: demonstrationShape },
      handle: async ({ by }) => ({ status: 200, body: await demonstrations.status(by) }),
    }),
    route({
      method: 'POST',
      path: '/demonstration',
      tag,
      summary: 'Load a demonstration organization',
      description:
        'For an owner. A job makes an organization of its own with 100 people and a month of events; no one can sign in to it, and nothing leaves the server for it.',
      access,
      answers: { 202: demonstrationShape },
      errors: ['conflict', 'owner_only', 'demonstration'],
      handle: async ({ by }) => ({ status: 202, body: await demonstrations.load(by) }),
    }),
    route({
      method: 'DELETE',
      path: '/demonstration',
      tag,
      summary: 'Remove the demonstration organization',
      description: 'For an owner. A job deletes it whole, its audit trail too.',
      access,
      answers: { 202: demonstrationShape },
      errors: ['conflict', 'owner_only'],
      handle: async ({ by }) => ({ status: 202, body: await demonstrations.remove(by) }),
    }),
    route({
      method: 'POST',
      path: '/demonstration/session',
      tag,
      summary: 'Open the demonstration organization in this browser',
      description:
        'For an owner. Requests of this browser are then of the demonstration’s owner, until DELETE /demonstration/session or the end of your own session. The CSRF token is another one.',
      access,
      sessionOnly: true,
      answers: { 200: z.object({ name: z.string(), csrfToken: z.string() }) },
      errors: ['conflict', 'owner_only'],
      handle: async ({ by, session }) => {
        const { token, csrfToken, name } = await demonstrations.open(by, session);
        return { status: 200, body: { name, csrfToken }, cookie: { demonstration: token } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/demonstration/session',
      tag,
      summary: 'Come back from the demonstration organization',
      access: 'signed in',
      sessionOnly: true,
      answers: { 204: 'nothing' },
      handle: async ({ by, session }) => {
        await demonstrations.leave(by, session);
        return { status: 204, cookie: 'leave' };
      },
    }),
  ];
}
