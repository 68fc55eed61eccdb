import { z } from 'zod';
import { presentUser, userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { effectiveRoleShape, roleTotalsShape, time } from '../../rest/shapes.ts';
import type { DryRunReports } from '../log/dry-run.ts';

const number = (description: string) => z.int().meta({ description, example: 3 });

const reportShape = z
  .object({
    since: time.nullable().meta({ description: 'Since when it writes nothing; null if it provisions.' }),
    sentence: z.string().meta({
      description: 'What it would have done, in one sentence.',
      example: '37 users would be deactivated, 2 administrators would lose their role. Nothing was written.',
    }),
    requests: number('Requests since then that could have changed something.'),
    isAtLeast: z.boolean().meta({ description: 'Whether there were more than are read, 20,000.' }),
    users: z
      .object({
        created: number('Users who would have been created.'),
        takenOver: number('Users who are here and would have become the connection’s.'),
        changed: number('Users who would have been changed.'),
        activated: number('Users who would have been activated.'),
        deactivated: number('Users who would have been deactivated.'),
        deleted: number('Users who would have been deleted.'),
      })
      .meta({ description: 'How many users, each counted once.' }),
    groups: z
      .object({
        created: number('Groups that would have been created.'),
        changed: number('Groups that would have been changed, their members among it.'),
        deleted: number('Groups that would have been deleted.'),
      })
      .meta({ description: 'How many groups, each counted once.' }),
    refused: z
      .array(
        z.object({
          code: z.string().meta({ description: 'Why: the code of the error.', example: 'uniqueness' }),
          requests: number('How many requests.'),
        }),
      )
      .meta({ description: 'Requests that would have been refused, the most frequent first.' }),
    roles: roleTotalsShape,
    people: z
      .array(
        z.object({
          user: userReference.meta({ description: 'Who.' }),
          before: effectiveRoleShape.meta({ description: 'The effective role now; null without rights.' }),
          after: effectiveRoleShape.meta({ description: 'The effective role then; null without rights.' }),
          because: z.string().meta({
            description: 'Why.',
            example: 'The directory deactivates the user.',
          }),
        }),
      )
      .meta({ description: 'Users whose effective role would change, administrators first; 200 at most.' }),
  })
  .meta({ id: 'DryRunReport' });

/** What a connection in a dry run would have done (R153). */
export function dryRunRoutes({ reports }: { readonly reports: DryRunReports }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/scim/connections/{id}/dry-run',
      tag: 'SCIM',
      summary: 'Show what a connection in a dry run would have done',
      description:
        'Derived from the provisioning log since dryRun was set. Each request is looked at by itself, with the directory as it is.',
      access: 'scim:manage',
      params: { id: 'scim_connection' },
      answers: { 200: reportShape },
      handle: async ({ by, params: { id } }) => {
        const report = await reports(by, id);
        const people = report.people.map(({ user, ...rest }) => ({ ...rest, user: presentUser(user) }));
        return { status: 200, body: { ...report, people } };
      },
    }),
  ];
}
