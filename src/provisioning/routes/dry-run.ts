import { z } from 'zod';
import { presentRoleReport, roleReportShape } from '../../rest/role-report.ts';
import { type Route, route } from '../../rest/route.ts';
import { time } from '../../rest/shapes.ts';
import type { DryRunReports } from '../log/dry-run.ts';
import type { createRoleSourcePreview } from '../role-source-preview.ts';
import { roleSourceBody } from './connections.ts';

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
    ...roleReportShape.omit({ sentence: true }).shape,
  })
  .meta({ id: 'DryRunReport' });

const previewShape = roleReportShape
  .extend({
    users: number('Users of the connection who were looked at.'),
    isAtLeast: z.boolean().meta({ description: 'Whether there are more than are looked at, 20,000.' }),
    withoutRoles: number('Of those the ones for whom the directory has sent no role yet.'),
    refused: number('Of those the ones whose roles would be refused.'),
  })
  .meta({ id: 'RoleSourcePreview' });

/** Dry runs of a connection: of what its directory sends, and of its role source (R153). */
export function dryRunRoutes({
  reports,
  previewRoleSource,
}: {
  readonly reports: DryRunReports;
  readonly previewRoleSource: ReturnType<typeof createRoleSourcePreview>;
}): Route[] {
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
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentRoleReport(await reports(by, id)),
      }),
    }),
    route({
      method: 'POST',
      path: '/scim/connections/{id}/role-source/dry-run',
      tag: 'SCIM',
      summary: 'Show whose role another role source would change',
      description:
        'Takes roleSource and roleAliases as PATCH /scim/connections/{id} does and changes nothing: what the roles that the directory sent last would mean once it sends its users again.',
      access: 'scim:manage',
      params: { id: 'scim_connection' },
      body: roleSourceBody,
      answers: { 200: previewShape },
      errors: ['role_above_limit'],
      handle: async ({ by, params: { id }, body }) => ({
        status: 200,
        body: presentRoleReport(await previewRoleSource(by, id, body)),
      }),
    }),
  ];
}
