import type { Locate } from '../../platform/locations/location.ts';
import { type Route, route } from '../../rest/route.ts';
import { presentWhole, wholeList } from '../../rest/shapes.ts';
import type { SessionCommands } from '../sessions.ts';
import { endOf, presentSession, sessionShape } from './session-shape.ts';

/** Where one is signed in. */
export function ownSessionRoutes({
  sessionCommands,
  locate,
}: {
  readonly sessionCommands: SessionCommands;
  readonly locate: Locate;
}): Route[] {
  const tag = 'Me';
  const shared = { tag, access: 'signed in', sessionOnly: true } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/me/sessions',
      summary: 'List where you are signed in',
      answers: { 200: wholeList(sessionShape) },
      handle: async ({ by, session }) => {
        const rows = await sessionCommands.own(by);
        return {
          status: 200,
          body: presentWhole(rows.map((row) => presentSession(row, session?.id, locate))),
        };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/me/sessions',
      summary: 'Sign out everywhere else',
      answers: { 204: 'nothing' },
      handle: async ({ by, session }) => {
        await sessionCommands.endOthers(by, session.id);
        return { status: 204 };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/me/sessions/{id}',
      summary: 'End one of your sessions',
      params: { id: 'session' },
      answers: { 204: 'nothing' },
      handle: async ({ by, session, params: { id } }) => {
        await sessionCommands.endOwn(by, id);
        return { status: 204, ...(id === session.id ? { cookie: endOf(session) } : {}) };
      },
    }),
  ];
}
