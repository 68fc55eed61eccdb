import { z } from 'zod';
import type { GroupId, UserId } from '../../directory/ids.ts';
import { type Route, route } from '../../rest/route.ts';
import { RULE_SETTINGS } from '../settings.ts';
import type { HoursOf } from '../store/working-hours.ts';
import type { WatchedHours, WorkingHoursCommands } from '../working-hours.ts';

type Path = '/users/{id}/working-hours' | '/groups/{id}/working-hours';

const hoursShape = z.object({
  hours: z.object(RULE_SETTINGS.off_hours.shape).nullable().meta({
    description: 'The hours of their own; null if those of the groups, or of the organization, hold.',
  }),
});

/** Working hours of a user or a group, for the rule `off_hours`. */
export function workingHoursRoutes({
  workingHours,
}: {
  readonly workingHours: WorkingHoursCommands;
}): Route[] {
  return [
    ...routesOf('user', '/users/{id}/working-hours', (id) => ({ user: id as UserId })),
    ...routesOf('group', '/groups/{id}/working-hours', (id) => ({ group: id as GroupId })),
  ];

  function routesOf(kind: 'user' | 'group', path: Path, toSubject: (id: string) => HoursOf): Route[] {
    const shared = { path, tag: 'Alerts', access: 'alerts:manage', params: { id: kind } } as const;
    const answer = (hours: WatchedHours | undefined) =>
      ({ status: 200, body: { hours: hours ?? null } }) as const;
    return [
      route({
        ...shared,
        method: 'GET',
        summary: `Read the working hours of a ${kind}`,
        answers: { 200: hoursShape },
        handle: async ({ by, params }) => answer(await workingHours.get(by, toSubject(params.id))),
      }),
      route({
        ...shared,
        method: 'PUT',
        summary: `Set the working hours of a ${kind}`,
        description:
          'For alerts on sign-ins outside of them. A user’s own hours come first; then those of their groups, of which any that they are within is enough; then the organization’s (PUT /alert-rules). What is left out becomes its default; enabled: false opens no alerts.',
        body: z.strictObject({ ...RULE_SETTINGS.off_hours.shape, enabled: z.boolean().default(true) }),
        answers: { 200: hoursShape },
        handle: async ({ by, params, body }) => {
          await workingHours.set(by, toSubject(params.id), body);
          return answer(body);
        },
      }),
      route({
        ...shared,
        method: 'DELETE',
        summary: `Remove the working hours of a ${kind}`,
        answers: { 204: 'nothing' },
        handle: async ({ by, params }) => {
          await workingHours.clear(by, toSubject(params.id));
          return { status: 204 };
        },
      }),
    ];
  }
}
