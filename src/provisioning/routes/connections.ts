import { z } from 'zod';
import type { ConnectionId } from '../../directory/ids.ts';
import { ROLES } from '../../directory/roles/rules/roles.ts';
import { actorReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import { line, presentWhole, proof, role, time, wholeList } from '../../rest/shapes.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { ScimConnectionCommands } from '../commands.ts';
import type { ScimConnection, ScimConnectionQueries } from '../queries.ts';
import { ROLE_SOURCES } from '../settings.ts';

export interface ScimRouteDependencies {
  readonly scimConnections: ScimConnectionCommands;
  readonly scimConnectionQueries: ScimConnectionQueries;
  readonly signIn: SignInCommands;
  readonly publicUrl: string;
}

/** Aliases that a connection may have. */
const MAX_ALIASES = 200;

const connectionShape = z
  .object({
    id: z.string(),
    name: z.string(),
    strict: z.boolean(),
    uniqueEmails: z.boolean().meta({
      description: 'Whether a second user with the same primary e-mail address is refused (409 uniqueness).',
    }),
    roleSource: z.enum(ROLE_SOURCES).meta({
      description:
        'What sets the direct roles of the users: app, this server; scim_roles, the roles that the directory sends; idp_groups, the roles of the groups that it pushes.',
    }),
    roleAliases: z.record(z.string(), z.enum(ROLES)).meta({
      description: 'What the directory calls roles, beside their own names.',
    }),
    roleSourceSetBy: actorReference.nullable().meta({
      description:
        'The user who chose the role source. The directory assigns no role that this user may not assign.',
    }),
    holdMassChanges: z.boolean().meta({
      description:
        'Whether a deactivation or deletion of an unusual share of the users is refused (429) until an administrator allows it. Okta gives up after ten tries.',
    }),
    dryRunSince: time.nullable().meta({
      description: 'Since when it answers as it would and writes nothing; null for one that provisions.',
    }),
    massChangesUntil: time.nullable().meta({ description: 'Until when an administrator allows one.' }),
    signsOn: z.boolean().meta({ description: 'Whether users sign in through it as well.' }),
    tokenCount: z.int().meta({ description: 'Those that are neither revoked nor expired.' }),
    lastUsedAt: time.nullable().meta({ description: 'Of its tokens, to the minute.' }),
    baseUrl: z.string().meta({
      description: 'The SCIM base URL: what the identity provider is given beside a token.',
      example: 'https://rollcall.example/scim/v2',
    }),
    createdAt: time,
  })
  .meta({ id: 'ScimConnection' });

function presentConnection(
  { roleSourceSetter, tokens, ...connection }: ScimConnection,
  publicUrl: string,
): z.input<typeof connectionShape> {
  return {
    ...connection,
    roleSourceSetBy: roleSourceSetter,
    tokenCount: tokens,
    baseUrl: `${publicUrl}/scim/v2`,
  };
}

const name = line;
const strict = z
  .boolean()
  .meta({ description: 'Refuse what RFC 7643 and 7644 do not allow, also from known providers.' });
const uniqueEmails = z.boolean().meta({
  description:
    'Refuse a second user with the same primary e-mail address. Otherwise it is accepted, and only the first of them signs in with the address.',
});
const roleSource = z
  .enum(ROLE_SOURCES, { error: `must be one of ${ROLE_SOURCES.join(', ')}.` })
  .meta({ description: 'What sets the direct roles of the users; see the answer.' });
const roleAliases = z
  .record(z.string().trim().min(1).max(200), role)
  .refine((aliases) => Object.keys(aliases).length <= MAX_ALIASES, `At most ${MAX_ALIASES} aliases.`)
  .meta({ description: 'What the directory calls roles, such as {"Manager": "configure"}.' });
/** What decides the roles of a connection's users. */
export const roleSourceBody = z.strictObject({
  roleSource: roleSource.optional(),
  roleAliases: roleAliases.optional(),
});
const holdMassChanges = z.boolean().meta({
  description:
    'Refuse (429) to deactivate or delete an unusual share of the users within a short time, as the alert rule mass_change says, until an administrator allows it. Okta gives up after ten tries.',
});

const dryRun = z.boolean().meta({
  description:
    'Answer requests as they would be answered and write nothing: for the first sync of a directory. GET …/dry-run tells what would have happened.',
});

/** Connections that provision over SCIM. */
export function scimConnectionRoutes({
  scimConnections,
  scimConnectionQueries,
  signIn,
  publicUrl,
}: ScimRouteDependencies): Route[] {
  const shared = { tag: 'SCIM', access: 'scim:manage' } as const;
  const params = { id: 'scim_connection' } as const;
  const answer = async <Status extends 200 | 201>(
    status: Status,
    by: Parameters<ScimConnectionQueries['get']>[0],
    id: ConnectionId,
  ) => ({
    status,
    body: presentConnection(await scimConnectionQueries.get(by, id), publicUrl),
  });
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/scim/connections',
      summary: 'List connections',
      answers: { 200: wholeList(connectionShape) },
      handle: async ({ by }) => ({
        status: 200,
        body: presentWhole(
          (await scimConnectionQueries.list(by)).map((row) => presentConnection(row, publicUrl)),
        ),
      }),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/scim/connections',
      summary: 'Add a connection',
      description: 'It provisions no users until an identity provider has one of its tokens.',
      body: z.strictObject({
        name,
        strict: strict.default(false),
        uniqueEmails: uniqueEmails.default(false),
        roleSource: roleSource.default('app'),
        roleAliases: roleAliases.default({}),
        holdMassChanges: holdMassChanges.default(false),
        dryRun: dryRun.default(false),
      }),
      answers: { 201: connectionShape },
      errors: ['too_many', 'role_above_limit'],
      handle: async ({ by, body }) => answer(201, by, await scimConnections.create(by, body)),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/scim/connections/{id}',
      summary: 'Read a connection',
      params,
      answers: { 200: connectionShape },
      handle: ({ by, params: { id } }) => answer(200, by, id),
    }),
    route({
      ...shared,
      method: 'PATCH',
      path: '/scim/connections/{id}',
      summary: 'Change the name or the settings of a connection',
      description:
        'Takes effect within a second. Whoever sends a role source or aliases becomes the user whose right to assign roles limits the directory.',
      params,
      body: z.strictObject({
        name: name.optional(),
        strict: strict.optional(),
        uniqueEmails: uniqueEmails.optional(),
        ...roleSourceBody.shape,
        holdMassChanges: holdMassChanges.optional(),
        dryRun: dryRun.optional(),
      }),
      answers: { 200: connectionShape },
      errors: ['role_above_limit'],
      handle: async ({ by, params: { id }, body }) => {
        await scimConnections.update(by, id, {
          name: body.name,
          strict: body.strict,
          uniqueEmails: body.uniqueEmails,
          roleSource: body.roleSource,
          roleAliases: body.roleAliases,
          holdMassChanges: body.holdMassChanges,
          dryRun: body.dryRun,
        });
        return answer(200, by, id);
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/scim/connections/{id}',
      summary: 'Remove a SCIM connection',
      description:
        'Its tokens stop working within a second. Its users and groups stay as they are, with memberships and roles, and are administered here from then on: a job releases them, and the connection is gone from lists at once. Single sign-on through it stays. Asks for your password.',
      sessionOnly: true,
      params,
      body: z.strictObject({ ...proof }),
      answers: { 202: 'nothing' },
      errors: ['password_invalid', 'step_up_required'],
      handle: async ({ by, client, params: { id }, body }) => {
        await scimConnectionQueries.get(by, id);
        await scimConnections.remove(await signIn.prove(by, body, client), id);
        return { status: 202 };
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/scim/connections/{id}/allow-mass-change',
      summary: 'Allow a mass change',
      description:
        'Lets a connection with holdMassChanges deactivate and delete as many users as it sends, for some minutes from now. Takes effect within a second. Asks for your password.',
      sessionOnly: true,
      params,
      body: z.strictObject({ minutes: z.int().min(1).max(1_440).default(60), ...proof }),
      answers: { 200: connectionShape },
      errors: ['password_invalid', 'step_up_required'],
      handle: async ({ by, params: { id }, body, client }) => {
        const { minutes, ...given } = body;
        await scimConnectionQueries.get(by, id);
        await scimConnections.allowMassChange(await signIn.prove(by, given, client), id, minutes);
        return answer(200, by, id);
      },
    }),
  ];
}
