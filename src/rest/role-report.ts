import { z } from 'zod';
import type { ReportedUser } from '../directory/roles/role-report.ts';
import { presentUser, userReference } from './references.ts';
import { effectiveRoleShape, roleTotalsShape } from './shapes.ts';

/** What a change would do to effective roles, with the users it would concern. */
export const roleReportShape = z.object({
  sentence: z.string().meta({
    description: 'What would happen, in one sentence.',
    example: '2 administrators would lose their role. Nothing was changed.',
  }),
  roles: roleTotalsShape,
  people: z
    .array(
      z.object({
        user: userReference.meta({ description: 'Who.' }),
        before: effectiveRoleShape.meta({ description: 'The effective role now; null without rights.' }),
        after: effectiveRoleShape.meta({ description: 'The effective role then; null without rights.' }),
        because: z.string().meta({ description: 'Why.', example: 'The directory deactivates the user.' }),
      }),
    )
    .meta({ description: 'Users whose effective role would change, administrators first; 200 at most.' }),
});

/** A report with its users as REST names them. */
export const presentRoleReport = <Report extends { readonly people: readonly ReportedUser[] }>({
  people,
  ...report
}: Report) => ({
  ...report,
  people: people.map(({ user, ...rest }) => ({ ...rest, user: presentUser(user) })),
});
