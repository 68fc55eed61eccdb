import { validationFailed } from '../../rest/problem.ts';
import { type Route, route } from '../../rest/route.ts';
import type { ActivityCommands } from '../commands.ts';
import { reportedShape, reportShape } from './shapes.ts';

/** How applications report what users do. */
export function reportRoutes({ activityCommands }: { readonly activityCommands: ActivityCommands }): Route[] {
  return [
    route({
      method: 'POST',
      path: '/activity/events',
      tag: 'Activity',
      summary: 'Report what users did',
      description:
        'At most 500 events, by an API key with the scope activity:report. All are stored, or none: of a batch that is rejected, each error names its event by its place. A batch may be sent again: an event with the same id and time counts once in the organization, and for two days also with another time.',
      access: 'activity:report',
      body: reportShape,
      answers: { 202: reportedShape },
      errors: ['conflict'],
      handle: async ({ by, body }) => {
        const outcome = await activityCommands.report(by, body.events);
        if ('accepted' in outcome) return { status: 202, body: outcome };
        throw validationFailed(
          outcome.rejections.map(({ index, field, code, message }) => ({
            path: `events.${index}.${field}`,
            code,
            message,
          })),
        );
      },
    }),
  ];
}
