import { z } from 'zod';
import type { UserQueries } from '../../directory/users/queries.ts';
import { force } from '../../directory/users/routes/change.ts';
import type { Export, ExportCommands, ExportFile } from '../../exports/commands.ts';
import { downloadHeaders } from '../../rest/download.ts';
import {
  groupReference,
  presentUser,
  serviceAccountReference,
  userReference,
} from '../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import { proof, time, userId } from '../../rest/shapes.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { LifecycleCommands } from '../commands.ts';

export interface OffboardingDependencies {
  readonly signIn: SignInCommands;
  readonly userQueries: UserQueries;
  readonly lifecycle: LifecycleCommands;
  readonly exports: ExportCommands;
}

const exportShape = z.object({
  id: z.string(),
  user: userReference,
  state: z.enum(['running', 'done']),
  bytes: z.int().nullable(),
  createdAt: time,
  expiresAt: time,
  downloadUrl: z.string().nullable().meta({
    description:
      'A signed link that needs no session, until expiresAt; null while the export is being made. Anyone who has the link can read the data.',
  }),
});

const presentExport = (made: Export, link: string | undefined): z.input<typeof exportShape> => ({
  ...made,
  user: presentUser(made.subject),
  downloadUrl: link ?? null,
});

const presentFile = ({ made: { subject, createdAt }, zip }: ExportFile): RouteAnswer<200> => ({
  status: 200,
  content: zip,
  headers: downloadHeaders('zip', `data of ${subject.name ?? subject.email ?? 'a user'}`, createdAt),
});

/** Leaving in one go (R121 to R125), and what is kept of a user. */
export function offboardingRoutes({
  lifecycle,
  exports: made,
  signIn,
  userQueries: users,
}: OffboardingDependencies): Route[] {
  const tag = 'Users';
  return [
    route({
      method: 'GET',
      path: '/users/{id}/offboarding',
      tag,
      summary: 'Show what offboarding a user would take away or has to hand over',
      description:
        'Without transferTo the resources stay with the user, and the keys of the service accounts stop.',
      access: 'users:manage',
      params: { id: 'user' },
      answers: {
        200: z
          .object({
            groups: z.array(groupReference),
            apiKeys: z.int(),
            ownsResources: z.int(),
            serviceAccounts: z.array(serviceAccountReference),
          })
          .meta({ id: 'OffboardingPreview' }),
      },
      errors: ['self_change'],
      handle: async ({ by, params: { id: user } }) => ({
        status: 200,
        body: await lifecycle.previewOffboarding(by, user),
      }),
    }),
    route({
      method: 'POST',
      path: '/users/{id}/offboard',
      tag,
      summary: 'Offboard a user in one go',
      description:
        'Deactivates the user immediately, permanently removes their groups and API keys, transfers what they own and the service accounts they answer for, and exports their data.',
      access: 'users:manage',
      params: { id: 'user' },
      query: force,
      body: z.strictObject({
        removeGroups: z.boolean().default(true),
        revokeApiKeys: z.boolean().default(true),
        transferTo: userId.optional(),
        export: z
          .boolean()
          .default(false)
          .meta({ description: 'Exports the data, too: asks for your password.' }),
        ...proof,
      }),
      answers: {
        202: z.object({
          removedGroups: z.int(),
          revokedApiKeys: z.int(),
          transferred: z.int().meta({ description: 'Resources that changed hands.' }),
          ownsResources: z.int().meta({
            description:
              'Resources that the user still owns: transfer them with POST /users/{id}/transfer-ownership.',
          }),
          transferredServiceAccounts: z.int(),
          stoppedServiceAccounts: z.array(serviceAccountReference).meta({
            description: 'Service accounts that the user still answers for: their keys have stopped.',
          }),
          exportId: z.string().nullable(),
        }),
      },
      errors: [
        'last_owner',
        'self_change',
        'target_inactive',
        'managed_by_directory',
        'export_running',
        'password_invalid',
        'step_up_required',
      ],
      handle: async ({ by, params: { id: user }, query, body, client }) => {
        const caller = body.export ? await signIn.prove(by, body, client) : by;
        const { exportId = null, ...done } = await lifecycle.offboard(caller, user, {
          withExport: body.export,
          removeGroups: body.removeGroups,
          revokeApiKeys: body.revokeApiKeys,
          transferTo: body.transferTo,
          force: query.force,
        });
        return { status: 202, body: { ...done, exportId } };
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/export',
      tag,
      summary: "Export a user's data",
      description: 'Asks for your password.',
      access: 'users:export',
      params: { id: 'user' },
      body: z.strictObject(proof),
      location: true,
      answers: { 202: exportShape },
      errors: ['export_running', 'password_invalid', 'step_up_required'],
      handle: async ({ by, params: { id: user }, body, client }) => {
        await users.get(by, user);
        const proven = await signIn.prove(by, body, client);
        const row = await made.get(by, await made.begin(proven, user));
        const begun = presentExport(row, made.link(by, row));
        return { status: 202, body: begun, headers: { Location: `/api/v1/exports/${row.id}` } };
      },
    }),
    route({
      method: 'GET',
      path: '/exports/{id}',
      tag,
      summary: 'Ask how far an export is',
      access: 'users:export',
      params: { id: 'export' },
      answers: { 200: exportShape },
      handle: async ({ by, params: { id } }) => {
        const row = await made.get(by, id);
        return { status: 200, body: presentExport(row, made.link(by, row)) };
      },
    }),
    route({
      method: 'GET',
      path: '/exports/{id}/file',
      tag,
      summary: 'Download an export',
      description: 'A zip of JSON and CSV, for 24 hours.',
      access: 'users:export',
      params: { id: 'export' },
      answers: { 200: { content: 'application/zip' } },
      handle: async ({ by, params: { id } }) => presentFile(await made.file(by, id)),
    }),
    route({
      method: 'GET',
      path: '/exports/download/{token}',
      tag,
      summary: 'Download an export by its link',
      description: 'The downloadUrl of an export: no session, for 24 hours at most.',
      access: 'public',
      answers: { 200: { content: 'application/zip' } },
      handle: async ({ params: { token } }) => presentFile(await made.follow(token)),
    }),
  ];
}
